// What comes for a flight, what it sends of its body, and its time.
#include "base/assert.hpp"
#include "net/http1_head.hpp"
#include "net/http2_flight.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

// A server that never ends its header must not fill the memory.
constexpr std::size_t kMaxHeadBytes = std::size_t{256} << 10;
constexpr int kMaxInterimAnswers = 32;
constexpr std::string_view kProtocol = "HTTP/2.0";
constexpr std::string_view kStatus = ":status";

}  // namespace

void Http2Flight::on_frame_sent(std::size_t bytes) noexcept {
    exchange_->response.was_sent = true;
    exchange_->response.bytes_sent += static_cast<std::int64_t>(bytes);
}

void Http2Flight::on_frame_bytes(std::size_t bytes) noexcept {
    HttpResponse& response = exchange_->response;
    if (!is_first_byte_in_) {
        is_first_byte_in_ = true;
        response.first_byte_at = shared_.loop.now();
    }
    response.bytes_received += static_cast<std::int64_t>(bytes);
}

bool Http2Flight::on_header(std::string_view name, std::string_view value) noexcept {
    head_bytes_ += name.size() + value.size();
    if (head_bytes_ > kMaxHeadBytes) {
        fault_ = describe(Http1Fault::HeaderTooLong);
        return false;
    }
    if (has_head_) {
        return true;  // a trailer
    }
    if (name == kStatus) {
        // libnghttp2 has looked that it is three digits.
        status_ = 0;
        for (const char digit : value) {
            status_ = status_ * 10 + (digit - '0');
        }
        return true;
    }
    has_set_cookie_ = has_set_cookie_ || name == "set-cookie";
    head_ += name;
    head_ += ": ";
    head_ += value;
    head_ += "\r\n";
    return true;
}

bool Http2Flight::on_head() noexcept {
    if (has_head_) {
        return true;
    }
    if (status_ / 100 != 1) {
        take_head();
        return true;
    }
    head_.clear();
    has_set_cookie_ = false;
    if (++interim_answers_ > kMaxInterimAnswers) {
        fault_ = describe(Http1Fault::TooManyInterim);
        return false;
    }
    if (is_body_held_) {
        is_body_held_ = false;
        connection_->resume_body(*this);
    }
    return true;
}

// Servers repeat themselves: what is equal need not be split again.
void Http2Flight::take_head() {
    HttpResponse& response = exchange_->response;
    has_head_ = true;
    response.status = status_;
    response.protocol = kProtocol;
    response.may_set_cookies = has_set_cookie_;
    const bool is_known = known_response_ == &response &&
                          known_headers_ == response.headers.size() &&
                          head_ == response.header_block;
    if (!is_known) {
        response.header_block.swap(head_);
        split_headers(response.header_block, response.headers);
        known_response_ = &response;
        known_headers_ = response.headers.size();
    }
}

bool Http2Flight::on_body(std::string_view bytes) noexcept {
    if (exchange_->body == Exchange::Body::Discard) {
        return true;
    }
    const bool is_taken = body_.take(bytes, *exchange_,
                                     request_.accepts_encodings() ? AnswerBody::Coding::Decoded
                                                                  : AnswerBody::Coding::AsReceived);
    if (!is_taken) {
        fault_ = body_.fault();
    }
    return is_taken;
}

Http2Stream::BodyPart Http2Flight::next_body(std::size_t size) noexcept {
    if (is_body_held_) {
        return {{}, false, true};
    }
    const std::string_view rest =
        std::string_view(exchange_->request.body).substr(body_sent_, size);
    body_sent_ += rest.size();
    return {rest, body_sent_ == exchange_->request.body.size(), false};
}

void Http2Flight::on_timer(std::uint64_t /*key*/) noexcept {
    timer_.take_fired();
    switch (state_) {
        case State::Landed:
        case State::Done:
            return;
        case State::Refused:
            fail(failure_);
            return;
        case State::Connecting:
        case State::Waiting:
            break;
    }
    const TimePoint due = state_ == State::Connecting ? connect_deadline_ : deadline_;
    if (shared_.loop.now() >= due) {
        time_out();
        return;
    }
    timer_.set(due);
    if (is_body_held_) {
        is_body_held_ = false;
        connection_->resume_body(*this);
    }
}

void Http2Flight::time_out() {
    const ConnectionOptions& options = *exchange_->options;
    Http2Connection& connection = *std::exchange(connection_, nullptr);
    if (state_ == State::Connecting) {
        failure_ = explain_slow_connection(connection.progress(), options);
    } else {
        failure_ = explain_no_answer(is_first_byte_in_ ? Answered::Partly : Answered::Not, options);
        if (connection.is_silent_since(berth.received)) {
            // It may be dead, and the kernel will not say so for long.
            connection.retire();
        }
    }
    connection.drop(*this, Http2Connection::Why::TooSlow);
    fail(failure_);
}

}  // namespace boom::net
