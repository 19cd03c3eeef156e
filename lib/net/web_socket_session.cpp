#include "net/web_socket_session.hpp"

#include "base/assert.hpp"
#include "base/duration.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace boom::net {
namespace {

// The peer is not read while more than this waits for somebody who reads it.
constexpr std::size_t kMuchUnread = std::size_t{1} << 20;
// How long a connection that nobody uses any more waits for the peer's goodbye.
constexpr Duration kGoodbyeWait = std::chrono::seconds(1);
constexpr int kNormalEnd = 1000;

// Of what a user gives; RFC 6455 section 5.5 for the control frames.
std::size_t max_payload(WebSocketCommand::Kind kind) {
    switch (kind) {
        case WebSocketCommand::Kind::Ping:
            return 125;
        case WebSocketCommand::Kind::Close:
            return 123;
        case WebSocketCommand::Kind::Open:
        case WebSocketCommand::Kind::WriteAndRead:
        case WebSocketCommand::Kind::Read:
        case WebSocketCommand::Kind::Write:
            break;
    }
    return std::numeric_limits<std::size_t>::max();
}

}  // namespace

WebSocketSession::WebSocketSession(WebSocketHome& home, std::int64_t max_message_bytes)
    : home_(home),
      shared_(home.shared()),
      reader_(WebSocketReader::From::Server, static_cast<std::size_t>(max_message_bytes)) {}

void WebSocketSession::refuse(Exchange& exchange, std::string_view why) {
    state_ = State::Ended;
    goodbye_ = why;
    act(exchange);
}

WebSocketSession::~WebSocketSession() {
    shared_.loop.cancel_timer(timer_);
}

const WebSocketCommand& WebSocketSession::command() const {
    return *exchange_->options->web_socket;
}

bool WebSocketSession::is_doing(Command::Kind kind) const {
    return exchange_ != nullptr && !is_done_ && command().kind == kind;
}

void WebSocketSession::begin(Exchange& exchange) {
    BOOM_ASSERT(exchange_ == nullptr);
    exchange_ = &exchange;
    is_done_ = false;
    exchange.response.begin(shared_.loop.now());
    exchange.response.clear_headers();
}

void WebSocketSession::open(Exchange& exchange, Http1Profile& profile) {
    begin(exchange);
    url_ = exchange.request.url;
    const ConnectionOptions& options = *exchange.options;
    handshake_ = std::make_unique<WebSocketHandshake>();
    const std::string_view problem = handshake_->assign(exchange.request, home_.rng());
    if (!problem.empty()) {
        state_ = State::Ended;
        fail(TransportError::Other, problem);
        return;
    }
    set_timer(exchange.response.sent_at + std::min(options.connect_timeout, options.timeout));
    connection_ = std::make_unique<Http1Connection>(shared_, *this);
    connection_->open(handshake_->origin(), options, profile, no_session_);
}

void WebSocketSession::act(Exchange& exchange) {
    begin(exchange);
    exchange.response.is_connection_reused = true;
    set_timer(exchange.response.sent_at + exchange.options->timeout);
    do_action();
}

void WebSocketSession::do_action() {
    switch (command().kind) {
        case Command::Kind::Open:
            exchange_->response.status = 101;
            is_done_ = true;
            break;
        case Command::Kind::Read:
            break;
        case Command::Kind::Ping:
        case Command::Kind::WriteAndRead:
        case Command::Kind::Write:
        case Command::Kind::Close:
            send_payload();
            break;
    }
    deliver();
    if (!is_done_ && state_ == State::Ended) {
        fail_closed();
    }
    adjust_reading();
    if (is_done_) {
        // Never from inside start().
        set_timer(shared_.loop.now());
    }
}

