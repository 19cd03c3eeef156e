// The limits of a flight: its time, and the body that it keeps.
#include "net/http1_flight.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {

void Http1Flight::on_timer(std::uint64_t /*key*/) noexcept {
    timer_.take_fired();
    const TimePoint now = shared_.loop.now();
    switch (state_) {
        case State::Landed:
            return;
        case State::Refused: {
            const std::string text = std::move(exchange_->response.error_text);
            fail(refusal_, text);
            return;
        }
        case State::Connecting:
            time_out();
            return;
        case State::Waiting:
            if (now >= deadline_) {
                time_out();
                return;
            }
            if (is_body_held_) {
                send_body();
            }
            timer_.set(deadline_);
            return;
    }
}

void Http1Flight::time_out() {
    const ConnectionOptions& options = *exchange_->options;
    if (state_ == State::Waiting) {
        close_connection(Http1Connection::CloseMode::Abrupt);
        const Http1Failure failure =
            explain_no_answer(is_first_byte_in_ ? Answered::Partly : Answered::Not, options);
        fail(failure.error, failure.text);
        return;
    }
    const TimePoint due =
        std::min(exchange_->response.sent_at + options.connect_timeout, deadline_);
    if (shared_.loop.now() < due) {
        timer_.set(due);
        return;
    }
    const Http1Failure failure = explain_slow_connection(connection_->progress(), options);
    ++home_->mutable_counts().failed;
    close_connection(Http1Connection::CloseMode::Abrupt);
    fail(failure.error, failure.text);
}

bool Http1Flight::on_body(std::string_view bytes) noexcept {
    return body_.take(bytes, *exchange_,
                      request_->accepts_encodings() ? AnswerBody::Coding::Decoded
                                                    : AnswerBody::Coding::AsReceived);
}

}  // namespace boom::net
