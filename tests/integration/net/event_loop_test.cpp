#include "net/event_loop.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace boom::net;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr auto kLimit = seconds(20);

// Records what happens to streams; a test hooks in where it wants to act.
class Recorder final : public StreamListener, public AcceptListener {
public:
    void on_connected(StreamId stream) noexcept override {
        ++connected;
        if (when_connected) {
            when_connected(stream);
        }
    }
    void on_data(StreamId stream, std::string_view bytes) noexcept override {
        ++data_calls;
        received.append(bytes);
        if (when_data) {
            when_data(stream, bytes);
        }
    }
    void on_sent(StreamId /*stream*/) noexcept override { ++sent; }
    void on_closed(StreamId stream, int reason) noexcept override {
        ++closed;
        error = reason;
        if (when_closed) {
            when_closed(stream);
        }
    }
    StreamListener* on_accepted(StreamId stream, const Peer& peer) noexcept override {
        accepted = stream;
        peer_address = peer.address;
        return refuses ? nullptr : this;
    }

    std::function<void(StreamId)> when_connected;
    std::function<void(StreamId, std::string_view)> when_data;
    std::function<void(StreamId)> when_closed;
    std::string received;
    std::string peer_address;
    StreamId accepted;
    int connected = 0;
    int data_calls = 0;
    int sent = 0;
    int closed = 0;
    int error = -1;
    bool refuses = false;
};

class TimerRecorder final : public TimerListener {
public:
    void on_timer(std::uint64_t key) noexcept override {
        keys.push_back(key);
        if (when_fired) {
            when_fired(key);
        }
    }
    std::function<void(std::uint64_t)> when_fired;
    std::vector<std::uint64_t> keys;
};

class WakeCounter final : public WakeListener {
public:
    void on_wake() noexcept override { ++wakes; }
    int wakes = 0;
};

class DescriptorRecorder final : public DescriptorListener {
public:
    void on_ready(int descriptor, Readiness readiness) noexcept override {
        ++calls;
        last = readiness;
        if (when_ready) {
            when_ready(descriptor);
        }
    }
    std::function<void(int)> when_ready;
    Readiness last;
    int calls = 0;
};

struct Fixture {
    std::unique_ptr<EventLoop> loop = EventLoop::create(IoKind::Epoll);
    Recorder server;
    Recorder client;
    int port = 0;

    Fixture() {
        REQUIRE(loop != nullptr);
        port = loop->listen({"127.0.0.1", 0}, EventLoop::PortSharing::Exclusive, server);
        REQUIRE(port > 0);
    }
    StreamId connect() { return loop->connect({"127.0.0.1", port}, client); }
    template <typename Condition>
    void run_until(Condition condition) {
        const TimePoint end = loop->refresh_now() + kLimit;
        while (!condition() && loop->now() < end) {
            loop->run_once(end);
        }
        REQUIRE(condition());
    }
    void run_for(Duration duration) {
        const TimePoint end = loop->refresh_now() + duration;
        while (loop->now() < end) {
            loop->run_once(end);
        }
    }
};

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    }
    return text;
}

}  // namespace

TEST_CASE("EventLoop: a stream carries bytes both ways and ends in order", "[net]") {
    Fixture f;
    f.server.when_data = [&](StreamId stream, std::string_view bytes) {
        f.loop->send(stream, "<" + std::string(bytes) + ">");
    };
    f.client.when_connected = [&](StreamId stream) { f.loop->send(stream, "hello"); };
    const StreamId stream = f.connect();
    REQUIRE(stream.value != 0);
    f.run_until([&] { return f.client.received == "<hello>" && f.client.sent == 1; });
    CHECK(f.client.connected == 1);
    CHECK(f.server.peer_address == "127.0.0.1");
    f.loop->close(stream, EventLoop::CloseMode::AfterSending);
    f.run_until([&] { return f.server.closed == 1; });
    CHECK(f.server.error == 0);
    CHECK(f.client.closed == 0);
}

