#include "net/http1_flight.hpp"

#include "base/assert.hpp"
#include "base/prefetch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace boom::net {
namespace {

// RFC 9110 section 10.1.1: a server may not know "Expect"; libcurl waits as long.
constexpr Duration kContinueWait = std::chrono::seconds(1);

}  // namespace

Http1Flight::Http1Flight(Http1Home& home)
    : home_(&home), shared_(home.shared()), timer_(shared_.loop, *this), parser_(shared_.heads) {}

Http1Flight::~Http1Flight() {
    if (home_ != nullptr) {
        // An exchange must outlive its flight.
        BOOM_ASSERT(state_ == State::Landed);
        timer_.cancel();
        leave_lane();
        if (lanes_ != nullptr) {
            home_->leave_lanes(owner_);
        }
        home_->on_destroyed(*this);
    }
}

void Http1Flight::leave_home() {
    timer_.cancel();
    connection_.reset();
    state_ = State::Landed;
    home_ = nullptr;
}

void Http1Flight::start(Exchange& exchange) {
    BOOM_ASSERT(state_ == State::Landed);
    BOOM_ASSERT(exchange.listener != nullptr);
    BOOM_ASSERT(exchange.options != nullptr);
    exchange_ = &exchange;
    // The header stays until another one replaces it: it often is the same (see Http1Response).
    exchange.response.begin(shared_.loop.now());
    const ConnectionOptions& options = *exchange.options;
    deadline_ = exchange.response.sent_at + options.timeout;
    is_first_byte_in_ = false;
    is_clock_fresh_ = false;
    is_body_held_ = false;
    has_sent_body_ = false;
    body_.begin();
    if (const std::string_view problem = take_request(exchange); !problem.empty()) {
        refuse(TransportError::Other, problem);
        return;
    }
    if (!options.proxy.empty() || options.version == ConnectionOptions::Version::Http2) {
        refuse(TransportError::Other, "the http1 engine knows neither proxies nor HTTP/2");
        return;
    }
    choose_lane();
    if (connection_ != nullptr) {
        is_reusing_ = true;
        send_request();
    } else {
        open_connection();
    }
}

std::string_view Http1Flight::take_request(const Exchange& exchange) {
    const auto* constant =
        shared_.constants.find_or_make(exchange.request, exchange.options->keep_alive);
    if (constant != nullptr) {
        request_ = &constant->request;
        kept_ = constant->kept;
        return {};
    }
    request_ = &own_request_;
    kept_ = {};
    return own_request_.assign(exchange.request, exchange.options->keep_alive);
}

// The failure is reported from the loop.
void Http1Flight::refuse(TransportError error, std::string_view text) {
    state_ = State::Refused;
    refusal_ = error;
    exchange_->response.error_text = text;
    timer_.set(shared_.loop.now());
}

void Http1Flight::leave_lane() {
    if (lane_ != nullptr) {
        lanes_->leave(*lane_);
        lane_ = nullptr;
    }
}

// Takes its idle connection, if there is one.
void Http1Flight::choose_lane() {
    if (lanes_ == nullptr || owner_ != exchange_->connection_owner()) {
        leave_lane();
        if (lanes_ != nullptr) {
            home_->leave_lanes(owner_);
        }
        owner_ = exchange_->connection_owner();
        lanes_ = &home_->enter_lanes(owner_);
    }
    lanes_->is_forgotten = false;  // the number may be somebody else's now
    const ConnectionOptions& options = *exchange_->options;
    Http1Profile& profile = home_->profile_for(options);
    const bool is_same_origin =
        lane_request_ == request_ && lane_version_ == request_->origin_version();
    if (lane_ == nullptr || !is_same_origin || lane_->profile != &profile) {
        leave_lane();
        lane_ = &lanes_->enter(request_->origin(), profile);
        lane_request_ = request_;
        lane_version_ = request_->origin_version();
    }
    if (options.keep_alive == ConnectionOptions::KeepAlive::On) {
        connection_ = lanes_->take_idle(*lane_, *this);
    }
}

void Http1Flight::open_connection() {
    state_ = State::Connecting;
    is_reusing_ = false;
    const ConnectionOptions& options = *exchange_->options;
    timer_.set(std::min(exchange_->response.sent_at + options.connect_timeout, deadline_));
    connection_ = std::make_unique<Http1Connection>(shared_, *this);
    connection_->open(lane_->origin, options, *lane_->profile, lane_->session);
}

void Http1Flight::prefetch(int step) const noexcept {
    if (state_ != State::Waiting) {
        return;
    }
    if (step == 0) {
        base::prefetch(exchange_);
        base::prefetch(lanes_);
        base::prefetch(lane_);
    } else {
        exchange_->listener->prefetch(*exchange_, step - 1);
    }
}

void Http1Flight::on_ready(Http1Connection& connection) noexcept {
    ++home_->mutable_counts().opened;
    home_->mutable_counts().local += connection.is_local() ? 1 : 0;
    fill_phases();
    send_request();
}

void Http1Flight::fill_phases() {
    HttpResponse& response = exchange_->response;
    const Http1Connection::Times& times = connection_->times();
    response.phases.dns = times.resolved - response.sent_at;
    response.phases.connect = times.connected - times.resolved;
    response.phases.tls = times.ready - times.connected;
}

