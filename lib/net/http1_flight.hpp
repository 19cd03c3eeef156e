#pragma once
// What the http1 engine keeps with an exchange: the request's bytes, the parser, the timer, and the
// connection while it flies. In steady state one exchange costs a comparison, a
// send, a parse and nothing else. The loop's thread.

#include "net/answer_body.hpp"
#include "net/flight_engine.hpp"
#include "net/http.hpp"
#include "net/http1_connection.hpp"
#include "net/http1_lanes.hpp"
#include "net/http1_request.hpp"
#include "net/http1_response.hpp"
#include "net/lazy_timer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace boom::net {

class Http1Flight;

using Http1Home = FlightHome<Http1Flight, Http1Lanes, Http1Shared>;

class Http1Flight final : public Exchange::EngineState,
                          public Http1User,
                          public BodySink,
                          public TimerListener {
public:
    explicit Http1Flight(Http1Home& home);
    ~Http1Flight() override;
    Http1Flight(const Http1Flight&) = delete;
    Http1Flight& operator=(const Http1Flight&) = delete;

    // Where an exchange keeps it.
    [[nodiscard]] static std::unique_ptr<Exchange::EngineState>& state_of(Exchange& exchange) {
        return exchange.engine_state;
    }

    void start(Exchange& exchange);
    void cancel();
    // The engine is going: no call, no connection.
    void leave_home();
    [[nodiscard]] bool is_flying() const { return state_ != State::Landed; }
    [[nodiscard]] const Http1Home* home() const { return home_; }

    void prefetch(int step) const noexcept override;
    void on_ready(Http1Connection& connection) noexcept override;
    void on_bytes(Http1Connection& connection, std::string_view bytes) noexcept override;
    void on_ended(Http1Connection& connection, Http1Failure failure) noexcept override;
    bool on_body(std::string_view bytes) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

    // The engine's: where the flight is in its list.
    std::size_t index = 0;

private:
    enum class State : std::uint8_t { Landed, Refused, Connecting, Waiting };

    [[nodiscard]] std::string_view take_request(const Exchange& exchange);
    void choose_lane();
    void open_connection();
    void send_request();
    void send_body();
    void time_out();
    void answer_complete();
    void answer_broken();
    [[nodiscard]] bool may_retry(const Http1Connection& connection) const;
    void refuse(TransportError error, std::string_view text);
    void close_connection(Http1Connection::CloseMode mode);
    void leave_lane();
    void fill_phases();
    void drop_old_header();
    void fail(TransportError error, std::string_view text);
    void land();

    Http1Home* home_;
    Http1Shared& shared_;
    Exchange* exchange_ = nullptr;
    // Of everybody's constant request, else of our own.
    const Http1Request* request_ = nullptr;
    std::string_view kept_;        // a constant request's bytes
    Http1Lanes* lanes_ = nullptr;  // of the owner
    std::uint64_t owner_ = 0;
    Http1Lane* lane_ = nullptr;
    // What lane_ was chosen for.
    const Http1Request* lane_request_ = nullptr;
    int lane_version_ = 0;                         // its origin_version()
    std::unique_ptr<Http1Connection> connection_;  // while flying
    AnswerBody body_;
    LazyTimer timer_;
    TimePoint deadline_{};
    State state_ = State::Landed;
    bool is_reusing_ = false;
    bool is_first_byte_in_ = false;
    bool is_clock_fresh_ = false;  // the clock was read for the bytes that are being taken
    bool is_body_held_ = false;    // until "100 Continue"
    bool has_sent_body_ = false;
    TransportError refusal_ = TransportError::None;
    Http1Response parser_;
    Http1Request own_request_;
};

}  // namespace boom::net