TEST_CASE("EventLoop: what is sent before the connection stands goes out after it", "[net]") {
    Fixture f;
    const StreamId stream = f.connect();
    f.loop->send(stream, "early ");
    f.loop->send(stream, "bird");
    CHECK(f.loop->unsent_bytes(stream) == 10);
    f.run_until([&] { return f.server.received == "early bird"; });
    CHECK(f.loop->unsent_bytes(stream) == 0);
}

TEST_CASE("EventLoop: a refused connection is reported with its errno, from the loop", "[net]") {
    Fixture f;
    int busy_free_port = 0;
    {
        Fixture other;
        busy_free_port = other.port;
    }
    const StreamId stream = f.loop->connect({"127.0.0.1", busy_free_port}, f.client);
    REQUIRE(stream.value != 0);
    CHECK(f.client.closed == 0);
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.client.error == ECONNREFUSED);
    CHECK(f.client.connected == 0);
}

TEST_CASE("EventLoop: an address that is not a literal makes no stream", "[net]") {
    Fixture f;
    CHECK(f.loop->connect({"localhost", 80}, f.client).value == 0);
    CHECK(errno == EINVAL);
}

TEST_CASE("EventLoop: a large body arrives whole though the reader pauses", "[net]") {
    Fixture f;
    const std::string body = pattern(8 * 1024 * 1024);
    StreamId accepted;
    f.server.when_data = [&](StreamId stream, std::string_view) {
        accepted = stream;
        if (f.server.received.size() < 1024 * 1024) {
            f.loop->set_reading(stream, EventLoop::Reading::Paused);
        }
    };
    const StreamId stream = f.connect();
    f.loop->send(stream, body);
    f.run_until([&] { return f.server.data_calls == 1; });
    f.run_for(milliseconds(20));
    CHECK(f.server.data_calls == 1);
    CHECK(f.loop->unsent_bytes(stream) > 0);
    const TimePoint end = f.loop->refresh_now() + kLimit;
    while (f.server.received.size() < body.size() && f.loop->now() < end) {
        f.loop->set_reading(accepted, EventLoop::Reading::Active);
        f.loop->run_once(f.loop->now() + milliseconds(5));
    }
    CHECK(f.server.received == body);
    CHECK(f.client.sent == 1);
}

TEST_CASE("EventLoop: closing after sending delivers everything first", "[net]") {
    Fixture f;
    const std::string body = pattern(4 * 1024 * 1024);
    f.server.when_data = [&](StreamId stream, std::string_view) {
        f.loop->send(stream, body);
        f.loop->close(stream, EventLoop::CloseMode::AfterSending);
        f.loop->send(stream, "too late");
    };
    f.loop->send(f.connect(), "go");
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.client.received == body);
    CHECK(f.client.error == 0);
    CHECK(f.server.closed == 0);
}

TEST_CASE("EventLoop: what is unsent still goes to a peer that ended its side", "[net]") {
    Fixture f;
    const std::string body = pattern(8 * 1024 * 1024);
    f.server.when_data = [&](StreamId stream, std::string_view) { f.loop->send(stream, body); };
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(socket >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(f.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket, static_cast<sockaddr*>(static_cast<void*>(&address)),
                      sizeof address) == 0);
    REQUIRE(::send(socket, "go", 2, 0) == 2);
    REQUIRE(::shutdown(socket, SHUT_WR) == 0);
    f.run_until([&] { return f.server.closed == 1; });
    std::string received;
    std::vector<char> buffer(64 * 1024);
    const TimePoint end = f.loop->refresh_now() + kLimit;
    ssize_t count = -1;
    while (count != 0 && f.loop->now() < end) {
        f.loop->run_once(f.loop->now());
        count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count > 0) {
            received.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    ::close(socket);
    CHECK(received == body);
}

TEST_CASE("EventLoop: a reset reaches the peer as ECONNRESET", "[net]") {
    Fixture f;
    f.server.when_data = [&](StreamId stream, std::string_view) {
        f.loop->close(stream, EventLoop::CloseMode::Reset);
    };
    f.loop->send(f.connect(), "x");
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.client.error == ECONNRESET);
}

