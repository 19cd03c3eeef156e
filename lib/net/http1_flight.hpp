#pragma once
// What the http1 engine keeps with an exchange: the request's bytes, the parser, the timer, and the
// connection while it flies. In steady state one exchange costs a comparison, a
// send, a parse and nothing else. The loop's thread.

#include "net/content_decoder.hpp"
#include "net/http.hpp"
#include "net/http1_connection.hpp"
#include "net/http1_lanes.hpp"
#include "net/http1_request.hpp"
#include "net/http1_response.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace boom::net {

class Http1Flight;

// The engine, as its flights see it.
class Http1Home {
public:
    virtual ~Http1Home() = default;
    [[nodiscard]] virtual Http1Shared& shared() = 0;
    [[nodiscard]] virtual Http1Profile& profile_for(const ConnectionOptions& options) = 0;
    [[nodiscard]] virtual HttpEngine::ConnectionCounts& mutable_counts() = 0;
    // The flight has ended; `in_flight` falls.
    virtual void on_landed() = 0;
    virtual void on_destroyed(Http1Flight& flight) = 0;
    // The connections of an owner; the reference is good until as many calls of leave_lanes().
    [[nodiscard]] virtual Http1Lanes& enter_lanes(std::uint64_t owner) = 0;
    virtual void leave_lanes(std::uint64_t owner) = 0;
};

class Http1Flight final : public Exchange::EngineState,
                          public Http1User,
                          public BodySink,
                          public TimerListener {
public:
    explicit Http1Flight(Http1Home& home);
    ~Http1Flight() override;
    Http1Flight(const Http1Flight&) = delete;
    Http1Flight& operator=(const Http1Flight&) = delete;

    void start(Exchange& exchange);
    void cancel();
    // The engine is going: no call, no connection.
    void leave_home();
    [[nodiscard]] bool is_flying() const { return state_ != State::Landed; }
    [[nodiscard]] const Http1Home* home() const { return home_; }

    void on_ready(Http1Connection& connection) noexcept override;
    void on_bytes(Http1Connection& connection, std::string_view bytes) noexcept override;
    void on_ended(Http1Connection& connection, Http1Failure failure) noexcept override;
    bool on_body(std::string_view bytes) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

    // The engine's: where the flight is in its list.
    std::size_t index = 0;

private:
    enum class State : std::uint8_t { Landed, Refused, Connecting, Waiting };

    void choose_lane();
    void open_connection();
    void send_request();
    void send_body();
    void set_timer(TimePoint due);
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
    [[nodiscard]] bool prepare_decoder();
    [[nodiscard]] bool is_body_whole();

    Http1Home* home_;
    Http1Shared& shared_;
    Exchange* exchange_ = nullptr;
    Http1Request request_;
    Http1Response parser_;
    Http1Lanes* lanes_ = nullptr;  // of the owner
    std::uint64_t owner_ = 0;
    Http1Lane* lane_ = nullptr;
    int lane_version_ = 0;  // request_.origin_version() that lane_ was chosen for
    std::unique_ptr<Http1Connection> connection_;  // while flying
    std::unique_ptr<ContentDecoder> decoder_;
    TimerId timer_;
    TimePoint timer_due_ = TimePoint::max();  // of timer_; max: none
    TimePoint deadline_{};
    State state_ = State::Landed;
    bool is_reusing_ = false;
    bool is_first_byte_in_ = false;
    bool is_clock_fresh_ = false;  // the clock was read for the bytes that are being taken
    bool is_body_held_ = false;    // until "100 Continue"
    bool has_sent_body_ = false;
    bool has_decoder_ = false;  // it was decided whether there is one
    TransportError refusal_ = TransportError::None;
    std::string body_fault_;
};

}  // namespace boom::net
