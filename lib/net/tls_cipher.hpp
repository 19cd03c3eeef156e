#pragma once
// AES-GCM (NIST SP 800-38D) over whole records with one key, a tenth of what the general
// interface of OpenSSL 3 costs for records of a few hundred bytes. One thread.

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

struct gcm_key_data;

namespace boom::net {

class RecordCipher {
public:
    static constexpr std::size_t kTagBytes = 16;
    using Nonce = std::array<unsigned char, 12>;

    // The library for it is there, and the processor has the instructions.
    [[nodiscard]] static bool is_available();

    // REQUIRES: is_available(), 16 or 32 bytes.
    explicit RecordCipher(std::string_view key);
    ~RecordCipher();
    RecordCipher(RecordCipher&&) noexcept;
    RecordCipher& operator=(RecordCipher&&) noexcept;

    // The key is used soon: fetches it into the caches (base/prefetch).
    void prefetch() const;
    // In place; the tag goes behind the text.
    void seal(const Nonce& nonce, std::string_view header, char* text, std::size_t size) const;
    // False: not sealed so. `out` takes sealed.size() - kTagBytes. REQUIRES: room for a tag.
    [[nodiscard]] bool open(const Nonce& nonce, std::string_view header, std::string_view sealed,
                            char* out) const;

private:
    std::unique_ptr<gcm_key_data> key_;
    std::size_t key_bytes_;
};

}  // namespace boom::net
