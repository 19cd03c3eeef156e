#include "net/tls_stream.hpp"

#include "base/assert.hpp"
#include "base/prefetch.hpp"
#include "net/tls_context_state.hpp"
#include "net/tls_records.hpp"
#include "net/tls_takeover.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace boom::net {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;
// From here on an idle stream gives its 34 KB of buffers back, which costs a tenth of a request.
constexpr int kStreamsWithBuffers = 300;

// Cheaper than to clear what is empty, three times a request.
void forget_old_errors() {
    if (::ERR_peek_error() != 0) {
        ::ERR_clear_error();
    }
}

BIO* make_bio() {
    BIO* const bio = ::BIO_new(::BIO_s_mem());
    BOOM_ASSERT(bio != nullptr);
    // An empty buffer means "more later", not the end of the connection.
    ::BIO_set_mem_eof_return(bio, -1);
    return bio;
}

int to_size(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

struct TlsStream::State {
    SSL* ssl = nullptr;
    BIO* from_peer = nullptr;  // owned by ssl
    BIO* to_peer = nullptr;    // owned by ssl
    Phase phase = Phase::Handshake;
    bool has_lean_bios = false;
    std::string error;
    std::shared_ptr<std::atomic<int>> streams;  // of the context, this one among them

    // A client goes on without OpenSSL as soon as it can; null: not yet, or never.
    std::unique_ptr<TlsTakeover> takeover;
    std::optional<TlsRecords> records;  // then ssl is null, and these are what it said:
    TlsSession session;
    bool is_resumed = false;
    bool has_chosen_http2 = false;

    State() = default;
    ~State() { free_ssl(); }
    void free_ssl() {
        takeover.reset();
        if (ssl != nullptr) {
            ::SSL_free(std::exchange(ssl, nullptr));
            --*streams;
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

TlsStream::TlsStream(const TlsContext& context, const std::string& server_name)
    : state_(std::make_unique<State>()) {
    const bool is_client = context.state_->is_client;
    state_->streams = context.state_->streams;
    state_->ssl = ::SSL_new(context.state_->raw);
    BOOM_ASSERT(state_->ssl != nullptr);
    state_->from_peer = make_bio();
    state_->to_peer = make_bio();
    ::SSL_set_bio(state_->ssl, state_->from_peer, state_->to_peer);
    if (++*state_->streams > kStreamsWithBuffers) {
        static_cast<void>(SSL_set_mode(state_->ssl, SSL_MODE_RELEASE_BUFFERS));
    } else {
        state_->has_lean_bios = true;  // what the handshake left in them stays
    }
    if (!is_client) {
        ::SSL_set_accept_state(state_->ssl);
        return;
    }
    ::SSL_set_connect_state(state_->ssl);
    if (RecordCipher::is_available()) {
        state_->takeover = std::make_unique<TlsTakeover>(state_->ssl);
    }
    X509_VERIFY_PARAM* wanted = ::SSL_get0_param(state_->ssl);
    // A literal address goes into no server name indication (RFC 6066 section 3).
    if (::X509_VERIFY_PARAM_set1_ip_asc(wanted, server_name.c_str()) != 1 && !server_name.empty()) {
        static_cast<void>(::SSL_set1_host(state_->ssl, server_name.c_str()));
        // What SSL_set_tlsext_host_name() does, without the C cast of that macro.
        std::string name = server_name;
        static_cast<void>(::SSL_ctrl(state_->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                     TLSEXT_NAMETYPE_host_name, name.data()));
    }
    ::ERR_clear_error();
}

TlsStream::~TlsStream() = default;
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;

void TlsSession::Freer::operator()(ssl_session_st* session) const {
    ::SSL_SESSION_free(session);
}

void TlsStream::resume(const TlsSession& session) {
    if (!session.is_empty()) {
        static_cast<void>(::SSL_set_session(state_->ssl, session.raw_.get()));
        ::ERR_clear_error();
    }
}

bool TlsStream::is_resumed() const {
    return state_->records ? state_->is_resumed : ::SSL_session_reused(state_->ssl) == 1;
}

bool TlsStream::has_chosen_http2() const {
    if (state_->records) {
        return state_->has_chosen_http2;
    }
    const unsigned char* chosen = nullptr;
    unsigned int size = 0;
    ::SSL_get0_alpn_selected(state_->ssl, &chosen, &size);
    return size == 2 && chosen[0] == 'h' && chosen[1] == '2';
}

bool TlsStream::has_own_records() const {
    return state_->records.has_value();
}

TlsSession TlsStream::take_session() {
    TlsSession session;
    if (state_->phase == Phase::Open || state_->phase == Phase::Ended) {
        session = state_->records ? std::move(state_->session) : session_of_openssl();
        state_->phase = Phase::Ended;
    }
    return session;
}

TlsSession TlsStream::session_of_openssl() {
    // Else OpenSSL takes a connection that is simply freed for a broken one, and its session for
    // unusable.
    ::SSL_set_shutdown(state_->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    TlsSession session;
    session.raw_.reset(::SSL_get1_session(state_->ssl));
    if (session.raw_ != nullptr && ::SSL_SESSION_is_resumable(session.raw_.get()) != 1) {
        session.raw_.reset();
    }
    return session;
}

TlsStream::Phase TlsStream::phase() const {
    return state_->phase;
}

const std::string& TlsStream::error() const {
    return state_->error;
}

void TlsStream::prefetch(int step) const {
    if (step == 0) {
        base::prefetch(state_.get());
    } else if (step == 1 && state_->records) {
        state_->records->prefetch();
    }
}

void TlsStream::start(std::string& to_peer) {
    shake_hands();
    take_output(to_peer);
}

TlsStream::Phase TlsStream::receive(std::string_view from_peer, std::string& plain,
                                    std::string& to_peer) {
    if (state_->records) {
        return receive_records(from_peer, plain, to_peer);
    }
    const std::size_t plain_before = plain.size();
    while (!from_peer.empty() && state_->phase != Phase::Failed) {
        const int taken =
            ::BIO_write(state_->from_peer, from_peer.data(), to_size(from_peer.size()));
        BOOM_ASSERT(taken > 0);
        from_peer.remove_prefix(static_cast<std::size_t>(taken));
        if (state_->phase == Phase::Handshake) {
            shake_hands();
        } else if (state_->takeover != nullptr) {
            state_->takeover->add_received(static_cast<std::size_t>(taken));
        }
        if (state_->phase == Phase::Open) {
            read_plain(plain);
        }
    }
    take_output(to_peer);
    if (state_->phase == Phase::Open && plain.size() > plain_before) {
        take_over();
    }
    if (state_->ssl != nullptr && !state_->has_lean_bios && state_->phase == Phase::Open &&
        BIO_pending(state_->from_peer) == 0) {
        use_lean_bios();
    }
    return state_->phase;
}

TlsStream::Phase TlsStream::receive_records(std::string_view from_peer, std::string& plain,
                                            std::string& to_peer) {
    if (state_->phase != Phase::Open) {
        return state_->phase;
    }
    switch (state_->records->receive(from_peer, plain, to_peer)) {
        case TlsRecords::State::Open:
            break;
        case TlsRecords::State::Ended:
            state_->phase = Phase::Ended;
            break;
        case TlsRecords::State::Failed:
            state_->phase = Phase::Failed;
            state_->error = state_->records->error();
            break;
    }
    return state_->phase;
}

// From here on OpenSSL would only cost: two thirds of the time and nine tenths of the memory.
void TlsStream::take_over() {
    auto agreement = state_->takeover != nullptr ? state_->takeover->take_over() : std::nullopt;
    if (!agreement) {
        return;
    }
    state_->is_resumed = is_resumed();
    state_->has_chosen_http2 = has_chosen_http2();
    state_->session = session_of_openssl();
    state_->records.emplace(std::move(*agreement));
    state_->free_ssl();
    ::ERR_clear_error();
}

// They grew with the certificates of the handshake and would stay so.
void TlsStream::use_lean_bios() {
    state_->has_lean_bios = true;
    state_->from_peer = make_bio();
    state_->to_peer = make_bio();
    ::SSL_set0_rbio(state_->ssl, state_->from_peer);
    ::SSL_set0_wbio(state_->ssl, state_->to_peer);
}

bool TlsStream::send(std::string_view plain, std::string& to_peer) {
    if (state_->phase != Phase::Open && state_->phase != Phase::Ended) {
        return false;
    }
    if (state_->records) {
        state_->records->send(plain, to_peer);
        return true;
    }
    while (!plain.empty()) {
        forget_old_errors();
        const int written = ::SSL_write(state_->ssl, plain.data(), to_size(plain.size()));
        if (written <= 0) {
            fail();
            return false;
        }
        plain.remove_prefix(static_cast<std::size_t>(written));
    }
    take_output(to_peer);
    return true;
}

void TlsStream::end(std::string& to_peer) {
    if (state_->phase != Phase::Open && state_->phase != Phase::Ended) {
        return;
    }
    if (state_->records) {
        state_->records->end(to_peer);
    } else {
        forget_old_errors();
        static_cast<void>(::SSL_shutdown(state_->ssl));
        take_output(to_peer);
    }
}

void TlsStream::shake_hands() {
    forget_old_errors();
    const int result = ::SSL_do_handshake(state_->ssl);
    if (result == 1) {
        state_->phase = Phase::Open;
        if (state_->takeover != nullptr) {
            state_->takeover->begin(static_cast<std::size_t>(BIO_pending(state_->from_peer)));
        }
    } else if (::SSL_get_error(state_->ssl, result) != SSL_ERROR_WANT_READ) {
        fail();
    }
}

void TlsStream::read_plain(std::string& plain) {
    std::array<char, kRecordBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    // With nothing left to read, SSL_read() would only say so.
    while (BIO_pending(state_->from_peer) > 0 || ::SSL_pending(state_->ssl) > 0) {
        forget_old_errors();
        const int count = ::SSL_read(state_->ssl, buffer.data(), to_size(buffer.size()));
        if (count > 0) {
            plain.append(buffer.data(), static_cast<std::size_t>(count));
            continue;
        }
        const int reason = ::SSL_get_error(state_->ssl, count);
        if (reason == SSL_ERROR_ZERO_RETURN) {
            state_->phase = Phase::Ended;
        } else if (reason != SSL_ERROR_WANT_READ) {
            fail();
        }
        return;
    }
}

void TlsStream::fail() {
    state_->phase = Phase::Failed;
    const long verdict = ::SSL_get_verify_result(state_->ssl);
    const bool is_verifying = ::SSL_get_verify_mode(state_->ssl) != SSL_VERIFY_NONE;
    if (is_verifying && verdict != X509_V_OK) {
        state_->error = ::X509_verify_cert_error_string(verdict);
    } else {
        state_->error = take_tls_error();
    }
}

void TlsStream::take_output(std::string& to_peer) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(state_->to_peer, &data);
    if (size > 0) {
        to_peer.append(data, static_cast<std::size_t>(size));
        static_cast<void>(BIO_reset(state_->to_peer));
    }
}

}  // namespace boom::net
