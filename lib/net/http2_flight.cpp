#include "net/http2_flight.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace boom::net {
namespace {

// RFC 9110 section 10.1.1: a server may not know "Expect"; libcurl waits as long.
constexpr Duration kContinueWait = std::chrono::seconds(1);
// A server that refuses one stream again and again will not take it. Connections that it ends,
// each with word of what it has not read, have no such limit but the time of the exchange.
constexpr int kMaxRefusals = 10;

}  // namespace

Http2Flight::Http2Flight(Http2Home& home)
    : home_(&home), shared_(home.shared()), timer_(shared_.loop, *this) {}

Http2Flight::~Http2Flight() {
    if (home_ != nullptr) {
        // An exchange must outlive its flight.
        BOOM_ASSERT(state_ == State::Landed);
        leave_lane();
        if (lanes_ != nullptr) {
            home_->leave_lanes(owner_);
        }
        home_->on_destroyed(*this);
    }
}

void Http2Flight::leave_home() {
    timer_.cancel();
    if (connection_ != nullptr) {
        std::exchange(connection_, nullptr)->drop(*this, Http2Connection::Why::Unwanted);
    }
    state_ = State::Landed;
    home_ = nullptr;
}

void Http2Flight::start(Exchange& exchange) {
    BOOM_ASSERT(state_ == State::Landed);
    BOOM_ASSERT(exchange.listener != nullptr);
    BOOM_ASSERT(exchange.options != nullptr);
    exchange_ = &exchange;
    const ConnectionOptions& options = *exchange.options;
    // The header stays until another one replaces it: it often is the same.
    exchange.response.begin(shared_.loop.now());
    deadline_ = exchange.response.sent_at + options.timeout;
    refusals_ = 0;
    reset_answer();
    std::string_view problem = request_.assign(exchange.request);
    if (problem.empty() && !options.proxy.empty()) {
        problem = "the HTTP/2 engine knows no proxies";
    }
    if (!problem.empty()) {
        // It is reported from the loop.
        state_ = State::Refused;
        failure_ = {TransportError::Other, std::string(problem)};
        timer_.set(shared_.loop.now());
        return;
    }
    choose_lane();
    board();
}

void Http2Flight::reset_answer() {
    HttpResponse& response = exchange_->response;
    response.was_sent = false;
    response.is_connection_reused = false;
    response.bytes_sent = 0;
    response.bytes_received = 0;
    body_.begin();
    head_.clear();
    head_bytes_ = 0;
    body_sent_ = 0;
    status_ = 0;
    interim_answers_ = 0;
    is_first_byte_in_ = false;
    has_head_ = false;
    has_set_cookie_ = false;
    is_body_held_ = false;
    fault_ = {};
}

void Http2Flight::leave_lane() {
    if (lanes_ != nullptr && lane_ != nullptr) {
        lanes_->leave(*lane_);
        lane_ = nullptr;
    }
}

void Http2Flight::choose_lane() {
    if (lanes_ == nullptr || owner_ != exchange_->connection_owner()) {
        leave_lane();
        if (lanes_ != nullptr) {
            home_->leave_lanes(owner_);
        }
        owner_ = exchange_->connection_owner();
        lanes_ = &home_->enter_lanes(owner_);
    }
    lanes_->is_forgotten = false;  // the number may be somebody else's now
    Http1Profile& profile = home_->profile_for(*exchange_->options);
    if (lane_ == nullptr || lane_version_ != request_.origin_version() ||
        lane_->profile != &profile) {
        leave_lane();
        lane_ = &lanes_->enter(request_.origin(), profile, shared_.graveyard);
        lane_version_ = request_.origin_version();
    }
}

// Takes a place on a connection that has one, or opens another.
void Http2Flight::board() {
    const ConnectionOptions& options = *exchange_->options;
    const bool is_single = options.keep_alive == ConnectionOptions::KeepAlive::Off;
    state_ = State::Connecting;
    connection_ = is_single ? nullptr : lane_->find_room();
    if (connection_ == nullptr) {
        using Use = Http2Connection::Use;
        const bool is_shared = options.connections == ConnectionOptions::Connections::Shared;
        connection_ =
            &lane_->add(std::make_unique<Http2Connection>(shared_, home_->mutable_counts(), *lane_,
                                                          is_single   ? Use::Single
                                                          : is_shared ? Use::Shared
                                                                      : Use::Own));
        connection_->open(options);
    }
    if (!connection_->is_open()) {
        connect_deadline_ = std::min(shared_.loop.now() + options.connect_timeout, deadline_);
        timer_.set(connect_deadline_);
    }
    connection_->add(*this);
}

