#pragma once
// What the tests of the event loop share: listeners that record, and a loop with a server.

#include "net/event_loop.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

constexpr auto kLimit = std::chrono::seconds(20);

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
        peer_ports.push_back(peer.port);
        return refuses ? nullptr : this;
    }

    std::function<void(StreamId)> when_connected;
    std::function<void(StreamId, std::string_view)> when_data;
    std::function<void(StreamId)> when_closed;
    std::string received;
    std::string peer_address;
    std::vector<int> peer_ports;
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

// Makes its test run once on each kind of loop that this machine has.
inline IoKind each_kind() {
    const bool has_uring = EventLoop::create(IoKind::Uring) != nullptr;
    static const std::vector<IoKind> all{IoKind::Epoll, IoKind::Uring};
    return GENERATE_COPY(from_range(all.begin(), all.begin() + (has_uring ? 2 : 1)));
}

struct Fixture {
    std::unique_ptr<EventLoop> loop;
    Recorder server;
    Recorder client;
    int port = 0;

    explicit Fixture(IoKind kind) : loop(EventLoop::create(kind)) {
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

inline std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    }
    return text;
}

}  // namespace boom::net
