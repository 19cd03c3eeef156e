#include "net/tls_library.hpp"

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace boom::net {
namespace {

constexpr const char* kDefault = "default";
constexpr const char* kSelected = "boom-selected";
constexpr std::string_view kPublicKeyOfCertificate = "structure=SubjectPublicKeyInfo";
constexpr std::array<std::string_view, 6> kKeysOfCertificates = {"RSA",     "RSA-PSS", "EC",
                                                                 "ED25519", "ED448",   "DSA"};

// The default provider, in a library of its own, and those of its decoders that are handed on.
// What OpenSSL calls back gets the default provider's context and so cannot be told apart by it.
struct Origin {
    OSSL_PROVIDER* provider = nullptr;
    std::vector<OSSL_ALGORITHM> decoders;
};
Origin& origin() {
    static Origin only;
    return only;
}

bool is_selected(const OSSL_ALGORITHM& decoder) {
    const std::string_view names = decoder.algorithm_names;  // "NAME:ALIAS:OID"
    const std::string_view properties = decoder.property_definition;
    return properties.find(kPublicKeyOfCertificate) != std::string_view::npos &&
           std::ranges::find(kKeysOfCertificates, names.substr(0, names.find(':'))) !=
               kKeysOfCertificates.end();
}

const OSSL_ALGORITHM* query(void* /*context*/, int operation, int* may_not_be_kept) {
    switch (operation) {
        case OSSL_OP_DECODER:
            *may_not_be_kept = 0;
            return origin().decoders.data();
        case OSSL_OP_ENCODER:
        case OSSL_OP_STORE:
            return nullptr;
        default:
            return ::OSSL_PROVIDER_query_operation(origin().provider, operation, may_not_be_kept);
    }
}

const OSSL_PARAM* known_parameters(void* /*context*/) {
    return ::OSSL_PROVIDER_gettable_params(origin().provider);
}

int parameters(void* /*context*/, OSSL_PARAM* wanted) {
    return ::OSSL_PROVIDER_get_params(origin().provider, wanted);
}

int capabilities(void* /*context*/, const char* capability, OSSL_CALLBACK* take, void* argument) {
    return ::OSSL_PROVIDER_get_capabilities(origin().provider, capability, take, argument);
}

template <typename Function>
OSSL_DISPATCH entry(int id, Function* function) {
    return {id, reinterpret_cast<void (*)()>(function)};
}

int begin(const OSSL_CORE_HANDLE* /*core*/, const OSSL_DISPATCH* /*of_core*/,
          const OSSL_DISPATCH** functions, void** context) {
    static const std::array<OSSL_DISPATCH, 5> kFunctions = {
        entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
        entry(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, known_parameters),
        entry(OSSL_FUNC_PROVIDER_GET_PARAMS, parameters),
        entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, capabilities), OSSL_DISPATCH{0, nullptr}};
    OSSL_LIB_CTX* const library = ::OSSL_LIB_CTX_new();
    Origin& ours = origin();
    ours.provider = library == nullptr ? nullptr : ::OSSL_PROVIDER_load(library, kDefault);
    if (ours.provider == nullptr) {
        return 0;
    }
    int may_not_be_kept = 0;
    const OSSL_ALGORITHM* decoder =
        ::OSSL_PROVIDER_query_operation(ours.provider, OSSL_OP_DECODER, &may_not_be_kept);
    for (; decoder != nullptr && decoder->algorithm_names != nullptr; ++decoder) {
        if (is_selected(*decoder)) {
            ours.decoders.push_back(*decoder);
        }
    }
    ours.decoders.push_back({});
    *context = ::OSSL_PROVIDER_get0_provider_ctx(ours.provider);
    *functions = kFunctions.data();
    return 1;
}

OSSL_LIB_CTX* make_library() {
    // A system may ask for other providers, or for certified algorithms alone.
    if (::OSSL_PROVIDER_available(nullptr, kDefault) != 1 ||
        ::EVP_default_properties_is_fips_enabled(nullptr) == 1) {
        return nullptr;
    }
    OSSL_LIB_CTX* const library = ::OSSL_LIB_CTX_new();
    if (library != nullptr && (::OSSL_PROVIDER_add_builtin(library, kSelected, begin) != 1 ||
                               ::OSSL_PROVIDER_load(library, kSelected) == nullptr)) {
        ::ERR_clear_error();
        return nullptr;
    }
    return library;
}

}  // namespace

OSSL_LIB_CTX* client_tls_library() {
    // Never freed: sessions and keys that were made with it may outlive everything else.
    static OSSL_LIB_CTX* const kLibrary = make_library();
    return kLibrary;
}

}  // namespace boom::net
