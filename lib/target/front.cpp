#include "target/front.hpp"

#include "target/routes.hpp"

#include <algorithm>
#include <utility>

namespace boom::target {
namespace {

using net::EventLoop;
using net::StreamId;

// A peer that sends on without waiting for its answer is not read any more above this.
constexpr std::size_t kMaxAhead = std::size_t{1} << 20;
// A peer that was refused gets this long to read why: closing at once would reset the connection.
constexpr base::Duration kDrainTime = std::chrono::seconds(1);
constexpr base::Duration kTurn = std::chrono::seconds(1);

}  // namespace

Front::Front(const Shared& shared) : shared_(shared), loop_(EventLoop::create(net::IoKind::Auto)) {
    loop_->set_wake_listener(this);
}

int Front::listen(const EventLoop::Endpoint& at, EventLoop::PortSharing sharing) {
    return loop_->listen(at, sharing, *this);
}

void Front::run() {
    while (!is_stopping_.load()) {
        loop_->run_once(loop_->now() + kTurn);
    }
}

void Front::stop() {
    is_stopping_.store(true);
    loop_->wake();
}

Front::Connection* Front::find(StreamId stream) {
    const auto found = connections_.find(stream.value);
    return found == connections_.end() ? nullptr : &found->second;
}

net::StreamListener* Front::on_accepted(StreamId stream, const Peer& peer) noexcept {
    shared_.records.counters.count_opened();
    Connection& connection = connections_[stream.value];
    connection.peer = peer.address;
    if (shared_.tls != nullptr) {
        connection.tls = std::make_unique<net::TlsStream>(*shared_.tls);
    }
    return this;
}

void Front::on_data(StreamId stream, std::string_view bytes) noexcept {
    Connection* connection = find(stream);
    if (connection == nullptr) {
        return;
    }
    if (connection->tls != nullptr) {
        take_encrypted(stream, *connection, bytes);
    } else {
        take(stream, bytes);
    }
}

void Front::take_encrypted(StreamId stream, Connection& connection, std::string_view bytes) {
    using TlsPhase = net::TlsStream::Phase;
    plain_.clear();
    encrypted_.clear();
    const bool was_open = connection.tls->phase() == TlsPhase::Open;
    const TlsPhase phase = connection.tls->receive(bytes, plain_, encrypted_);
    loop_->send(stream, encrypted_);
    if (!plain_.empty()) {
        take(stream, plain_);
    }
    if (phase == TlsPhase::Failed && !was_open) {
        shared_.records.counters.count_failed_handshake();
    }
    if (phase == TlsPhase::Failed || phase == TlsPhase::Ended) {
        finish(stream);
    }
}

void Front::take(StreamId stream, std::string_view plain) {
    Connection* connection = find(stream);
    if (connection == nullptr) {
        return;
    }
    if (connection->web_socket != nullptr) {
        connection->web_socket->feed(plain);
        serve_web_socket(stream);
        return;
    }
    if (connection->phase == Phase::Hanging || connection->phase == Phase::Draining) {
        return;
    }
    connection->unread_bytes += plain.size();
    connection->parser.feed(plain);
    if (connection->phase == Phase::Reading) {
        serve(stream);
    } else if (connection->unread_bytes > kMaxAhead) {
        connection->is_paused = true;
        loop_->set_reading(stream, EventLoop::Reading::Paused);
    }
}

void Front::on_sent(StreamId stream) noexcept {
    // Only what repeats itself for ever waits for the peer.
    Connection* connection = repeating_ > 0 ? find(stream) : nullptr;
    const bool is_repeating = connection != nullptr && connection->script != nullptr &&
                              connection->script->then == Answer::Then::Repeat &&
                              connection->script->next == connection->script->pieces.size();
    if (is_repeating) {
        send(stream, *connection, connection->script->pieces.back().bytes);
        loop_->tell_sent(stream);
    }
}

void Front::on_closed(StreamId stream, int /*error*/) noexcept {
    forget(stream);
}

void Front::forget(StreamId stream) {
    const Connection* connection = find(stream);
    if (connection == nullptr) {
        return;
    }
    loop_->cancel_timer(connection->timer);
    if (connection->script != nullptr && connection->script->then == Answer::Then::Repeat) {
        --repeating_;
    }
    connections_.erase(stream.value);
    shared_.records.counters.count_closed();
}

void Front::on_timer(std::uint64_t key) noexcept {
    const StreamId stream{key};
    Connection* connection = find(stream);
    if (connection == nullptr) {
        return;
    }
    connection->timer = {};
    if (connection->web_socket != nullptr) {
        serve_web_socket(stream);
    } else if (connection->phase == Phase::Waiting) {
        Pending pending = std::move(*connection->pending);
        connection->pending.reset();
        connection->phase = Phase::Reading;
        // A pause may have been asked for in the meantime.
        const base::TimePoint now = loop_->now();
        const base::TimePoint due = shared_.stall.release(now);
        if (due > now && !pending.is_control) {
            connection->pending = std::make_unique<Pending>(std::move(pending));
            connection->phase = Phase::Waiting;
            wait_until(stream, *connection, due);
            return;
        }
        give(stream, *connection, std::move(pending));
        serve(stream);
    } else if (connection->phase == Phase::Playing) {
        play(stream);
    } else if (connection->phase == Phase::Draining) {
        finish(stream);
    }
}

void Front::wait_until(StreamId stream, Connection& connection, base::TimePoint due) {
    connection.timer = loop_->start_timer(due, *this, stream.value);
}

void Front::serve(StreamId stream) {
    while (true) {
        Connection* connection = find(stream);
        if (connection == nullptr || connection->phase != Phase::Reading ||
            connection->web_socket != nullptr) {
            return;
        }
        auto request = connection->parser.next();
        if (request) {
            serve_request(stream, *connection, *std::move(request));
            continue;
        }
        if (connection->parser.error() != 0) {
            refuse(stream, *connection);
        } else if (connection->parser.take_continue()) {
            send(stream, *connection, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (connection->is_paused) {
            connection->is_paused = false;
            loop_->set_reading(stream, EventLoop::Reading::Active);
        }
        return;
    }
}

void Front::refuse(StreamId stream, Connection& connection) {
    const int status = connection.parser.error();
    shared_.records.counters.count_refused(status);
    send(stream, connection,
         serialize(problem(status, "no request that this server takes"), "", Afterwards::Close));
    connection.phase = Phase::Draining;
    wait_until(stream, connection, loop_->now() + kDrainTime);
}

void Front::serve_request(StreamId stream, Connection& connection, Request request) {
    const base::TimePoint now = loop_->refresh_now();
    const bool is_control = request.is_control();
    if (!is_control) {
        shared_.records.counters.count_request(request,
                                               {connection.peer, connection.unread_bytes, now});
        shared_.records.measurements.arrived(request.path, now);
    }
    connection.unread_bytes = 0;
    const std::string_view scheme = shared_.tls == nullptr ? "http" : "https";
    Answer reply = answer({request, connection.peer, scheme, now, shared_.records});
    if (reply.manner == Answer::Manner::Never) {
        connection.phase = Phase::Hanging;
        return;
    }
    if (reply.stall) {
        shared_.stall.set(now + reply.stall->after, reply.stall->length);
    }
    const bool keeps = request.keeps_alive && reply.manner != Answer::Manner::Close;
    base::TimePoint due = now + reply.delay;
    due = is_control ? due : shared_.stall.release(due);
    Pending pending{std::move(reply), std::move(request.method),
                    keeps ? Afterwards::Keep : Afterwards::Close, now, is_control};
    if (due > now) {
        connection.pending = std::make_unique<Pending>(std::move(pending));
        connection.phase = Phase::Waiting;
        wait_until(stream, connection, due);
    } else {
        give(stream, connection, std::move(pending));
    }
}

void Front::give(StreamId stream, Connection& connection, Pending pending) {
    const Answer& reply = pending.answer;
    if (reply.is_delay_drawn) {
        shared_.records.measurements.held(reply.delay, loop_->refresh_now() - pending.arrived);
    }
    if (reply.manner == Answer::Manner::Reset) {
        tear_down(stream);
        return;
    }
    if (reply.manner == Answer::Manner::Raw) {
        repeating_ += reply.then == Answer::Then::Repeat ? 1 : 0;
        shared_.records.counters.count_answer(reply.status, 0);
        connection.script = std::make_unique<Script>(
            Script{std::move(pending.answer.pieces), reply.then, 0, false, pending.is_control});
        connection.phase = Phase::Playing;
        play(stream);
        return;
    }
    const std::string bytes = serialize(reply, pending.method, pending.afterwards);
    if (!pending.is_control) {
        shared_.records.counters.count_answer(reply.status, bytes.size());
    }
    send(stream, connection, bytes);
    if (reply.manner == Answer::Manner::WebSocket) {
        open_web_socket(stream, connection, pending);
    } else if (pending.afterwards == Afterwards::Close) {
        finish(stream);
    }
}

void Front::open_web_socket(StreamId stream, Connection& connection, const Pending& pending) {
    shared_.records.counters.count_web_socket();
    for (const Piece& piece : pending.answer.pieces) {
        send(stream, connection, piece.bytes);
    }
    connection.web_socket =
        std::make_unique<net::WebSocketReader>(net::WebSocketReader::From::Client);
    connection.web_socket->feed(connection.parser.take_rest());
    serve_web_socket(stream);
}

void Front::serve_web_socket(StreamId stream) {
    using Kind = net::WebSocketMessage::Kind;
    Connection& connection = *find(stream);
    const base::TimePoint now = loop_->now();
    if (const base::TimePoint due = shared_.stall.release(now); due > now) {
        if (connection.timer == net::TimerId{}) {
            wait_until(stream, connection, due);
        }
        return;
    }
    while (net::WebSocketMessage* const message = connection.web_socket->next()) {
        if (message->kind == Kind::Pong) {
            continue;
        }
        if (message->kind == Kind::Ping) {
            message->kind = Kind::Pong;
            shared_.records.counters.count_ping();
        } else if (message->kind != Kind::Close) {
            shared_.records.counters.count_message();
        }
        send(stream, connection, net::web_socket_frame(*message));
        if (message->kind == Kind::Close) {
            shared_.records.counters.count_web_socket_close();
            finish(stream);
            return;
        }
    }
    if (const int code = connection.web_socket->error(); code != 0) {
        send(stream, connection,
             net::web_socket_frame({Kind::Close, net::close_payload(code, "")}));
        finish(stream);
    }
}

void Front::play(StreamId stream) {
    Connection& connection = *find(stream);
    Script& script = *connection.script;
    while (script.next < script.pieces.size()) {
        const Piece& piece = script.pieces[script.next];
        if (piece.pause > base::Duration::zero() && !script.has_paused) {
            script.has_paused = true;
            wait_until(stream, connection, loop_->now() + piece.pause);
            return;
        }
        script.has_paused = false;
        ++script.next;
        send(stream, connection, piece.bytes);
    }
    end_script(stream, connection);
}

void Front::end_script(StreamId stream, Connection& connection) {
    switch (connection.script->then) {
        case Answer::Then::Keep:
            connection.script.reset();
            connection.phase = Phase::Reading;
            serve(stream);
            return;
        case Answer::Then::Close:
            finish(stream);
            return;
        case Answer::Then::Reset:
            tear_down(stream);
            return;
        case Answer::Then::Hang:
            connection.phase = Phase::Hanging;
            return;
        case Answer::Then::Repeat:
            loop_->tell_sent(stream);
            return;
    }
}

void Front::send(StreamId stream, Connection& connection, std::string_view bytes) {
    if (connection.tls == nullptr) {
        loop_->send(stream, bytes);
        return;
    }
    encrypted_.clear();
    if (connection.tls->send(bytes, encrypted_)) {
        loop_->send(stream, encrypted_);
    }
}

void Front::finish(StreamId stream) {
    Connection* connection = find(stream);
    if (connection == nullptr) {
        return;
    }
    if (connection->tls != nullptr) {
        encrypted_.clear();
        connection->tls->end(encrypted_);
        loop_->send(stream, encrypted_);
    }
    loop_->close(stream, EventLoop::CloseMode::AfterSending);
    forget(stream);
}

void Front::tear_down(StreamId stream) {
    loop_->close(stream, EventLoop::CloseMode::Reset);
    forget(stream);
}

}  // namespace boom::target
