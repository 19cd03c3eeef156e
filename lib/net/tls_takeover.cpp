#include "net/tls_takeover.hpp"

#include "net/tls_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace boom::net {
namespace {

constexpr std::size_t kNonceBytes13 = 12;
constexpr std::size_t kFixedNonceBytes12 = 4;
constexpr std::size_t kMasterSecretBytes = 48;
constexpr std::size_t kRandomBytes = 32;
constexpr unsigned char kKeyUpdate = 24;

std::size_t key_bytes_of(const SSL_CIPHER* cipher) {
    switch (::SSL_CIPHER_get_cipher_nid(cipher)) {
        case NID_aes_128_gcm:
            return 16;
        case NID_aes_256_gcm:
            return 32;
        default:
            return 0;
    }
}

// Empty when it is none.
std::string from_hex(const char* text) {
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    std::size_t size = 0;
    const int done = ::OPENSSL_hexstr2buf_ex(reinterpret_cast<unsigned char*>(bytes.data()),
                                             bytes.size(), &size, text, '\0');
    bytes.resize(done == 1 ? size : 0);
    return bytes;
}

std::string_view view(const std::array<unsigned char, kRandomBytes>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void TlsTakeover::prepare(ssl_ctx_st* context) {
    ::SSL_CTX_set_keylog_callback(context, on_secret);
}

TlsTakeover::TlsTakeover(ssl_st* ssl) : ssl_(ssl) {
    static_cast<void>(::SSL_set_ex_data(ssl, 0, this));
}

TlsTakeover::~TlsTakeover() {
    ::SSL_set_msg_callback(ssl_, nullptr);
    static_cast<void>(::SSL_set_ex_data(ssl_, 0, nullptr));
}

// "LABEL random secret", in the form of the key log files of browsers.
void TlsTakeover::on_secret(const ssl_st* ssl, const char* line) {
    auto* const self = static_cast<TlsTakeover*>(::SSL_get_ex_data(ssl, 0));
    const std::string_view text = line;
    const std::size_t secret = text.rfind(' ') + 1;
    if (self == nullptr || secret == 0) {
        return;
    }
    if (text.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) {
        self->write_secret_ = from_hex(line + secret);
    } else if (text.starts_with("SERVER_TRAFFIC_SECRET_0 ")) {
        self->read_secret_ = from_hex(line + secret);
    }
}

void TlsTakeover::begin(std::size_t unread) {
    key_bytes_ = key_bytes_of(::SSL_get_current_cipher(ssl_));
    received_ = unread;
    if (key_bytes_ > 0) {
        ::SSL_set_msg_callback(ssl_, on_message);
        SSL_set_msg_callback_arg(ssl_, this);
    }
}

void TlsTakeover::on_message(int is_written, int /*version*/, int content, const void* bytes,
                             std::size_t size, ssl_st* /*ssl*/, void* self) {
    auto& takeover = *static_cast<TlsTakeover*>(self);
    const auto* const begin = static_cast<const unsigned char*>(bytes);
    if (content == SSL3_RT_HANDSHAKE && size > 0 && *begin == kKeyUpdate) {
        takeover.key_bytes_ = 0;  // its keys are known to OpenSSL alone
    }
    if (content == SSL3_RT_HEADER && size >= SSL3_RT_HEADER_LENGTH) {
        Count& count = is_written == 1 ? takeover.written_ : takeover.read_;
        ++count.records;
        count.bytes += SSL3_RT_HEADER_LENGTH + (std::size_t{begin[3]} << 8U | begin[4]);
    }
}

std::optional<TlsRecords::Agreement> TlsTakeover::take_over() {
    if (key_bytes_ == 0 || read_.records == 0 || read_.bytes != received_) {
        return std::nullopt;
    }
    const SSL_CIPHER* cipher = ::SSL_get_current_cipher(ssl_);
    TlsRecords::Agreement agreement;
    agreement.digest = ::EVP_MD_get0_name(::SSL_CIPHER_get_handshake_digest(cipher));
    bool is_made = false;
    switch (::SSL_version(ssl_)) {
        case TLS1_2_VERSION:
            agreement.version = TlsRecords::Version::Tls12;
            is_made = make_keys12(agreement);
            break;
        case TLS1_3_VERSION:
            agreement.version = TlsRecords::Version::Tls13;
            is_made = make_keys13(agreement);
            break;
        default:
            break;
    }
    if (!is_made) {
        key_bytes_ = 0;
        return std::nullopt;
    }
    return agreement;
}

bool TlsTakeover::make_keys12(TlsRecords::Agreement& agreement) const {
    std::string master(kMasterSecretBytes, '\0');
    std::array<unsigned char, kRandomBytes> client{};
    std::array<unsigned char, kRandomBytes> server{};
    const bool is_known =
        ::SSL_SESSION_get_master_key(::SSL_get_session(ssl_),
                                     reinterpret_cast<unsigned char*>(master.data()),
                                     master.size()) == master.size() &&
        ::SSL_get_client_random(ssl_, client.data(), client.size()) == client.size() &&
        ::SSL_get_server_random(ssl_, server.data(), server.size()) == server.size();
    if (!is_known) {
        return false;
    }
    const std::string block = expand_keys(master, view(client), view(server),
                                          2 * (key_bytes_ + kFixedNonceBytes12), agreement.digest);
    const std::size_t nonces = 2 * key_bytes_;
    // Each side's last message of the handshake was the first record under these keys.
    agreement.write = {block.substr(0, key_bytes_),
                       block.substr(nonces, kFixedNonceBytes12),
                       {},
                       written_.records + 1};
    agreement.read = {block.substr(key_bytes_, key_bytes_),
                      block.substr(nonces + kFixedNonceBytes12, kFixedNonceBytes12),
                      {},
                      read_.records + 1};
    return true;
}

bool TlsTakeover::make_keys13(TlsRecords::Agreement& agreement) const {
    if (read_secret_.empty() || write_secret_.empty()) {
        return false;
    }
    const auto keys = [&](const std::string& secret, std::uint64_t next) {
        return TlsRecords::Keys{expand_label(secret, "key", key_bytes_, agreement.digest),
                                expand_label(secret, "iv", kNonceBytes13, agreement.digest), secret,
                                next};
    };
    agreement.read = keys(read_secret_, read_.records);
    agreement.write = keys(write_secret_, written_.records);
    return true;
}

}  // namespace boom::net