TEST_CASE("EventLoop: a refused accept closes the connection", "[net]") {
    Fixture f;
    f.server.refuses = true;
    f.connect();
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.server.closed == 0);
}

TEST_CASE("EventLoop: a stale stream id is ignored everywhere", "[net]") {
    Fixture f;
    const StreamId first = f.connect();
    f.run_until([&] { return f.client.connected == 1; });
    f.loop->close(first, EventLoop::CloseMode::Reset);
    const StreamId second = f.connect();
    CHECK_FALSE(first == second);
    f.run_until([&] { return f.client.connected == 2; });
    f.server.received.clear();
    f.loop->send(first, "stale");
    f.loop->close(first, EventLoop::CloseMode::Reset);
    f.loop->set_reading(first, EventLoop::Reading::Paused);
    f.loop->send(second, "fresh");
    f.run_until([&] { return f.server.received.size() >= 5; });
    CHECK(f.server.received == "fresh");
    CHECK(f.loop->unsent_bytes(first) == 0);
}

TEST_CASE("EventLoop: callbacks may close their own stream and connect anew", "[net]") {
    Fixture f;
    int rounds = 0;
    f.server.when_data = [&](StreamId stream, std::string_view bytes) {
        f.loop->send(stream, bytes);
    };
    f.client.when_connected = [&](StreamId stream) { f.loop->send(stream, "ping"); };
    f.client.when_data = [&](StreamId stream, std::string_view) {
        f.loop->close(stream, EventLoop::CloseMode::AfterSending);
        f.loop->close(stream, EventLoop::CloseMode::Reset);
        if (++rounds < 50) {
            f.connect();
        }
    };
    f.connect();
    f.run_until([&] { return rounds == 50 && f.server.closed == 50; });
    CHECK(f.client.connected == 50);
    CHECK(f.client.closed == 0);
}

TEST_CASE("EventLoop: a stream closed by another's callback of the same turn is silent", "[net]") {
    Fixture f;
    std::vector<StreamId> streams;
    std::vector<StreamId> accepted;
    f.server.when_data = [&](StreamId stream, std::string_view) { accepted.push_back(stream); };
    for (int i = 0; i < 20; ++i) {
        streams.push_back(f.connect());
        f.loop->send(streams.back(), "x");
    }
    f.run_until([&] { return accepted.size() == 20; });
    int calls = 0;
    f.client.when_data = [&](StreamId, std::string_view) {
        ++calls;
        for (const StreamId stream : streams) {
            f.loop->close(stream, EventLoop::CloseMode::Reset);
        }
    };
    for (const StreamId stream : accepted) {
        f.loop->send(stream, "y");
    }
    f.run_until([&] { return f.server.closed == 20; });
    CHECK(calls == 1);
    CHECK(f.client.closed == 0);
}

