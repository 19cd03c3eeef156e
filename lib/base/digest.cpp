#include "base/digest.hpp"

#include "base/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace boom::base {
namespace {

const EVP_MD* algorithm_of(Digest kind) {
    switch (kind) {
        case Digest::Md5:
            return EVP_md5();
        case Digest::Sha1:
            return EVP_sha1();
        case Digest::Sha256:
            return EVP_sha256();
        case Digest::Sha512:
            return EVP_sha512();
    }
    return EVP_sha256();
}

}  // namespace

std::string digest(Digest kind, std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const int ok =
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   algorithm_of(kind), nullptr);
    BOOM_ASSERT(ok == 1);
    out.resize(size);
    return out;
}

std::string hmac(Digest kind, std::string_view key, std::string_view bytes) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const auto* result = HMAC(algorithm_of(kind), key.data(), static_cast<int>(key.size()),
                              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                              reinterpret_cast<unsigned char*>(out.data()), &size);
    BOOM_ASSERT(result != nullptr);
    out.resize(size);
    return out;
}

std::string hex_text(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

std::string sha256_hex(std::string_view bytes) {
    return hex_text(digest(Digest::Sha256, bytes));
}

struct Sha256::State {
    State() { BOOM_ASSERT(context != nullptr); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
    EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    const int ok = EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
    BOOM_ASSERT(ok == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    const int ok = EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
    BOOM_ASSERT(ok == 1);
}

std::string Sha256::hex() {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    const int ok =
        EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size);
    BOOM_ASSERT(ok == 1);
    out.resize(size);
    return hex_text(out);
}

std::string md5_hex(std::string_view bytes) {
    return hex_text(digest(Digest::Md5, bytes));
}

std::string sha1(std::string_view bytes) {
    return digest(Digest::Sha1, bytes);
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
    return hmac(Digest::Sha256, key, bytes);
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
    // Comparing digests makes the time independent of the lengths too.
    const std::string x = sha256_hex(a);
    const std::string y = sha256_hex(b);
    return CRYPTO_memcmp(x.data(), y.data(), x.size()) == 0;
}

}  // namespace boom::base