void WebSocketSession::send_payload() {
    const std::string& payload = exchange_->request.body;
    if (state_ == State::Ended) {
        if (command().kind == Command::Kind::Close && end_code_ != 0) {
            // The peer was faster.
            exchange_->response.status = end_code_;
            exchange_->response.body = end_reason_;
            was_closed_ = true;
            is_done_ = true;
        }
        return;
    }
    const bool is_text = command().payload == Command::Payload::Text;
    if (is_text && !base::is_utf8(payload)) {
        fail(TransportError::Other, "the text is not UTF-8: send it as 'binary'");
        return;
    }
    if (payload.size() > max_payload(command().kind)) {
        fail(TransportError::Other,
             fmt::format("at most {} bytes can be sent here", max_payload(command().kind)));
        return;
    }
    switch (command().kind) {
        case Command::Kind::Ping:
            // Pongs of earlier pings must not be taken for this one's.
            ping_ = payload.empty() ? fmt::format("{:016x}", ++pings_) : payload;
            send_frame(Kind::Ping, ping_);
            return;
        case Command::Kind::Close:
            state_ = State::Closing;
            inbox_.clear();
            was_closed_ = true;
            send_frame(Kind::Close, close_payload(command().close_code, payload));
            return;
        case Command::Kind::WriteAndRead:
        case Command::Kind::Write:
            send_frame(is_text ? Kind::Text : Kind::Binary, payload);
            return;
        case Command::Kind::Open:
        case Command::Kind::Read:
            return;
    }
}

void WebSocketSession::send_frame(Kind kind, std::string_view payload) {
    frame_.clear();
    append_web_socket_frame(frame_, kind, payload, static_cast<std::uint32_t>(home_.rng()()));
    if (exchange_ != nullptr) {
        exchange_->response.bytes_sent += static_cast<std::int64_t>(frame_.size());
    }
    connection_->send(frame_);
    if (is_doing(Command::Kind::Write)) {
        connection_->tell_sent();
    }
}

void WebSocketSession::on_ready(Http1Connection& connection) noexcept {
    HttpResponse& response = exchange_->response;
    const Http1Connection::Times& times = connection.times();
    ++home_.mutable_counts().opened;
    home_.mutable_counts().local += connection.is_local() ? 1 : 0;
    response.phases.dns = times.resolved - response.sent_at;
    response.phases.connect = times.connected - times.resolved;
    response.phases.tls = times.ready - times.connected;
    response.was_sent = true;
    response.bytes_sent = static_cast<std::int64_t>(handshake_->bytes().size());
    state_ = State::Handshake;
    set_timer(response.sent_at + exchange_->options->timeout);
    connection.send(handshake_->bytes());
}

void WebSocketSession::on_sent(Http1Connection& /*connection*/) noexcept {
    if (state_ == State::Open && is_doing(Command::Kind::Write)) {
        is_done_ = true;
        finish_if_done();
    }
}

void WebSocketSession::on_ended(Http1Connection& /*connection*/, Http1Failure failure) noexcept {
    // Kept until the end of this function: the connection is our caller.
    const std::unique_ptr<Http1Connection> ended = std::move(connection_);
    const State before = std::exchange(state_, State::Ended);
    if (before == State::Connecting) {
        ++home_.mutable_counts().failed;
        fail(failure.error, failure.text);
    } else if (before == State::Handshake) {
        fail(failure.error != TransportError::None ? failure.error : TransportError::Reset,
             failure.error != TransportError::None ? std::string_view(failure.text)
                                                   : "connection closed before an answer");
    } else {
        goodbye_ = "the connection ended without a Close of the server";
        fail_closed();
    }
    finish_if_done();
}

void WebSocketSession::adjust_reading() {
    // Whoever waits for a pong or a goodbye has to read what comes before it.
    const bool is_waited_for = exchange_ != nullptr && !is_done_;
    const bool is_too_much = inbox_.bytes() > kMuchUnread && !is_waited_for;
    if (connection_ != nullptr && state_ == State::Open && is_too_much != is_paused_) {
        is_paused_ = is_too_much;
        connection_->set_reading(is_paused_ ? EventLoop::Reading::Paused
                                            : EventLoop::Reading::Active);
    }
}

