#pragma once
// What the HTTP/2 engine keeps with an exchange: the request's fields, the answer's header as it
// comes, the timer, and its place on a connection while it flies. The loop's thread.

#include "net/answer_body.hpp"
#include "net/flight_engine.hpp"
#include "net/http.hpp"
#include "net/http2_lanes.hpp"
#include "net/http2_request.hpp"
#include "net/http2_session.hpp"
#include "net/lazy_timer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

class Http2Flight;
using Http2Home = FlightHome<Http2Flight, Http2Lanes, Http2Shared>;

// Where a flight is on its connection; the connection's.
struct Http2Berth {
    std::size_t place = 0;  // among those that fly, or that are done
    std::uint64_t batch = 0;
    std::uint64_t received = 0;  // pieces, when its request was submitted
    std::int32_t stream = 0;     // 0: none yet
    bool is_reused = false;      // the connection had carried others
    bool is_done = false;
};

class Http2Flight final : public Exchange::EngineState, public Http2Stream, public TimerListener {
public:
    explicit Http2Flight(Http2Home& home);
    ~Http2Flight() override;
    Http2Flight(const Http2Flight&) = delete;
    Http2Flight& operator=(const Http2Flight&) = delete;

    // Where an exchange keeps it.
    [[nodiscard]] static std::unique_ptr<Exchange::EngineState>& state_of(Exchange& exchange) {
        return exchange.http2_state;
    }

    void start(Exchange& exchange);
    void cancel();
    // The engine is going: no call, no connection.
    void leave_home();
    [[nodiscard]] const Http2Home* home() const { return home_; }

    // For the connection.
    [[nodiscard]] const Http2Request& request() const { return request_; }
    [[nodiscard]] bool is_sent() const { return exchange_->response.was_sent; }
    [[nodiscard]] bool is_first_byte_in() const { return is_first_byte_in_; }
    void on_submitting();
    // No answer will come.
    void on_lost(const Http1Failure& failure);
    // Outside of all calls of the session: says what became of it, or tries again.
    void conclude();
    Http2Berth berth;

    void on_frame_sent(std::size_t bytes) noexcept override;
    void on_frame_bytes(std::size_t bytes) noexcept override;
    bool on_header(std::string_view name, std::string_view value) noexcept override;
    bool on_head() noexcept override;
    bool on_body(std::string_view bytes) noexcept override;
    void on_whole() noexcept override;
    void on_broken(Http2StreamEnd end, std::string_view reason) noexcept override;
    BodyPart next_body(std::size_t size) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

    // The engine's: where the flight is in its list.
    std::size_t index = 0;

private:
    enum class State : std::uint8_t { Landed, Refused, Connecting, Waiting, Done };
    enum class Outcome : std::uint8_t { Answered, Failed, Again };

    void choose_lane();
    void leave_lane();
    void board();
    void reset_answer();
    void end(Outcome outcome);
    void time_out();
    void take_head();
    void fail(const Http1Failure& failure);
    void land();

    Http2Home* home_;
    Http2Shared& shared_;
    Exchange* exchange_ = nullptr;
    Http2Request request_;
    AnswerBody body_;
    Http2Lanes* lanes_ = nullptr;  // of the owner
    std::uint64_t owner_ = 0;
    Http2Lane* lane_ = nullptr;
    int lane_version_ = 0;  // request_.origin_version() that lane_ was chosen for
    Http2Connection* connection_ = nullptr;
    LazyTimer timer_;
    TimePoint deadline_{};
    TimePoint connect_deadline_{};
    // The header as it comes. Often it is that of before, which the response has still.
    std::string head_;
    const HttpResponse* known_response_ = nullptr;
    std::size_t known_headers_ = 0;
    std::size_t head_bytes_ = 0;  // of all blocks of the answer
    std::size_t body_sent_ = 0;
    Http1Failure failure_;
    std::string_view fault_;  // what was refused
    int status_ = 0;
    int interim_answers_ = 0;
    int refusals_ = 0;
    State state_ = State::Landed;
    Outcome outcome_ = Outcome::Answered;
    bool is_first_byte_in_ = false;
    bool has_head_ = false;
    bool has_set_cookie_ = false;
    bool is_body_held_ = false;  // until "100 Continue"
};

}  // namespace boom::net
