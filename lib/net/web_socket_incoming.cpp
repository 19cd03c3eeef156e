// What comes in on a websocket: the answer to the handshake, then frames.
#include "net/web_socket_session.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::net {
namespace {

// While an action waits for something behind unread messages, they may become this much.
constexpr std::size_t kTooMuchUnread = std::size_t{64} << 20;

}  // namespace

void WebSocketSession::on_bytes(Http1Connection& connection, std::string_view bytes) noexcept {
    received_ += static_cast<std::int64_t>(bytes.size());
    if (exchange_ != nullptr && exchange_->response.first_byte_at == TimePoint{}) {
        exchange_->response.first_byte_at = shared_.loop.refresh_now();
    }
    const bool is_over = connection.is_ended_orderly();  // TLS said so with these bytes
    if (state_ == State::Handshake && !take_answer(bytes)) {
        finish_if_done();
        return;
    }
    reader_.feed(bytes);
    take_messages();
    if (is_over && connection_ != nullptr) {
        end_connection(Http1Connection::CloseMode::Orderly);
        fail_closed();
    }
    adjust_reading();
    finish_if_done();
}

// True when what is left of the bytes are frames.
bool WebSocketSession::take_answer(std::string_view& bytes) {
    switch (handshake_->feed(bytes, exchange_->response)) {
        case WebSocketHandshake::Progress::More:
            return false;
        case WebSocketHandshake::Progress::Refused:
            end_connection(Http1Connection::CloseMode::Orderly);
            is_done_ = true;
            return false;
        case WebSocketHandshake::Progress::Failed: {
            const std::string_view fault = handshake_->fault();
            end_connection(Http1Connection::CloseMode::Orderly);
            fail(TransportError::WebSocketHandshake, fault);
            return false;
        }
        case WebSocketHandshake::Progress::Open:
            break;
    }
    bytes.remove_prefix(bytes.size() - handshake_->unused_bytes());
    handshake_.reset();
    state_ = State::Open;
    was_open_ = true;
    if (command().kind == Command::Kind::Open) {
        is_done_ = true;
    } else {
        do_action();
    }
    return true;
}

void WebSocketSession::take_messages() {
    while (state_ != State::Ended) {
        WebSocketMessage* const message = reader_.next();
        if (message == nullptr) {
            break;
        }
        take_message(*message);
    }
    if (state_ != State::Ended && reader_.error() != 0) {
        const int code = reader_.error();
        if (state_ == State::Open) {
            send_frame(Kind::Close, close_payload(code, ""));
        }
        goodbye_ = code == 1009   ? "the server sent a message above the limit"
                   : code == 1007 ? "the server sent a text that is not UTF-8"
                                  : "the server broke the websocket protocol";
        end_connection(Http1Connection::CloseMode::Orderly);
        if (exchange_ != nullptr && !is_done_) {
            fail(TransportError::WebSocketProtocol, goodbye_);
        }
    }
}

void WebSocketSession::take_message(WebSocketMessage& message) {
    switch (message.kind) {
        case Kind::Ping:
            // One who does not read our pongs gets no more of them.
            if (state_ == State::Open && !connection_->has_unsent_bytes()) {
                send_frame(Kind::Pong, message.payload);
            }
            return;
        case Kind::Pong:
            is_done_ = is_done_ || (is_doing(Command::Kind::Ping) && message.payload == ping_);
            return;
        case Kind::Close:
            take_close(message);
            return;
        case Kind::Text:
        case Kind::Binary:
            break;
    }
    if (state_ == State::Closing) {
        return;
    }
    inbox_.push(message.payload);
    deliver();
    if (inbox_.bytes() > kTooMuchUnread) {
        goodbye_ = "more unread messages than are kept";
        end_connection(Http1Connection::CloseMode::Abrupt);
        fail_closed();
    }
}

void WebSocketSession::take_close(const WebSocketMessage& message) {
    const WebSocketEnd end = read_close(message.payload);
    end_code_ = end.code;
    end_reason_ = end.reason;
    goodbye_ = fmt::format("the server closed the websocket: {}", end.code);
    if (!end_reason_.empty()) {
        goodbye_ += " " + end_reason_;
    }
    if (state_ == State::Open) {
        send_frame(Kind::Close,
                   end.code == 1005 ? std::string() : close_payload(end.code, end.reason));
    }
    end_connection(Http1Connection::CloseMode::Orderly);
    if (is_doing(Command::Kind::Close)) {
        exchange_->response.status = end_code_;
        exchange_->response.body = end_reason_;
        is_done_ = true;
    } else {
        fail_closed();
    }
}

void WebSocketSession::deliver() {
    const bool is_asked = is_doing(Command::Kind::Read) || is_doing(Command::Kind::WriteAndRead);
    if (is_asked && !inbox_.is_empty()) {
        inbox_.pop(exchange_->response.body);
        is_done_ = true;
    }
}

}  // namespace boom::net
