#pragma once
// Message digests by libcrypto. Any thread.

#include <memory>
#include <string>
#include <string_view>

namespace boom::base {

enum class Digest { Md5, Sha1, Sha256, Sha512 };
// The raw bytes. Md5 and Sha1 are for those who ask for them by name: no protection.
[[nodiscard]] std::string digest(Digest kind, std::string_view bytes);
[[nodiscard]] std::string hmac(Digest kind, std::string_view key, std::string_view bytes);
[[nodiscard]] std::string hex_text(std::string_view bytes);  // lower case
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
// The same of bytes that come one after the other. One thread.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view bytes);
    [[nodiscard]] std::string hex();  // once, of all

private:
    struct State;
    std::unique_ptr<State> state_;
};
[[nodiscard]] std::string md5_hex(std::string_view bytes);
// 20 bytes, only for what asks for it by name (RFC 6455): no protection.
[[nodiscard]] std::string sha1(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 bytes
// 32 bytes from a secret that people chose, by PBKDF2: slow on purpose (about 0.1 s), so that a
// weak secret is not guessed quickly. Another purpose gives another key.
[[nodiscard]] std::string derive_key(std::string_view secret, std::string_view purpose);
// Same result, same time wherever the first difference is.
[[nodiscard]] bool equals_in_constant_time(std::string_view a, std::string_view b);

}  // namespace boom::base
