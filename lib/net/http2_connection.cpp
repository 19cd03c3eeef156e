#include "net/http2_connection.hpp"

#include "base/assert.hpp"
#include "net/http2_flight.hpp"
#include "net/http2_lanes.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

// Bytes that are made ready before the kernel is asked whether it wants more.
constexpr std::size_t kMaxGathered = std::size_t{256} * 1024;

constexpr std::string_view kNoHttp2 = "the server speaks no HTTP/2";
constexpr std::string_view kBrokenRules = "the server breaks the rules of HTTP/2";

}  // namespace

Http2Graveyard::~Http2Graveyard() {
    loop_.cancel_timer(timer_);
}

void Http2Graveyard::bury(std::unique_ptr<Http2Connection> connection) {
    if (connections_.empty()) {
        timer_ = loop_.start_timer(loop_.now(), *this, 0);
    }
    connections_.push_back(std::move(connection));
}

void Http2Graveyard::on_timer(std::uint64_t /*key*/) noexcept {
    // One that has something to report still does so in this turn or the next.
    std::erase_if(connections_, [](const auto& connection) { return connection->is_quiet(); });
    timer_ = connections_.empty() ? TimerId() : loop_.start_timer(loop_.now(), *this, 0);
}

Http2Connection::Http2Connection(Http2Shared& shared, HttpEngine::ConnectionCounts& counts,
                                 Http2Lane& lane, Use use)
    : shared_(shared),
      counts_(counts),
      lane_(&lane),
      transport_(std::make_unique<Http1Connection>(shared.transport, *this)),
      use_(use) {}

Http2Connection::~Http2Connection() {
    shared_.loop.cancel_timer(timer_);
}

void Http2Connection::open(const ConnectionOptions& options) {
    // Whoever asked for it may be gone before it is open.
    options_ = std::make_unique<ConnectionOptions>(options);
    transport_->open(lane_->origin, *options_, *lane_->profile, lane_->session);
}

bool Http2Connection::has_room() const {
    if (phase_ == Phase::Over || is_retired_ || use_ == Use::Single) {
        return false;
    }
    return phase_ == Phase::Opening
               ? flights_.size() < Http2Session::kAssumedStreams
               : flights_.size() < session_->max_streams() && session_->takes_requests();
}

void Http2Connection::add(Http2Flight& flight) {
    BOOM_ASSERT(phase_ != Phase::Over);
    flight.berth = {};
    flight.berth.place = flights_.size();
    flights_.push_back(&flight);
    if (phase_ == Phase::Open) {
        submit(flight);
        send_soon();
    }
}

void Http2Connection::submit(Http2Flight& flight) {
    Http2Berth& berth = flight.berth;
    berth.is_reused = has_carried_;
    berth.received = received_;
    berth.batch = batch_ + 1;
    has_carried_ = true;
    has_new_requests_ = true;
    flight.on_submitting();
    berth.stream = session_->submit(flight.request(), flight);
    if (berth.stream == 0) {
        // All ids of this connection are used up.
        flight.on_broken(Http2StreamEnd::Unread, {});
        schedule();
    }
}

void Http2Connection::detach(Http2Flight& flight) {
    const std::size_t place = flight.berth.place;
    BOOM_ASSERT(flights_[place] == &flight);
    flights_[place] = flights_.back();
    flights_[place]->berth.place = place;
    flights_.pop_back();
}

void Http2Connection::finish(Http2Flight& flight) {
    detach(flight);
    flight.berth.is_done = true;
    flight.berth.place = done_.size();
    done_.push_back(&flight);
}

void Http2Connection::drop(Http2Flight& flight, Why why) {
    if (flight.berth.is_done) {
        done_[flight.berth.place] = nullptr;
        return;
    }
    detach(flight);
    if (flight.berth.stream != 0) {
        session_->reset(flight.berth.stream);
        send_soon();
    }
    if (phase_ == Phase::Opening && flights_.empty()) {
        counts_.failed += why == Why::TooSlow ? 1 : 0;
        is_retired_ = true;
    }
    end_unless_used();
}

void Http2Connection::resume_body(Http2Flight& flight) {
    session_->resume_body(flight.berth.stream);
    send_soon();
}

void Http2Connection::retire() {
    is_retired_ = true;
    end_unless_used();
}

// Not from within a call of the session.
void Http2Connection::end_unless_used() {
    const bool is_used_up = is_retired_ || (use_ == Use::Single && has_carried_);
    if (is_used_up && flights_.empty() && !is_receiving_ && !is_flushing_) {
        close();
    }
}

void Http2Connection::leave_lane() {
    lane_ = nullptr;
    close();
}

void Http2Connection::close() {
    if (phase_ == Phase::Over) {
        return;
    }
    BOOM_ASSERT(flights_.empty());
    if (phase_ == Phase::Open) {
        session_->say_goodbye();
        std::string& frames = shared_.frames;
        frames.clear();
        static_cast<void>(session_->gather(frames, kMaxGathered));
        transport_->send(frames);
        frames.clear();
    }
    phase_ = Phase::Over;
    transport_->close(Http1Connection::CloseMode::Orderly);
    bury();
}

