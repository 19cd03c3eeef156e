#include "net/http1_connection.hpp"

#include "base/assert.hpp"
#include "base/prefetch.hpp"
#include "net/socket_fate.hpp"

#include <cerrno>
#include <utility>

namespace boom::net {

struct Http1Connection::Opening {
    Opening(Http1Shared& shared, Http1Connection& connection)
        : connector(shared.loop, shared.resolver, connection, connection) {}

    Http1Connector connector;
    const ConnectionOptions* options = nullptr;
    Http1Profile* profile = nullptr;
    const TlsSession* session = nullptr;
    Http1Origin origin;
};

Http1Connection::Http1Connection(Http1Shared& shared, Http1User& user)
    : shared_(shared), user_(&user) {}

Http1Connection::~Http1Connection() {
    if (phase_ != Phase::Ended) {
        close(CloseMode::Orderly);
    }
}

void Http1Connection::open(const Http1Origin& origin, const ConnectionOptions& options,
                           Http1Profile& profile, const TlsSession& session) {
    opening_ = std::make_unique<Opening>(shared_, *this);
    opening_->options = &options;
    opening_->profile = &profile;
    opening_->session = &session;
    opening_->origin = origin;
    opening_->connector.start({origin.host, origin.port}, options);
}

ConnectProgress Http1Connection::progress() const {
    if (phase_ == Phase::Handshake) {
        return ConnectProgress::Handshake;
    }
    const bool is_resolved = opening_ == nullptr || opening_->connector.is_resolved();
    return is_resolved ? ConnectProgress::Connecting : ConnectProgress::Resolving;
}

bool Http1Connection::may_speak_http2() const {
    return !tls_ || tls_->has_chosen_http2();
}

void Http1Connection::mark_request() {
    request_begin_ = bytes_given_;
    is_answered_ = false;
}

void Http1Connection::send(std::string_view bytes) {
    BOOM_ASSERT(phase_ == Phase::Ready);
    if (!tls_) {
        bytes_given_ += static_cast<std::int64_t>(bytes.size());
        shared_.loop.send(stream_, bytes);
        return;
    }
    if (tls_->send(bytes, shared_.wire)) {
        flush_wire();
    }
}

void Http1Connection::send_kept(std::string_view kept) {
    if (tls_) {
        send(kept);
        return;
    }
    BOOM_ASSERT(phase_ == Phase::Ready);
    bytes_given_ += static_cast<std::int64_t>(kept.size());
    shared_.loop.send_kept(stream_, kept);
}

void Http1Connection::flush_wire() {
    if (!shared_.wire.empty()) {
        bytes_given_ += static_cast<std::int64_t>(shared_.wire.size());
        shared_.loop.send(stream_, shared_.wire);
        shared_.wire.clear();
    }
}

bool Http1Connection::has_unsent_bytes() const {
    return shared_.loop.unsent_bytes(stream_) > 0;
}

TlsSession Http1Connection::take_session() {
    return tls_ ? tls_->take_session() : TlsSession();
}

void Http1Connection::close(CloseMode mode) {
    if (phase_ == Phase::Ended) {
        return;
    }
    opening_.reset();
    if (stream_ != StreamId{}) {
        if (tls_ && mode == CloseMode::Orderly) {
            tls_->end(shared_.wire);
            flush_wire();
        }
        shared_.loop.close(stream_, mode == CloseMode::Orderly ? EventLoop::CloseMode::AfterSending
                                                               : EventLoop::CloseMode::Reset);
    }
    phase_ = Phase::Ended;
}

void Http1Connection::prefetch(int step) const noexcept {
    if (step == 0) {
        base::prefetch_bytes(user_, Http1User::kPrefetchedBytes);
    } else {
        user_->prefetch(step - 1);
    }
    if (tls_) {
        tls_->prefetch(step);
    }
}

void Http1Connection::on_connected(StreamId stream) noexcept {
    times_.resolved = opening_->connector.resolved_at();
    times_.connected = shared_.loop.refresh_now();
    is_local_ = shared_.own.contains(opening_->connector.choose(stream));
    stream_ = stream;
    if (opening_->origin.scheme == Http1Origin::Scheme::Tls) {
        begin_tls();
    } else {
        become_ready();
    }
}

void Http1Connection::begin_tls() {
    Http1Profile& profile = *opening_->profile;
    if (profile.tls == nullptr) {
        TlsContext::Made made = TlsContext::for_client_files(
            profile.verify, {profile.ca_file, profile.certificate_file, profile.key_file},
            profile.protocol);
        profile.tls = std::move(made.context);
        profile.tls_error = std::move(made.error);
    }
    if (profile.tls == nullptr) {
        close(CloseMode::Orderly);
        end({TransportError::Tls, profile.tls_error});
        return;
    }
    phase_ = Phase::Handshake;
    tls_.emplace(*profile.tls, opening_->origin.host);
    tls_->resume(*opening_->session);
    tls_->start(shared_.wire);
    flush_wire();
}

void Http1Connection::become_ready() {
    phase_ = Phase::Ready;
    times_.ready = tls_ ? shared_.loop.refresh_now() : times_.connected;
    opening_.reset();
    user_->on_ready(*this);
}

void Http1Connection::on_data(StreamId stream, std::string_view bytes) noexcept {
    if (stream != stream_) {
        return;
    }
    if (!tls_) {
        is_answered_ = true;
        user_->on_bytes(*this, bytes);
    } else {
        take_encrypted(bytes);
    }
}

void Http1Connection::take_encrypted(std::string_view bytes) {
    shared_.plain.clear();
    const TlsStream::Phase phase = tls_->receive(bytes, shared_.plain, shared_.wire);
    flush_wire();
    if (phase == TlsStream::Phase::Failed && shared_.plain.empty()) {
        Http1Failure failure{TransportError::Tls, tls_->error()};
        close(CloseMode::Orderly);
        end(std::move(failure));
        return;
    }
    if (phase_ == Phase::Handshake && phase != TlsStream::Phase::Handshake) {
        become_ready();
        // A server speaks after the request; what came before it, if anything, ends the exchange.
    }
    is_ended_orderly_ = phase == TlsStream::Phase::Ended;
    if (!shared_.plain.empty()) {
        is_answered_ = true;
        user_->on_bytes(*this, shared_.plain);
    } else if (phase == TlsStream::Phase::Ended) {
        // The end of the socket, which tells the fate of an unanswered request, follows at once.
        if (is_answered_ || bytes_given_ == request_begin_) {
            close(CloseMode::Orderly);
            end({});
        }
    }
}

void Http1Connection::on_sent(StreamId stream) noexcept {
    if (stream == stream_ && phase_ == Phase::Ready) {
        user_->on_sent(*this);
    }
}

void Http1Connection::on_ending(StreamId stream, int descriptor) noexcept {
    if (stream != stream_ || phase_ != Phase::Ready || is_answered_ ||
        bytes_given_ == request_begin_) {
        return;
    }
    if (const auto bytes = read_socket_bytes(descriptor)) {
        is_unsent_ = bytes->sent <= request_begin_;
        is_unacknowledged_ = !bytes->is_established && bytes->acknowledged <= request_begin_;
    }
}

void Http1Connection::on_closed(StreamId stream, int error) noexcept {
    if (stream != stream_) {
        // An attempt of several; the last one's failure is reported by the connector.
        if (opening_ != nullptr) {
            opening_->connector.on_attempt_failed(stream, error);
        }
        return;
    }
    // A reset does not say what the peer had read before; its orderly end does.
    const bool is_orderly = error == 0 || error == EPIPE;
    if (is_unsent_ || (is_unacknowledged_ && is_orderly)) {
        fate_ = Fate::Unread;
    }
    const bool is_handshake = phase_ == Phase::Handshake;
    is_ended_orderly_ = is_ended_orderly_ || (error == 0 && !tls_);
    phase_ = Phase::Ended;
    end(is_handshake
            ? Http1Failure{TransportError::Tls, "the connection ended during the TLS handshake"}
            : Http1Failure());
}

void Http1Connection::on_connecting_failed(Reason reason, int error) noexcept {
    Http1Failure failure =
        reason == Reason::NoName
            ? Http1Failure{TransportError::Dns, "the host name cannot be resolved"}
            : explain_no_connection(error, *opening_->options);
    phase_ = Phase::Ended;
    end(std::move(failure));
}

void Http1Connection::end(Http1Failure failure) {
    phase_ = Phase::Ended;
    user_->on_ended(*this, std::move(failure));
}

}  // namespace boom::net
