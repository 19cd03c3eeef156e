// Many streams of one loop, and what they do to each other.
#include "event_loop_fixture.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <sys/utsname.h>
#include <thread>
#include <utility>
#include <vector>

using namespace boom::net;
using std::chrono::milliseconds;

// Else whoever has more than half of the ports waits milliseconds for each further one.
TEST_CASE("EventLoop: even and odd local ports are taken alike", "[net]") {
    utsname machine{};
    REQUIRE(::uname(&machine) == 0);
    int major = 0;
    int minor = 0;
    REQUIRE(std::sscanf(machine.release, "%d.%d", &major, &minor) == 2);
    if (std::pair(major, minor) < std::pair(6, 8)) {
        WARN("the kernel takes the even ones first");
        return;
    }
    Fixture f(each_kind());
    constexpr int kStreams = 64;  // all even or all odd by chance: once in 2^63 runs
    for (int i = 0; i < kStreams; ++i) {
        f.connect();
    }
    f.run_until([&] { return f.server.peer_ports.size() == kStreams; });
    const auto is_even = [](int port) { return port % 2 == 0; };
    const auto even =
        std::count_if(f.server.peer_ports.begin(), f.server.peer_ports.end(), is_even);
    CHECK(even > 0);
    CHECK(even < kStreams);
}

TEST_CASE("EventLoop: a stream closed by another's callback of the same turn is silent", "[net]") {
    Fixture f(each_kind());
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

TEST_CASE("EventLoop: a listener may go with its stream while bytes wait for it", "[net]") {
    Fixture f(each_kind());
    constexpr int kStreams = 40;
    std::vector<StreamId> accepted;
    f.server.when_data = [&](StreamId stream, std::string_view) { accepted.push_back(stream); };
    std::map<std::uint64_t, std::unique_ptr<Recorder>> clients;
    int taken_along = 0;
    const auto take_next_along = [&](StreamId stream) {
        const auto next = clients.upper_bound(stream.value);
        if (next != clients.end() && next->second->data_calls == 0) {
            f.loop->close(StreamId{next->first}, EventLoop::CloseMode::Reset);
            clients.erase(next);
            ++taken_along;
        }
    };
    for (int i = 0; i < kStreams; ++i) {
        auto client = std::make_unique<Recorder>();
        client->when_data = [&](StreamId stream, std::string_view) { take_next_along(stream); };
        const StreamId stream = f.loop->connect({"127.0.0.1", f.port}, *client);
        f.loop->send(stream, "x");
        clients.emplace(stream.value, std::move(client));
    }
    f.run_until([&] { return accepted.size() == kStreams; });
    for (const StreamId stream : accepted) {
        f.loop->send(stream, "y");
    }
    const auto is_answered = [](const auto& client) { return client.second->data_calls == 1; };
    f.run_until([&] { return std::all_of(clients.begin(), clients.end(), is_answered); });
    CHECK(taken_along > 0);
    CHECK(static_cast<int>(clients.size()) + taken_along == kStreams);
    f.run_until([&] { return f.server.closed == taken_along; });
    for (const auto& [stream, client] : clients) {
        f.loop->close(StreamId{stream}, EventLoop::CloseMode::Reset);
    }
}

TEST_CASE("EventLoop: streams that send in turns send each its own bytes", "[net]") {
    Fixture f(each_kind());
    constexpr std::size_t kStreams = 30;
    std::map<std::uint64_t, std::string> received;
    std::size_t received_bytes = 0;
    f.server.when_data = [&](StreamId stream, std::string_view bytes) {
        received[stream.value].append(bytes);
        received_bytes += bytes.size();
    };
    std::vector<StreamId> streams(kStreams);
    std::generate(streams.begin(), streams.end(), [&] { return f.connect(); });
    f.run_until([&] { return f.client.connected == static_cast<int>(kStreams); });
    std::vector<std::string> sent(kStreams);
    std::size_t sent_bytes = 0;
    for (std::size_t round = 0; round < 20; ++round) {
        for (std::size_t i = 0; i < kStreams; ++i) {
            // Some more than the kernel takes at once.
            const std::size_t size = i % 7 == 0 ? 400'000 : 10 + 100 * i;
            const std::string part(size, static_cast<char>('A' + (i + round) % 50));
            f.loop->send(streams[i], part);
            sent[i] += part;
            sent_bytes += size;
        }
        f.loop->run_once(f.loop->now() + milliseconds(1));
    }
    f.run_until([&] { return received_bytes == sent_bytes; });
    std::vector<std::string> found;
    for (auto& [stream, text] : received) {
        found.push_back(std::move(text));
    }
    std::sort(found.begin(), found.end());
    std::sort(sent.begin(), sent.end());
    CHECK((found == sent));
}

TEST_CASE("EventLoop: another thread may take thousands of streams apart", "[net]") {
    Fixture f(each_kind());
    constexpr int kStreams = 3000;  // more than a queue of orders holds
    std::vector<StreamId> streams;
    std::thread owner([&] {
        for (int i = 0; i < kStreams; ++i) {
            streams.push_back(f.connect());
        }
        const TimePoint end = f.loop->refresh_now() + kLimit;
        while (f.client.connected < kStreams && f.loop->now() < end) {
            f.loop->run_once(end);
        }
    });
    owner.join();
    REQUIRE(f.client.connected == kStreams);
    for (const StreamId stream : streams) {
        f.loop->close(stream, EventLoop::CloseMode::Reset);
    }
    f.loop.reset();
}
