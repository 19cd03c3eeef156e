#pragma once
// One HTTP/2 connection and the flights on it: those that wait for it to open and those whose
// streams it carries. The loop's thread. What ends within a call of the session is reported when
// that call is over; a connection that is over stays in the graveyard until nobody looks at it.

#include "net/http1_connection.hpp"
#include "net/http2_session.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

class Http2Connection;
class Http2Flight;
struct Http2Lane;

// Connections that are over. They go in a turn of their own.
class Http2Graveyard final : public TimerListener {
public:
    explicit Http2Graveyard(EventLoop& loop) : loop_(loop) {}
    ~Http2Graveyard() override;
    Http2Graveyard(const Http2Graveyard&) = delete;
    Http2Graveyard& operator=(const Http2Graveyard&) = delete;

    void bury(std::unique_ptr<Http2Connection> connection);
    void on_timer(std::uint64_t key) noexcept override;

private:
    EventLoop& loop_;
    std::vector<std::unique_ptr<Http2Connection>> connections_;
    TimerId timer_;
};

// What all connections of an engine use.
struct Http2Shared {
    explicit Http2Shared(EventLoop& its_loop)
        : loop(its_loop), transport(its_loop), graveyard(its_loop) {}
    EventLoop& loop;
    Http1Shared transport;
    std::string frames;  // that are sent together; empty between calls
    PieceStore pieces;
    Http2Graveyard graveyard;
};

class Http2Connection final : public Http1User, public TimerListener {
public:
    // Own: what a flight has to send leaves at once. Shared: at the end of the turn, with that of
    // the others. Single: for one exchange.
    enum class Use : std::uint8_t { Own, Shared, Single };

    Http2Connection(Http2Shared& shared, HttpEngine::ConnectionCounts& counts, Http2Lane& lane,
                    Use use);
    ~Http2Connection() override;
    Http2Connection(const Http2Connection&) = delete;
    Http2Connection& operator=(const Http2Connection&) = delete;

    void open(const ConnectionOptions& options);
    // Another flight may come.
    [[nodiscard]] bool has_room() const;
    // Its request leaves as soon as the connection is open.
    void add(Http2Flight& flight);
    // It is given up: its stream, if it has one, is reset.
    enum class Why : std::uint8_t { Unwanted, TooSlow };
    void drop(Http2Flight& flight, Why why);
    // More of its request's body may be sent now.
    void resume_body(Http2Flight& flight);
    // From within a call of the session: the flight is over.
    void finish(Http2Flight& flight);
    // Nothing came since `mark`: who waits for an answer may wait in vain.
    [[nodiscard]] bool is_silent_since(std::uint64_t mark) const { return received_ == mark; }
    // Takes no more flights, and ends with the last one.
    void retire();
    // The lane has no use for it any more.
    void leave_lane();

    [[nodiscard]] bool is_open() const { return phase_ == Phase::Open; }
    // REQUIRES: not open yet.
    [[nodiscard]] ConnectProgress progress() const { return transport_->progress(); }
    [[nodiscard]] const Http1Connection::Times& times() const { return transport_->times(); }
    // Nobody is to be told of anything.
    [[nodiscard]] bool is_quiet() const { return done_.empty() && !is_delivering_; }

    void on_ready(Http1Connection& transport) noexcept override;
    void on_bytes(Http1Connection& transport, std::string_view bytes) noexcept override;
    void on_sent(Http1Connection& transport) noexcept override;
    void on_ended(Http1Connection& transport, Http1Failure failure) noexcept override;
    void on_timer(std::uint64_t key) noexcept override;

private:
    enum class Phase : std::uint8_t { Opening, Open, Over };

    void submit(Http2Flight& flight);
    // What was submitted leaves now, or later in this turn.
    void send_soon();
    void flush();
    void schedule();
    void deliver();
    void detach(Http2Flight& flight);
    void lose(const Http1Failure& failure);
    void end_unless_used();
    void close();
    void bury();

    Http2Shared& shared_;
    HttpEngine::ConnectionCounts& counts_;
    Http2Lane* lane_;
    std::unique_ptr<Http1Connection> transport_;
    std::unique_ptr<Http2Session> session_;       // when open
    std::unique_ptr<ConnectionOptions> options_;  // a copy, until it is open
    std::vector<Http2Flight*> flights_;
    std::vector<Http2Flight*> done_;  // not reported yet; null: it was cancelled meanwhile
    std::uint64_t received_ = 0;      // pieces
    std::uint64_t batch_ = 0;         // of requests that left together
    TimerId timer_;
    Use use_;
    Phase phase_ = Phase::Opening;
    bool is_timer_set_ = false;
    bool is_receiving_ = false;
    bool is_delivering_ = false;
    bool is_flushing_ = false;
    bool is_retired_ = false;
    bool has_new_requests_ = false;
    bool has_carried_ = false;  // an exchange
};

}  // namespace boom::net