void Http2Connection::bury() {
    if (lane_ != nullptr) {
        lane_->session = transport_->take_session();
        std::exchange(lane_, nullptr)->remove(*this);
    }
}

void Http2Connection::send_soon() {
    if (is_receiving_ || is_delivering_) {
        return;  // it ends with a flush
    }
    if (use_ == Use::Shared) {
        schedule();
    } else {
        flush();
    }
}

void Http2Connection::schedule() {
    if (!is_timer_set_) {
        is_timer_set_ = true;
        timer_ = shared_.loop.start_timer(shared_.loop.now(), *this, 0);
    }
}

void Http2Connection::on_timer(std::uint64_t /*key*/) noexcept {
    is_timer_set_ = false;
    deliver();
    flush();
    end_unless_used();
}

void Http2Connection::flush() {
    if (phase_ != Phase::Open || is_flushing_) {
        return;
    }
    is_flushing_ = true;
    std::string& frames = shared_.frames;
    bool has_more = true;
    while (has_more) {
        frames.clear();
        has_more = session_->gather(frames, kMaxGathered);
        if (has_new_requests_) {
            has_new_requests_ = false;
            ++batch_;
            transport_->mark_request();
        }
        if (!frames.empty()) {
            transport_->send(frames);
        }
        if (has_more && transport_->has_unsent_bytes()) {
            transport_->tell_sent();  // on_sent() goes on
            has_more = false;
        }
    }
    frames.clear();
    is_flushing_ = false;
    if (session_->is_over()) {
        lose({});
    }
    if (!done_.empty()) {
        schedule();
    }
}

void Http2Connection::deliver() {
    if (is_delivering_) {
        return;
    }
    is_delivering_ = true;
    for (std::size_t index = 0; index < done_.size(); ++index) {
        Http2Flight* flight = std::exchange(done_[index], nullptr);
        if (flight != nullptr) {
            flight->conclude();
        }
    }
    done_.clear();
    is_delivering_ = false;
}

void Http2Connection::on_ready(Http1Connection& transport) noexcept {
    options_.reset();
    if (!transport.may_speak_http2()) {
        // What was asked for is not what would be measured.
        ++counts_.failed;
        lose({TransportError::BadResponse, std::string(kNoHttp2)});
        schedule();
        return;
    }
    ++counts_.opened;
    counts_.local += transport.is_local() ? 1 : 0;
    phase_ = Phase::Open;
    session_ = std::make_unique<Http2Session>(shared_.pieces);
    // The one that it was opened for comes first.
    for (std::size_t place = 0; place < flights_.size();) {
        Http2Flight& flight = *flights_[place];
        submit(flight);
        // One that ended at once has left its place to another.
        if (place < flights_.size() && flights_[place] == &flight) {
            ++place;
        }
    }
    // At once: the first words of a connection are due, whoever uses it.
    flush();
}

void Http2Connection::on_bytes(Http1Connection& transport, std::string_view bytes) noexcept {
    if (phase_ != Phase::Open) {
        return;
    }
    ++received_;
    // One reading of the clock serves all answers in these bytes.
    shared_.loop.refresh_now();
    is_receiving_ = true;
    const bool is_understood = session_->receive(bytes);
    is_receiving_ = false;
    deliver();
    flush();
    if (phase_ == Phase::Open && (!is_understood || transport.is_ended_orderly())) {
        lose({});
    }
    deliver();
    end_unless_used();
}

void Http2Connection::on_sent(Http1Connection& /*transport*/) noexcept {
    flush();
}

void Http2Connection::on_ended(Http1Connection& /*transport*/, Http1Failure failure) noexcept {
    if (phase_ == Phase::Over) {
        return;
    }
    counts_.failed += phase_ == Phase::Opening ? 1 : 0;
    lose(failure);
    deliver();
}

// The connection is over; who is still on it hears why, or goes on elsewhere.
void Http2Connection::lose(const Http1Failure& failure) {
    const bool is_opening = phase_ == Phase::Opening;
    const bool is_unread = transport_->fate() == Http1Connection::Fate::Unread;
    Http1Failure reason = failure;
    if (!is_opening && failure.error == TransportError::None && session_->has_peer_failed()) {
        reason = {TransportError::BadResponse,
                  std::string(session_->has_settings() ? kBrokenRules : kNoHttp2)};
    }
    phase_ = Phase::Over;
    transport_->close(Http1Connection::CloseMode::Orderly);
    while (!flights_.empty()) {
        Http2Flight& flight = *flights_.back();
        const Http2Berth& berth = flight.berth;
        const bool is_untouched =
            !flight.is_sent() ||
            (is_unread && berth.is_reused && berth.batch == batch_ && !flight.is_first_byte_in());
        if (!is_opening && is_untouched) {
            flight.on_broken(Http2StreamEnd::Refused, {});
        } else {
            flight.on_lost(reason);
        }
    }
    bury();
}

}  // namespace boom::net
