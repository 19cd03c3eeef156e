#include "net/freer.hpp"
#include "net/tls_context_state.hpp"
#include "net/tls_library.hpp"
#include "net/tls_stream.hpp"
#include "net/tls_takeover.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace boom::net {
namespace {

using Bio = std::unique_ptr<BIO, Freer<::BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<::EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<::X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<::X509_EXTENSION_free>>;

constexpr long kValidSeconds = 365L * 24 * 3600;
constexpr long kClockSkewSeconds = 24L * 3600;
constexpr long kVersion3 = 2;
constexpr std::array<unsigned char, 12> kProtocols = {2,   'h', '2', 8,   'h', 't',
                                                      't', 'p', '/', '1', '.', '1'};
constexpr std::size_t kHttp1Begin = 3;

// Those of one side, the preferred one first.
struct Protocols {
    const unsigned char* begin;
    unsigned int size;
};
Protocols protocols_of(TlsContext::Protocol protocol) {
    const std::size_t begin = protocol == TlsContext::Protocol::Http2 ? 0 : kHttp1Begin;
    return {kProtocols.data() + begin, static_cast<unsigned int>(kProtocols.size() - begin)};
}

Bio reader_of(const std::string& text) {
    return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// A client that offers other protocols too is told which one is spoken (RFC 7301).
template <TlsContext::Protocol Spoken>
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
    const Protocols ours = protocols_of(Spoken);
    unsigned char* found = nullptr;
    if (::SSL_select_next_proto(&found, chosen_size, ours.begin, ours.size, offered,
                                offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

int accept_any(X509_STORE_CTX* /*chain*/, void* /*unused*/) {
    return 1;
}

bool add_extension(X509* certificate, int kind, const char* value) {
    const Extension extension(::X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    return extension != nullptr && ::X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key) {
    static constexpr std::array<unsigned char, 9> kName = {'l', 'o', 'c', 'a', 'l',
                                                           'h', 'o', 's', 't'};
    X509_NAME* name = ::X509_get_subject_name(certificate);
    return ::X509_set_version(certificate, kVersion3) == 1 &&
           ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1) == 1 &&
           ::X509_gmtime_adj(X509_getm_notBefore(certificate), -kClockSkewSeconds) != nullptr &&
           ::X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr &&
           ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName.data(), kName.size(), -1,
                                        0) == 1 &&
           ::X509_set_issuer_name(certificate, name) == 1 &&
           ::X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_subject_alt_name,
                         "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1") &&
           ::X509_sign(certificate, key, ::EVP_sha256()) > 0;
}

std::unique_ptr<SSL_CTX, Freer<::SSL_CTX_free>> make_raw(const SSL_METHOD* method,
                                                         OSSL_LIB_CTX* library = nullptr) {
    ::ERR_clear_error();
    std::unique_ptr<SSL_CTX, Freer<::SSL_CTX_free>> raw(::SSL_CTX_new_ex(library, nullptr, method));
    if (raw != nullptr) {
        static_cast<void>(SSL_CTX_set_min_proto_version(raw.get(), TLS1_2_VERSION));
        static_cast<void>(::SSL_CTX_set_options(raw.get(), SSL_OP_NO_RENEGOTIATION));
    }
    return raw;
}

}  // namespace

TlsContext::State::~State() {
    ::SSL_CTX_free(raw);
}

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

std::string take_tls_error() {
    const unsigned long code = ::ERR_get_error();
    ::ERR_clear_error();
    std::array<char, 256> text{};
    if (code == 0) {
        return "the TLS library gives no reason";
    }
    const char* reason = ::ERR_reason_error_string(code);
    if (reason != nullptr) {
        return reason;
    }
    ::ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

TlsContext::Made TlsContext::for_server(const TlsIdentity& identity, Protocol protocol) {
    auto raw = make_raw(::TLS_server_method());
    const Bio certificate_text = reader_of(identity.certificate);
    const Bio key_text = reader_of(identity.key);
    const Certificate certificate(
        ::PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
    const Key key(::PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    if (raw == nullptr || certificate == nullptr || key == nullptr ||
        ::SSL_CTX_use_certificate(raw.get(), certificate.get()) != 1 ||
        ::SSL_CTX_use_PrivateKey(raw.get(), key.get()) != 1) {
        return {nullptr, take_tls_error()};
    }
    ::SSL_CTX_set_alpn_select_cb(raw.get(),
                                 protocol == Protocol::Http2 ? choose_protocol<Protocol::Http2>
                                                             : choose_protocol<Protocol::Http1>,
                                 nullptr);
    auto state = std::make_unique<State>();
    state->raw = raw.release();
    return {std::unique_ptr<TlsContext>(new TlsContext(std::move(state))), {}};
}

TlsContext::Made TlsContext::for_server_files(const std::string& certificate_file,
                                              const std::string& key_file) {
    auto raw = make_raw(::TLS_server_method());
    if (raw == nullptr ||
        ::SSL_CTX_use_certificate_chain_file(raw.get(), certificate_file.c_str()) != 1 ||
        ::SSL_CTX_use_PrivateKey_file(raw.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        ::SSL_CTX_check_private_key(raw.get()) != 1) {
        return {nullptr, take_tls_error()};
    }
    ::SSL_CTX_set_alpn_select_cb(raw.get(), choose_protocol<Protocol::Http1>, nullptr);
    auto state = std::make_unique<State>();
    state->raw = raw.release();
    return {std::unique_ptr<TlsContext>(new TlsContext(std::move(state))), {}};
}

TlsContext::Made TlsContext::for_client(Verify verify, const std::string& ca_file) {
    return for_client_files(verify, {ca_file, {}, {}});
}

TlsContext::Made TlsContext::for_client_files(Verify verify, const ClientFiles& files,
                                              Protocol protocol) {
    auto state = std::make_unique<State>();
    // The key of a certificate of its own needs decoders that the lean library lacks.
    auto raw =
        make_raw(::TLS_client_method(), files.certificate.empty() ? client_tls_library() : nullptr);
    if (raw == nullptr) {
        return {nullptr, take_tls_error()};
    }
    if (verify == Verify::Nothing) {
        // Else OpenSSL judges the chain and ignores its own verdict.
        ::SSL_CTX_set_cert_verify_callback(raw.get(), accept_any, nullptr);
    } else {
        ::SSL_CTX_set_verify(raw.get(), SSL_VERIFY_PEER, nullptr);
        ::SSL_CTX_set_cert_verify_callback(raw.get(), TlsVerdicts::verify, &state->verdicts);
        const int loaded = files.ca.empty() ? ::SSL_CTX_set_default_verify_paths(raw.get())
                                            : ::SSL_CTX_load_verify_locations(
                                                  raw.get(), files.ca.c_str(), nullptr);
        if (loaded != 1) {
            return {nullptr, take_tls_error()};
        }
    }
    const std::string& key = files.key.empty() ? files.certificate : files.key;
    if (!files.certificate.empty() &&
        (::SSL_CTX_use_certificate_chain_file(raw.get(), files.certificate.c_str()) != 1 ||
         ::SSL_CTX_use_PrivateKey_file(raw.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 ||
         ::SSL_CTX_check_private_key(raw.get()) != 1)) {
        return {nullptr, take_tls_error()};
    }
    const Protocols offered = protocols_of(protocol);
    static_cast<void>(::SSL_CTX_set_alpn_protos(raw.get(), offered.begin, offered.size));
    // Sessions are kept by who owns the connections, not by the context.
    static_cast<void>(SSL_CTX_set_session_cache_mode(raw.get(), SSL_SESS_CACHE_OFF));
    TlsTakeover::prepare(raw.get());
    state->raw = raw.release();
    state->is_client = true;
    return {std::unique_ptr<TlsContext>(new TlsContext(std::move(state))), {}};
}

TlsIdentity make_self_signed_identity() {
    const Key key(::EVP_EC_gen("P-256"));
    const Certificate certificate(::X509_new());
    const Bio certificate_text(::BIO_new(::BIO_s_mem()));
    const Bio key_text(::BIO_new(::BIO_s_mem()));
    if (key == nullptr || certificate == nullptr || certificate_text == nullptr ||
        key_text == nullptr || !fill(certificate.get(), key.get()) ||
        ::PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
        ::PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                   nullptr) != 1) {
        return {};
    }
    return {text_of(certificate_text.get()), text_of(key_text.get())};
}

}  // namespace boom::net
