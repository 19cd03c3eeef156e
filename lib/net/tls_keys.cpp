#include "net/tls_keys.hpp"

#include "base/assert.hpp"
#include "net/freer.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>

namespace boom::net {
namespace {

OSSL_PARAM octets(const char* name, std::string_view value) {
    // OpenSSL only reads it.
    return ::OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

OSSL_PARAM text(const char* name, const std::string& value) {
    return ::OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value.c_str()), value.size());
}

std::string derive(EVP_KDF* kdf, const OSSL_PARAM* parameters, std::size_t size) {
    const std::unique_ptr<EVP_KDF_CTX, Freer<::EVP_KDF_CTX_free>> context(::EVP_KDF_CTX_new(kdf));
    std::string result(size, '\0');
    const int done = ::EVP_KDF_derive(
        context.get(), reinterpret_cast<unsigned char*>(result.data()), size, parameters);
    BOOM_ASSERT(done == 1);
    return result;
}

}  // namespace

std::string expand_label(std::string_view secret, std::string_view label, std::size_t size,
                         const std::string& digest) {
    static EVP_KDF* const kdf = ::EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr);
    constexpr std::string_view kPrefix = "tls13 ";
    std::string info;
    info += static_cast<char>(size >> 8U);
    info += static_cast<char>(size & 0xffU);
    info += static_cast<char>(kPrefix.size() + label.size());
    info.append(kPrefix).append(label);
    info += '\0';  // the length of the context
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const std::array<OSSL_PARAM, 5> parameters = {
        ::OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode), text(OSSL_KDF_PARAM_DIGEST, digest),
        octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_INFO, info),
        ::OSSL_PARAM_construct_end()};
    return derive(kdf, parameters.data(), size);
}

std::string expand_keys(std::string_view master_secret, std::string_view client_random,
                        std::string_view server_random, std::size_t size,
                        const std::string& digest) {
    static EVP_KDF* const kdf = ::EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_PRF, nullptr);
    std::string seed = "key expansion";
    seed.append(server_random).append(client_random);
    const std::array<OSSL_PARAM, 4> parameters = {
        text(OSSL_KDF_PARAM_DIGEST, digest), octets(OSSL_KDF_PARAM_SECRET, master_secret),
        octets(OSSL_KDF_PARAM_SEED, seed), ::OSSL_PARAM_construct_end()};
    return derive(kdf, parameters.data(), size);
}

}  // namespace boom::net
