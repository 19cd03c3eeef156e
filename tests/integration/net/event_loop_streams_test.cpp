#include "event_loop_fixture.hpp"

#include <cerrno>
#include <map>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace boom::net;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("EventLoop: a stream carries bytes both ways and ends in order", "[net]") {
    Fixture f(each_kind());
    f.server.when_data = [&](StreamId stream, std::string_view bytes) {
        f.loop->send(stream, "<" + std::string(bytes) + ">");
    };
    f.client.when_connected = [&](StreamId stream) {
        f.loop->send(stream, "hello");
        f.loop->tell_sent(stream);
    };
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
    Fixture f(each_kind());
    const StreamId stream = f.connect();
    f.loop->send(stream, "early ");
    f.loop->send(stream, "bird");
    CHECK(f.loop->unsent_bytes(stream) == 10);
    f.run_until([&] { return f.server.received == "early bird"; });
    CHECK(f.loop->unsent_bytes(stream) == 0);
}

TEST_CASE("EventLoop: a refused connection is reported with its errno, from the loop", "[net]") {
    Fixture f(each_kind());
    int busy_free_port = 0;
    {
        Fixture other(IoKind::Epoll);
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
    Fixture f(each_kind());
    CHECK(f.loop->connect({"localhost", 80}, f.client).value == 0);
    CHECK(errno == EINVAL);
}

TEST_CASE("EventLoop: a large body arrives whole though the reader pauses", "[net]") {
    Fixture f(each_kind());
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
    f.loop->tell_sent(stream);
    f.run_until([&] { return f.server.data_calls == 1; });
    f.run_for(milliseconds(20));
    CHECK(f.client.sent == 0);
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

TEST_CASE("EventLoop: kept bytes go out whole, in order with others", "[net]") {
    Fixture f(each_kind());
    const std::string_view small = f.loop->keep("kept ");
    const std::string_view large = f.loop->keep(pattern(4 * 1024 * 1024));
    std::string expected = "early kept copied kept ";
    const StreamId stream = f.connect();
    f.loop->send(stream, "early ");
    f.loop->send_kept(stream, small);
    f.run_until([&] { return f.server.received == "early kept "; });
    f.loop->send(stream, "copied ");
    f.loop->send_kept(stream, small);
    f.run_until([&] { return f.server.received == expected; });
    for (int i = 0; i < 3; ++i) {
        f.loop->send_kept(stream, small);
        expected += small;
        f.run_until([&] { return f.server.received == expected; });
    }
    f.loop->send_kept(stream, large);
    expected += large;
    f.run_until([&] { return f.server.received.size() == expected.size(); });
    CHECK(f.server.received == expected);
    CHECK(f.client.sent == 0);
}

TEST_CASE("EventLoop: kept bytes of a stream that is closed go to no other", "[net]") {
    Fixture f(each_kind());
    const std::string_view kept = f.loop->keep("for the first");
    StreamId first;
    std::map<std::uint64_t, std::string> received;
    f.server.when_data = [&](StreamId stream, std::string_view bytes) {
        received[stream.value].append(bytes);
    };
    f.client.when_connected = [&](StreamId stream) { first = stream; };
    f.connect();
    f.run_until([&] { return first.value != 0 && f.server.accepted.value != 0; });
    const StreamId accepted_first = f.server.accepted;
    f.loop->send_kept(first, kept);
    f.loop->close(first, EventLoop::CloseMode::Reset);
    f.client.when_connected = [&](StreamId stream) { f.loop->send(stream, "for the second"); };
    f.connect();
    f.run_until([&] {
        return f.server.accepted != accepted_first && !received[f.server.accepted.value].empty();
    });
    CHECK(received[f.server.accepted.value] == "for the second");
}

TEST_CASE("EventLoop: kept bytes to a peer that is gone are reported by the end", "[net]") {
    Fixture f(each_kind());
    const std::string_view kept = f.loop->keep("anybody?");
    f.server.when_data = [&](StreamId stream, std::string_view) {
        f.loop->close(stream, EventLoop::CloseMode::Reset);
    };
    const StreamId stream = f.connect();
    f.loop->send(stream, "go");
    const TimePoint end = f.loop->refresh_now() + kLimit;
    while (f.client.closed == 0 && f.loop->now() < end) {
        f.loop->send_kept(stream, kept);
        f.loop->run_once(f.loop->now() + milliseconds(1));
    }
    CHECK(f.client.closed == 1);
}

TEST_CASE("EventLoop: closing after sending delivers everything first", "[net]") {
    Fixture f(each_kind());
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
    Fixture f(each_kind());
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
    Fixture f(each_kind());
    f.server.when_data = [&](StreamId stream, std::string_view) {
        f.loop->close(stream, EventLoop::CloseMode::Reset);
    };
    f.loop->send(f.connect(), "x");
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.client.error == ECONNRESET);
}

TEST_CASE("EventLoop: a refused accept closes the connection", "[net]") {
    Fixture f(each_kind());
    f.server.refuses = true;
    f.connect();
    f.run_until([&] { return f.client.closed == 1; });
    CHECK(f.server.closed == 0);
}

TEST_CASE("EventLoop: a stale stream id is ignored everywhere", "[net]") {
    Fixture f(each_kind());
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
    Fixture f(each_kind());
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
