#include "event_loop_fixture.hpp"

#include <array>
#include <cerrno>
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

TEST_CASE("EventLoop: timers fire in order, never early, and cancelled ones not at all", "[net]") {
    Fixture f(each_kind());
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
    Fixture f(each_kind());
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
    Fixture f(each_kind());
    const TimePoint end = f.loop->refresh_now() + milliseconds(50);
    int turns = 0;
    while (f.loop->now() < end) {
        f.loop->run_once(end);
        ++turns;
    }
    CHECK(turns <= 10);
}

TEST_CASE("EventLoop: a wake from another thread ends the wait; several are one", "[net]") {
    Fixture f(each_kind());
    WakeCounter counter;
    f.loop->set_wake_listener(&counter);
    f.loop->wake();
    f.loop->wake();
    f.run_until([&] { return counter.wakes == 1; });
    f.loop->run_once(f.loop->now());
    CHECK(counter.wakes == 1);
    std::thread other([&] { f.loop->wake(); });
    // A turn may end with nothing done: the kernel ends a wait for reasons of its own.
    f.run_until([&] { return counter.wakes == 2; });
    other.join();
    CHECK(counter.wakes == 2);
}

TEST_CASE("EventLoop: a watched descriptor is reported as long as it is ready", "[net]") {
    Fixture f(each_kind());
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
    Fixture f(each_kind());
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
    Fixture f(each_kind());
    Recorder other;
    CHECK(f.loop->listen({"127.0.0.1", f.port}, EventLoop::PortSharing::Shared, other) == 0);
    CHECK(errno == EADDRINUSE);
    const int shared = f.loop->listen({"127.0.0.1", 0}, EventLoop::PortSharing::Shared, other);
    REQUIRE(shared > 0);
    CHECK(f.loop->listen({"127.0.0.1", shared}, EventLoop::PortSharing::Shared, other) == shared);
}

TEST_CASE("EventLoop: auto always finds a loop", "[net]") {
    CHECK(EventLoop::create(IoKind::Auto) != nullptr);
    CHECK(EventLoop::create(IoKind::Epoll) != nullptr);
}
