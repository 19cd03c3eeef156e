#include "base/digest.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <span>

namespace boom::base {
namespace {

std::string hex(std::span<const unsigned char> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const unsigned char b : bytes) {
        text += fmt::format("{:02x}", b);
    }
    return text;
}

std::string digest_hex(const EVP_MD* algorithm, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const int ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr);
    BOOM_ASSERT(ok == 1);
    return hex(std::span(out).first(size));
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    return digest_hex(EVP_sha256(), bytes);
}
std::string md5_hex(std::string_view bytes) {
    return digest_hex(EVP_md5(), bytes);
}

std::string sha1(std::string_view bytes) {
    std::string out(20, '\0');
    const int ok =
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                   nullptr, EVP_sha1(), nullptr);
    BOOM_ASSERT(ok == 1);
    return out;
}

std::string derive_key(std::string_view secret, std::string_view purpose) {
    constexpr int kRounds = 200'000;
    std::string out(32, '\0');
    const int ok = PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()),
                                     reinterpret_cast<const unsigned char*>(purpose.data()),
                                     static_cast<int>(purpose.size()), kRounds, EVP_sha256(),
                                     static_cast<int>(out.size()),
                                     reinterpret_cast<unsigned char*>(out.data()));
    BOOM_ASSERT(ok == 1);
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string out(32, '\0');
    unsigned size = 0;
    const auto* result = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                              reinterpret_cast<unsigned char*>(out.data()), &size);
    BOOM_ASSERT(result != nullptr);
    return out;
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
    // Comparing digests makes the time independent of the lengths too.
    const std::string x = sha256_hex(a);
    const std::string y = sha256_hex(b);
    return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

}  // namespace boom::base