TEST_CASE("EventLoop: timers fire in order, never early, and cancelled ones not at all", "[net]") {
    Fixture f;
    TimerRecorder timers;
    const TimePoint start = f.loop->refresh_now();
    f.loop->start_timer(start + microseconds(3000), timers, 3);
    f.loop->start_timer(start + microseconds(700), timers, 1);
    const TimerId cancelled = f.loop->start_timer(start + microseconds(900), timers, 9);
    f.loop->start_timer(start + microseconds(1500), timers, 2);
    timers.when_fired = [&](std::uint64_t key) {
        const std::array<int, 4> due_us = {0, 700, 1500, 3000};
        CHECK(f.loop->now() >= start + microseconds(due_us.at(key)));
        f.loop->cancel_timer(cancelled);
    };
    f.run_until([&] { return timers.keys.size() == 3; });
    CHECK(timers.keys == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("EventLoop: a timer that restarts itself at once does not hold the turn", "[net]") {
    Fixture f;
    TimerRecorder timers;
    timers.when_fired = [&](std::uint64_t key) {
        f.loop->start_timer(f.loop->now(), timers, key + 1);
    };
    f.loop->start_timer(f.loop->now(), timers, 0);
    f.loop->run_once(f.loop->now());
    f.loop->run_once(f.loop->now());
    CHECK(timers.keys == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("EventLoop: an idle loop sleeps until its time and does not spin", "[net]") {
    Fixture f;
    const TimePoint end = f.loop->refresh_now() + milliseconds(50);
    int turns = 0;
    while (f.loop->now() < end) {
        f.loop->run_once(end);
        ++turns;
    }
    CHECK(turns <= 10);
}

TEST_CASE("EventLoop: a wake from another thread ends the wait; several are one", "[net]") {
    Fixture f;
    WakeCounter counter;
    f.loop->set_wake_listener(&counter);
    f.loop->wake();
    f.loop->wake();
    f.run_until([&] { return counter.wakes == 1; });
    f.loop->run_once(f.loop->now());
    CHECK(counter.wakes == 1);
    std::thread other([&] { f.loop->wake(); });
    f.loop->run_once(TimePoint::max());
    other.join();
    CHECK(counter.wakes == 2);
}

TEST_CASE("EventLoop: a watched descriptor is reported as long as it is ready", "[net]") {
    Fixture f;
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    DescriptorRecorder recorder;
    f.loop->watch(ends[0], {.readable = true, .writable = false}, recorder);
    f.loop->run_once(f.loop->refresh_now());
    CHECK(recorder.calls == 0);
    REQUIRE(::write(ends[1], "x", 1) == 1);
    f.loop->run_once(f.loop->refresh_now());
    f.loop->run_once(f.loop->refresh_now());
    CHECK(recorder.calls == 2);
    CHECK(recorder.last.readable);
    CHECK_FALSE(recorder.last.writable);
    recorder.when_ready = [&](int descriptor) { f.loop->unwatch(descriptor); };
    f.loop->run_once(f.loop->refresh_now());
    f.loop->run_once(f.loop->refresh_now());
    CHECK(recorder.calls == 3);
    f.loop->watch(ends[1], {.readable = false, .writable = true}, recorder);
    f.loop->run_once(f.loop->refresh_now());
    CHECK(recorder.calls == 4);
    CHECK(recorder.last.writable);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("EventLoop: a descriptor closed before it was unwatched may be watched again", "[net]") {
    Fixture f;
    DescriptorRecorder recorder;
    std::array<int, 2> first{};
    REQUIRE(::pipe(first.data()) == 0);
    f.loop->watch(first[0], {.readable = true, .writable = false}, recorder);
    ::close(first[0]);
    std::array<int, 2> second{};
    REQUIRE(::pipe(second.data()) == 0);
    REQUIRE(second[0] == first[0]);
    f.loop->watch(second[0], {.readable = true, .writable = false}, recorder);
    REQUIRE(::write(second[1], "x", 1) == 1);
    f.loop->run_once(f.loop->refresh_now());
    CHECK(recorder.calls == 1);
    ::close(first[1]);
    ::close(second[0]);
    ::close(second[1]);
}

TEST_CASE("EventLoop: two loops share a port only when both ask for it", "[net]") {
    Fixture f;
    Recorder other;
    CHECK(f.loop->listen({"127.0.0.1", f.port}, EventLoop::PortSharing::Shared, other) == 0);
    CHECK(errno == EADDRINUSE);
    const int shared = f.loop->listen({"127.0.0.1", 0}, EventLoop::PortSharing::Shared, other);
    REQUIRE(shared > 0);
    CHECK(f.loop->listen({"127.0.0.1", shared}, EventLoop::PortSharing::Shared, other) == shared);
}

TEST_CASE("EventLoop: io_uring is not offered yet, auto is", "[net]") {
    CHECK(EventLoop::create(IoKind::Uring) == nullptr);
    CHECK(EventLoop::create(IoKind::Auto) != nullptr);
}