void WebSocketSession::set_timer(TimePoint due) {
    shared_.loop.cancel_timer(timer_);
    timer_ = shared_.loop.start_timer(due, *this, 0);
}

void WebSocketSession::on_timer(std::uint64_t /*key*/) noexcept {
    timer_ = {};
    if (is_leaving_) {
        end_connection(Http1Connection::CloseMode::Abrupt);
    } else if (!is_done_) {
        time_out();
    }
    finish_if_done();
}

void WebSocketSession::time_out() {
    const ConnectionOptions& options = *exchange_->options;
    const State before = state_;
    if (state_ == State::Connecting) {
        const bool is_resolved = connection_->progress() != ConnectProgress::Resolving;
        ++home_.mutable_counts().failed;
        end_connection(Http1Connection::CloseMode::Abrupt);
        fail(is_resolved ? TransportError::ConnectTimeout : TransportError::Dns,
             is_resolved ? "connection timed out" : "resolving the host name timed out");
        return;
    }
    // What is still to be sent would reach the server later, as something that nobody measures.
    if (before != State::Open || is_doing(Command::Kind::Write) ||
        connection_->has_unsent_bytes()) {
        end_connection(Http1Connection::CloseMode::Abrupt);
    }
    fail(TransportError::ResponseTimeout,
         fmt::format("{} within {}",
                     is_doing(Command::Kind::Ping)    ? "no pong"
                     : before == State::Handshake     ? "no answer to the handshake"
                     : before == State::Closing       ? "no Close of the server"
                     : is_doing(Command::Kind::Write) ? "the message was not sent"
                                                      : "no message",
                     base::format_duration(options.timeout)));
}

void WebSocketSession::end_connection(Http1Connection::CloseMode mode) {
    state_ = State::Ended;
    if (connection_ != nullptr) {
        connection_->close(mode);
        connection_.reset();
    }
}

void WebSocketSession::fail_closed() {
    state_ = State::Ended;
    if (exchange_ != nullptr && !is_done_) {
        fail(TransportError::WebSocketClosed, goodbye_);
    }
}

void WebSocketSession::fail(TransportError error, std::string_view text) {
    HttpResponse& response = exchange_->response;
    response.error = error;
    response.error_text = text;
    is_done_ = true;
}

void WebSocketSession::cancel() {
    HttpResponse& response = exchange_->response;
    response.error = TransportError::Cancelled;
    response.error_text = "cancelled";
    response.done_at = shared_.loop.now();
    end_connection(Http1Connection::CloseMode::Abrupt);
    shared_.loop.cancel_timer(timer_);
    timer_ = {};
    exchange_ = nullptr;
    home_.on_landed();
}

void WebSocketSession::leave() {
    is_leaving_ = true;
    shared_.loop.cancel_timer(timer_);
    timer_ = {};
    if (state_ == State::Open) {
        state_ = State::Closing;
        inbox_.clear();
        send_frame(Kind::Close, close_payload(kNormalEnd, ""));
        connection_->set_reading(EventLoop::Reading::Active);
        set_timer(shared_.loop.now() + kGoodbyeWait);
    } else {
        end_connection(Http1Connection::CloseMode::Abrupt);
    }
    finish_if_done();
}

void WebSocketSession::finish_if_done() {
    if (is_leaving_) {
        if (state_ == State::Ended) {
            home_.on_left(*this);
        }
        return;
    }
    if (exchange_ == nullptr || !is_done_) {
        return;
    }
    shared_.loop.cancel_timer(timer_);
    timer_ = {};
    Exchange& exchange = *std::exchange(exchange_, nullptr);
    exchange.response.bytes_received = std::exchange(received_, 0);
    exchange.response.done_at = shared_.loop.refresh_now();
    adjust_reading();
    home_.on_landed();
    exchange.listener->on_done(exchange);
}

}  // namespace boom::net
