// The limits of a flight: its time, and the body that it keeps.
#include "base/duration.hpp"
#include "net/http1_flight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

// libcurl's words.
constexpr std::string_view kBadEncoding = "unrecognized or bad http content or transfer-encoding";

}  // namespace

void Http1Flight::on_timer(std::uint64_t /*key*/) noexcept {
    timer_ = {};
    timer_due_ = TimePoint::max();
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
            set_timer(deadline_);
            return;
    }
}

void Http1Flight::time_out() {
    const ConnectionOptions& options = *exchange_->options;
    if (state_ == State::Waiting) {
        close_connection(Http1Connection::CloseMode::Abrupt);
        fail(TransportError::ResponseTimeout,
             fmt::format("no {} within {}", is_first_byte_in_ ? "complete answer" : "answer",
                         base::format_duration(options.timeout)));
        return;
    }
    const TimePoint due =
        std::min(exchange_->response.sent_at + options.connect_timeout, deadline_);
    if (shared_.loop.now() < due) {
        set_timer(due);
        return;
    }
    const std::string limit =
        base::format_duration(std::min(options.connect_timeout, options.timeout));
    const bool is_resolved = connection_->is_resolved();
    const bool is_handshake = connection_->phase() == Http1Connection::Phase::Handshake;
    ++home_->mutable_counts().failed;
    close_connection(Http1Connection::CloseMode::Abrupt);
    if (!is_resolved) {
        fail(TransportError::Dns, "the host name was not resolved within " + limit);
    } else if (is_handshake) {
        fail(TransportError::Tls, "no TLS handshake within " + limit);
    } else {
        fail(TransportError::ConnectTimeout, "no connection within " + limit);
    }
}

bool Http1Flight::on_body(std::string_view bytes) noexcept {
    std::string& body = exchange_->response.body;
    const auto limit = static_cast<std::size_t>(exchange_->options->max_body_bytes);
    if (!has_decoder_ && !prepare_decoder()) {
        body_fault_ = kBadEncoding;
        return false;
    }
    if (decoder_ != nullptr) {
        if (decoder_->decode(bytes, body, limit)) {
            return true;
        }
        body_fault_ = kBadEncoding;
        return false;
    }
    if (bytes.size() > limit - std::min(limit, body.size())) {
        body_fault_ =
            fmt::format("the body is longer than {} bytes", exchange_->options->max_body_bytes);
        return false;
    }
    body += bytes;
    return true;
}

bool Http1Flight::prepare_decoder() {
    has_decoder_ = true;
    if (!request_.accepts_encodings()) {
        return true;
    }
    const std::string_view encodings = exchange_->response.header("Content-Encoding");
    if (encodings.empty()) {
        return true;
    }
    MadeDecoder made = make_content_decoder(encodings);
    decoder_ = std::move(made.decoder);
    return decoder_ != nullptr || made.is_identity;
}

bool Http1Flight::is_body_whole() {
    if (decoder_ == nullptr || decoder_->is_complete()) {
        return true;
    }
    body_fault_ = "the compressed body is cut off";
    return false;
}

}  // namespace boom::net