void Http1Flight::send_request() {
    state_ = State::Waiting;
    HttpResponse& response = exchange_->response;
    parser_.begin(request_->is_head() ? Http1Response::Method::Head : Http1Response::Method::Other,
                  response, exchange_->body == Exchange::Body::Keep ? this : nullptr);
    connection_->mark_request();
    response.was_sent = true;
    response.is_connection_reused = is_reusing_;
    if (kept_.empty()) {
        response.bytes_sent += static_cast<std::int64_t>(request_->bytes().size());
        connection_->send(request_->bytes());
    } else {
        response.bytes_sent += static_cast<std::int64_t>(kept_.size());
        connection_->send_kept(kept_);
    }
    timer_.set(deadline_);
    if (request_->awaits_continue()) {
        is_body_held_ = true;
        timer_.set(shared_.loop.now() + kContinueWait);
    } else if (request_->is_body_apart()) {
        send_body();
    }
}

void Http1Flight::send_body() {
    is_body_held_ = false;
    has_sent_body_ = true;
    const std::string& body = exchange_->request.body;
    exchange_->response.bytes_sent += static_cast<std::int64_t>(body.size());
    connection_->send(body);
}

void Http1Flight::on_bytes(Http1Connection& connection, std::string_view bytes) noexcept {
    is_clock_fresh_ = !is_first_byte_in_;
    if (!is_first_byte_in_) {
        is_first_byte_in_ = true;
        exchange_->response.first_byte_at = shared_.loop.refresh_now();
    }
    switch (parser_.feed(bytes)) {
        case Http1Response::Progress::Done:
            answer_complete();
            return;
        case Http1Response::Progress::Failed:
            answer_broken();
            return;
        case Http1Response::Progress::More:
            if (is_body_held_ && parser_.interim_answers() > 0 && !parser_.has_head()) {
                send_body();
            }
            if (connection.is_ended_orderly()) {
                connection.close(Http1Connection::CloseMode::Orderly);
                on_ended(connection, {});
            }
            return;
    }
}

void Http1Flight::answer_complete() {
    if (!body_.is_whole()) {
        close_connection(Http1Connection::CloseMode::Orderly);
        fail(TransportError::BadResponse, body_.fault());
        return;
    }
    const bool is_cut_short = is_body_held_ || (has_sent_body_ && connection_ != nullptr &&
                                                connection_->has_unsent_bytes());
    if (!parser_.allows_reuse() || parser_.unused_bytes() > 0 || request_->closes_connection() ||
        is_cut_short) {
        close_connection(Http1Connection::CloseMode::Orderly);
    }
    parser_.release();
    land();
}

void Http1Flight::answer_broken() {
    const Http1Fault fault = parser_.fault();
    close_connection(Http1Connection::CloseMode::Orderly);
    fail(TransportError::BadResponse,
         fault == Http1Fault::BodyRefused ? std::string_view(body_.fault()) : describe(fault));
}

bool Http1Flight::may_retry(const Http1Connection& connection) const {
    return is_reusing_ && !is_first_byte_in_ && !is_body_held_ &&
           connection.fate() == Http1Connection::Fate::Unread;
}

void Http1Flight::on_ended(Http1Connection& connection, Http1Failure failure) noexcept {
    // Kept until the end of this function: the connection is our caller.
    const std::unique_ptr<Http1Connection> ended = std::move(connection_);
    BOOM_ASSERT(ended.get() == &connection);
    HttpResponse& response = exchange_->response;
    if (state_ == State::Connecting) {
        ++home_->mutable_counts().failed;
        fail(failure.error, failure.text);
    } else if (may_retry(*ended)) {
        // The server had closed the kept connection before the request came to it.
        lane_->session = ended->take_session();
        response.was_sent = false;
        response.is_connection_reused = false;
        open_connection();
    } else if (failure.error != TransportError::None) {
        fail(failure.error, failure.text);
    } else if (ended->is_ended_orderly() && parser_.end() == Http1Response::Progress::Done) {
        lane_->session = ended->take_session();
        answer_complete();
    } else {
        const Http1Failure lost =
            explain_lost_connection(is_first_byte_in_ ? Answered::Partly : Answered::Not);
        fail(lost.error, lost.text);
    }
}

void Http1Flight::close_connection(Http1Connection::CloseMode mode) {
    if (connection_ != nullptr) {
        connection_->close(mode);
        lane_->session = connection_->take_session();
        connection_.reset();
    }
}

void Http1Flight::fail(TransportError error, std::string_view text) {
    HttpResponse& response = exchange_->response;
    response.error = error;
    response.error_text = text;
    drop_old_header();
    land();
}

void Http1Flight::drop_old_header() {
    if (!is_first_byte_in_ || !parser_.has_head()) {
        exchange_->response.headers.clear();
        exchange_->response.header_block.clear();
    }
}

void Http1Flight::cancel() {
    if (state_ == State::Landed) {
        return;
    }
    close_connection(Http1Connection::CloseMode::Abrupt);
    HttpResponse& response = exchange_->response;
    if (is_reusing_ && response.was_sent) {
        ++home_->mutable_counts().reused;
    }
    drop_old_header();
    response.error = TransportError::Cancelled;
    response.error_text = "cancelled";
    response.done_at = shared_.loop.now();
    state_ = State::Landed;
    home_->on_landed();
}

// The last thing that happens: the listener may start or destroy the exchange.
void Http1Flight::land() {
    HttpResponse& response = exchange_->response;
    if (response.is_connection_reused) {
        ++home_->mutable_counts().reused;
    }
    // One reading of the clock serves an answer that came in one piece.
    response.done_at = is_clock_fresh_ ? shared_.loop.now() : shared_.loop.refresh_now();
    if (connection_ != nullptr) {
        lanes_->keep_idle(*lane_, std::move(connection_));
    }
    state_ = State::Landed;
    home_->on_landed();
    Exchange& exchange = *exchange_;
    exchange.listener->on_done(exchange);
}

}  // namespace boom::net