void Http2Flight::on_submitting() {
    state_ = State::Waiting;
    HttpResponse& response = exchange_->response;
    response.is_connection_reused = berth.is_reused;
    if (!berth.is_reused) {
        const Http1Connection::Times& times = connection_->times();
        response.phases.dns = std::max(times.resolved - response.sent_at, Duration::zero());
        response.phases.connect = times.connected - times.resolved;
        response.phases.tls = times.ready - times.connected;
    }
    timer_.set(deadline_);
    if (request_.awaits_continue()) {
        is_body_held_ = true;
        timer_.set(shared_.loop.now() + kContinueWait);
    }
}

void Http2Flight::end(Outcome outcome) {
    state_ = State::Done;
    outcome_ = outcome;
    connection_->finish(*this);
}

void Http2Flight::on_whole() noexcept {
    exchange_->response.done_at = shared_.loop.now();
    end(Outcome::Answered);
}

void Http2Flight::on_broken(Http2StreamEnd how, std::string_view reason) noexcept {
    switch (how) {
        case Http2StreamEnd::Unread:
        case Http2StreamEnd::Refused:
            refusals_ += how == Http2StreamEnd::Refused ? 1 : 0;
            if (!is_first_byte_in_ && refusals_ <= kMaxRefusals) {
                end(Outcome::Again);
                return;
            }
            failure_ = {TransportError::Reset, "the server refused the stream"};
            break;
        case Http2StreamEnd::Reset:
            failure_ = {TransportError::Reset, std::string(reason)};
            break;
        case Http2StreamEnd::BadAnswer:
            failure_ = {
                TransportError::BadResponse,
                std::string(fault_.empty() ? "the answer breaks the rules of HTTP/2" : fault_)};
            break;
    }
    end(Outcome::Failed);
}

void Http2Flight::on_lost(const Http1Failure& failure) {
    failure_ = failure.error != TransportError::None
                   ? failure
                   : explain_lost_connection(is_first_byte_in_ ? Answered::Partly : Answered::Not);
    end(Outcome::Failed);
}

void Http2Flight::conclude() {
    connection_ = nullptr;
    switch (outcome_) {
        case Outcome::Answered:
            if (body_.is_whole()) {
                land();
            } else {
                fail({TransportError::BadResponse, body_.fault()});
            }
            return;
        case Outcome::Failed:
            fail(failure_);
            return;
        case Outcome::Again:
            reset_answer();
            exchange_->response.phases = {};
            board();
            return;
    }
}

void Http2Flight::fail(const Http1Failure& failure) {
    HttpResponse& response = exchange_->response;
    response.error = failure.error;
    response.error_text = failure.text;
    response.done_at = shared_.loop.refresh_now();
    if (!has_head_) {
        response.clear_headers();
    }
    land();
}

void Http2Flight::cancel() {
    if (state_ == State::Landed) {
        return;
    }
    if (connection_ != nullptr) {
        std::exchange(connection_, nullptr)->drop(*this, Http2Connection::Why::Unwanted);
    }
    HttpResponse& response = exchange_->response;
    if (response.is_connection_reused && response.was_sent) {
        ++home_->mutable_counts().reused;
    }
    if (!has_head_) {
        response.clear_headers();
    }
    response.error = TransportError::Cancelled;
    response.error_text = "cancelled";
    response.done_at = shared_.loop.now();
    state_ = State::Landed;
    home_->on_landed();
}

// The last thing that happens: the listener may start or destroy the exchange.
void Http2Flight::land() {
    if (exchange_->response.is_connection_reused) {
        ++home_->mutable_counts().reused;
    }
    state_ = State::Landed;
    home_->on_landed();
    Exchange& exchange = *exchange_;
    exchange.listener->on_done(exchange);
}

}  // namespace boom::net
