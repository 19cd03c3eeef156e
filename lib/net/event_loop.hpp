#pragma once
// The loop of one thread: streams, timers, wake-ups. It speaks in operations (connect, listen,
// send, data arrived), not in readiness, so that epoll and io_uring fit under the same interface.
// Everything but wake() belongs to the thread that runs the loop. No callback may block.

#include "base/units.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

using base::Duration;
using base::TimePoint;

// Ids carry a generation: a stale one is recognised and ignored, never mistaken for its successor.
struct TimerId {
    std::uint64_t value = 0;  // 0 = none
    bool operator==(const TimerId&) const = default;
};
struct StreamId {
    std::uint64_t value = 0;  // 0 = none
    bool operator==(const StreamId&) const = default;
};

class TimerListener {
public:
    virtual ~TimerListener() = default;
    // `key` is what start_timer() was given. The timer is gone by then.
    virtual void on_timer(std::uint64_t key) noexcept = 0;
};

// The events of one stream. After on_closed() the id is dead and nothing more is called.
class StreamListener {
public:
    virtual ~StreamListener() = default;
    // Bytes for it come soon: fetches into the caches what it will use (base/prefetch). Called with
    // each of the steps from 0 on, others are served in between: each goes on from what the one
    // before has fetched.
    static constexpr int kPrefetchSteps = 4;
    virtual void prefetch(int /*step*/) const noexcept {}
    virtual void on_connected(StreamId) noexcept {}
    // A view into the loop's buffer, valid during the call.
    virtual void on_data(StreamId stream, std::string_view bytes) noexcept = 0;
    // All that was given to send() is with the kernel: after tell_sent(), once.
    virtual void on_sent(StreamId) noexcept {}
    // Just before on_closed() of an opened stream, while its socket can still be asked what became
    // of the bytes sent.
    virtual void on_ending(StreamId /*stream*/, int /*descriptor*/) noexcept {}
    // `error` is an errno value; 0 = orderly end by the peer.
    virtual void on_closed(StreamId stream, int error) noexcept = 0;
};

class AcceptListener {
public:
    virtual ~AcceptListener() = default;
    struct Peer {
        std::string address;  // without port
        int port = 0;
    };
    // The listener of the new stream; null refuses the connection.
    virtual StreamListener* on_accepted(StreamId stream, const Peer& peer) noexcept = 0;
};

class DescriptorListener {
public:
    virtual ~DescriptorListener() = default;
    struct Readiness {
        bool readable = false;
        bool writable = false;
    };
    virtual void on_ready(int descriptor, Readiness readiness) noexcept = 0;
};

class WakeListener {
public:
    virtual ~WakeListener() = default;
    virtual void on_wake() noexcept = 0;
};

enum class IoKind { Auto, Uring, Epoll };

class EventLoop {
public:
    // Auto takes the best that the kernel allows. Null when an explicit kind is not available.
    [[nodiscard]] static std::unique_ptr<EventLoop> create(IoKind kind);
    virtual ~EventLoop() = default;

    // Read once per turn: cheap, and the same for everything that happens in one turn.
    [[nodiscard]] virtual TimePoint now() const = 0;
    // Reads the clock again, for a measurement inside a turn.
    virtual TimePoint refresh_now() = 0;

    // O(log n). Timers of one turn fire in order of their due time. Never early. One that is due
    // now costs O(1); it fires at the end of this turn, or of the next when a timer starts it.
    virtual TimerId start_timer(TimePoint due, TimerListener& listener, std::uint64_t key) = 0;
    virtual void cancel_timer(TimerId timer) = 0;  // a stale id is ignored

    // Streams (TCP, with TCP_NODELAY). `address` is a literal ("127.0.0.1", "::1").
    struct Endpoint {
        std::string address;
        int port = 0;
        std::string source = {};  // connect() only: the literal address to come from; empty: any
    };
    // Result arrives as on_connected() or on_closed(); id 0 with errno when no socket can be made.
    virtual StreamId connect(const Endpoint& to, StreamListener& listener) = 0;
    // Takes what it can at once, keeps a copy of the rest.
    virtual void send(StreamId stream, std::string_view bytes) = 0;
    // Bytes that many streams will send: kept until the loop goes.
    [[nodiscard]] virtual std::string_view keep(std::string bytes) = 0;
    // send() of what keep() gave, without a copy.
    virtual void send_kept(StreamId stream, std::string_view kept) = 0;
    // Asks for on_sent(), in a later turn.
    virtual void tell_sent(StreamId stream) = 0;
    [[nodiscard]] virtual std::size_t unsent_bytes(StreamId stream) const = 0;
    // No on_data() until resumed: back-pressure.
    enum class Reading { Paused, Active };
    virtual void set_reading(StreamId stream, Reading reading) = 0;
    // Closes; on_closed() is not called for it. Reset drops what is unsent and sends RST.
    enum class CloseMode { AfterSending, Reset };
    virtual void close(StreamId stream, CloseMode mode) = 0;
    // Port 0 picks one. Returns the port, or empty with errno set. Backlog 4096, SO_REUSEADDR,
    // SO_REUSEPORT when `shared` so that several loops can listen on one port.
    enum class PortSharing { Exclusive, Shared };
    [[nodiscard]] virtual int listen(const Endpoint& at, PortSharing sharing,
                                     AcceptListener& listener) = 0;

    // Level-triggered readiness of a foreign descriptor: for libcurl's sockets and script hosts
    // only. Interest {false,false} removes it.
    virtual void watch(int descriptor, DescriptorListener::Readiness interest,
                       DescriptorListener& listener) = 0;
    virtual void unwatch(int descriptor) = 0;

    // Any thread: on_wake() is called once in the loop's thread, soon, however often it was asked.
    virtual void wake() noexcept = 0;
    virtual void set_wake_listener(WakeListener* listener) = 0;

    // What has arrived may wait so long for more to arrive, so that one wake-up serves several; a
    // loop need not make use of it. 0, as at first: it waits only while the loop has no idle time.
    virtual void bear_delay(Duration /*most*/) {}

    // One turn: waits for something to do, at most until `until`, and does it.
    virtual void run_once(TimePoint until) = 0;
};

}  // namespace boom::net
