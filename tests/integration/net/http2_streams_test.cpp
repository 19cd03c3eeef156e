// Streams beside each other: windows, limits, time-outs.
#include "http2_fixture.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <vector>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;
using Connections = net::ConnectionOptions::Connections;

constexpr std::uint32_t kCancel = 8;
constexpr unsigned kMaxStreams = 3;  // the setting

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: an upload waits for the window and goes on",
                 "[http2]") {
    std::uint32_t upload = 0;
    std::size_t received = 0;
    std::size_t allowed = 65'535;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            upload = frame.stream;
        } else if (frame.type == FrameType::Data) {
            received += frame.payload.size();
            CHECK(received <= allowed);
            if ((frame.flags & kEndStream) != 0) {
                frames.send(frame.connection, answer(upload, "201"));
            } else if (received == allowed) {
                allowed += 100'000;
                frames.send(
                    frame.connection,
                    encode({FrameType::WindowUpdate, kNoFlag, 0, number(100'000)}) +
                        encode({FrameType::WindowUpdate, kNoFlag, upload, number(100'000)}));
            }
        }
    };
    Exchange exchange;
    exchange.request.body = std::string(1'000'000, 'u');
    const net::HttpResponse& response = ask(exchange, "POST");
    INFO(response.error_text);
    CHECK(response.status == 201);
    CHECK(received == 1'000'000);
    CHECK(response.bytes_sent > 1'000'000);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: an upload waits for the kernel and goes on",
                 "[http2]") {
    // Windows of any size, so that only the socket's buffers are in the way.
    constexpr std::size_t kBody = 20'000'000;
    constexpr unsigned kInitialWindow = 4;  // the setting
    constexpr std::uint32_t kLargest = 0x7fffffff;
    frames.greeting = encode({FrameType::Settings, kNoFlag, 0, setting(kInitialWindow, kLargest)}) +
                      encode({FrameType::WindowUpdate, kNoFlag, 0, number(kLargest - 65'535)});
    std::size_t received = 0;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        received += frame.type == FrameType::Data ? frame.payload.size() : 0;
        if (frame.type == FrameType::Data && (frame.flags & kEndStream) != 0) {
            frames.send(frame.connection, answer(frame.stream, "201"));
        }
    };
    Exchange exchange;
    exchange.request.body = std::string(kBody, 'u');
    for (int round = 1; round <= 2; ++round) {
        const net::HttpResponse& response = ask(exchange, "POST");
        INFO(response.error_text);
        CHECK(response.status == 201);
        CHECK(received == kBody * static_cast<std::size_t>(round));
    }
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a body larger than all windows arrives", "[http2]") {
    const std::size_t size = 40'000'000;
    server.script("/large", {ok(std::string(size, 'd'))});
    Exchange exchange;
    CHECK(perform(exchange, "GET", "/large").body.size() == size);
    exchange.body = Exchange::Body::Discard;
    CHECK(perform(exchange).error == TransportError::None);
    CHECK(exchange.response.is_connection_reused);
    CHECK(exchange.response.bytes_received > static_cast<std::int64_t>(size));
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: an answer before the end of the upload ends both",
                 "[http2]") {
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection, answer(frame.stream, "413", "too much"));
        }
    };
    Exchange exchange;
    exchange.request.body = std::string(1'000'000, 'u');
    const net::HttpResponse& response = ask(exchange, "POST");
    CHECK(response.error == TransportError::None);
    CHECK(response.status == 413);
    CHECK(response.body == "too much");
    CHECK(run_until([&] { return frames.count(FrameType::ResetStream) == 1; }));
    exchange.request.body.clear();
    CHECK(ask(exchange).is_connection_reused);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: pings are answered", "[http2]") {
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection, encode({FrameType::Ping, kNoFlag, 0, "12345678"}));
            frames.send(frame.connection, answer(frame.stream));
        }
    };
    Exchange exchange;
    CHECK(ask(exchange).status == 200);
    REQUIRE(run_until([&] { return frames.count(FrameType::Ping) == 1; }));
    for (const Frame& frame : frames.frames()) {
        if (frame.type == FrameType::Ping) {
            CHECK(frame.flags == kAck);
            CHECK(frame.payload == "12345678");
        }
    }
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: no more streams at a time than the server allows",
                 "[http2]") {
    options.connections = Connections::Shared;
    frames.greeting = encode({FrameType::Settings, kNoFlag, 0, setting(kMaxStreams, 2)});
    std::map<std::uint64_t, std::vector<std::uint32_t>> waiting;
    int asked = 0;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            waiting[frame.connection.value].push_back(frame.stream);
            CHECK(waiting[frame.connection.value].size() <= 2);
            if (++asked == 6) {
                for (const auto& [connection, streams] : waiting) {
                    for (const std::uint32_t stream : streams) {
                        frames.send(net::StreamId{connection}, answer(stream));
                    }
                }
            }
        }
    };
    std::deque<Exchange> exchanges(1);
    // The settings are known then.
    asked = 5;
    REQUIRE(ask_all(exchanges));
    asked = 0;
    waiting.clear();
    std::deque<Exchange> more(6);
    options.timeout = std::chrono::seconds(15);
    for (Exchange& exchange : more) {
        prepare(exchange, "GET", frames.url());
        engine->start(exchange);
        // One after the other, so that each new connection's settings are known.
        const int before = frames.count(FrameType::Headers);
        REQUIRE(run_until([&] { return frames.count(FrameType::Headers) > before || asked == 6; }));
        loop->run_once(loop->now() + std::chrono::milliseconds(20));
    }
    REQUIRE(run_until([&] { return done.count == 7; }));
    for (const Exchange& exchange : more) {
        CHECK(exchange.response.status == 200);
    }
    CHECK(frames.connections() == 3);
    CHECK(engine->counts().opened == 3);
    CHECK(engine->counts().reused == 4);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: who opened a connection says how long that took",
                 "[http2]") {
    options.connections = Connections::Shared;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection, answer(frame.stream));
        }
    };
    std::deque<Exchange> exchanges(3);
    REQUIRE(ask_all(exchanges));
    CHECK_FALSE(exchanges[0].response.is_connection_reused);
    CHECK(exchanges[0].response.phases.connect > net::Duration::zero());
    for (const std::size_t other : {std::size_t{1}, std::size_t{2}}) {
        CHECK(exchanges[other].response.is_connection_reused);
        CHECK(exchanges[other].response.phases.connect == net::Duration::zero());
    }
    CHECK(engine->counts().opened == 1);
    CHECK(engine->counts().reused == 2);
}

TEST_CASE_METHOD(Http2Fixture,
                 "Http2Engine: a connection that does not come about fails all who wait",
                 "[http2]") {
    options.connections = Connections::Shared;
    std::deque<Exchange> exchanges(3);
    for (Exchange& exchange : exchanges) {
        // A port that nobody can listen on by accident.
        prepare(exchange, "GET", "http://127.0.0.1:1/");
        engine->start(exchange);
    }
    REQUIRE(run_until([&] { return done.count == 3; }));
    for (const Exchange& exchange : exchanges) {
        CHECK(exchange.response.error == TransportError::ConnectRefused);
        CHECK_FALSE(exchange.response.was_sent);
    }
    CHECK(engine->counts().failed == 1);
    CHECK(engine->counts().opened == 0);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a time-out resets its stream and leaves the others",
                 "[http2]") {
    options.connections = Connections::Shared;
    net::ConnectionOptions impatient = options;
    impatient.timeout = std::chrono::milliseconds(60);
    std::vector<Frame> asked;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            asked.push_back(frame);
            // Something of it comes: the connection is alive.
            frames.send(frame.connection,
                        encode({FrameType::Headers, kEndHeaders, frame.stream, status("200")}));
        }
    };
    Exchange slow;
    Exchange quick;
    prepare(slow, "GET", frames.url());
    prepare(quick, "GET", frames.url());
    quick.options = &impatient;
    engine->start(slow);
    engine->start(quick);
    REQUIRE(run_until([&] { return done.count == 1; }));
    CHECK(quick.response.error == TransportError::ResponseTimeout);
    CHECK(quick.response.error_text == "no complete answer within 60ms");
    REQUIRE(run_until([&] { return frames.count(FrameType::ResetStream) == 1; }));
    CHECK(number_in(frames.frames().back().payload) == kCancel);
    const std::uint32_t reset_stream = frames.frames().back().stream;
    for (const Frame& frame : asked) {
        if (frame.stream != reset_stream) {
            frames.send(frame.connection,
                        encode({FrameType::Data, kEndStream, frame.stream, "late"}));
        }
    }
    REQUIRE(run_until([&] { return done.count == 2; }));
    CHECK(slow.response.body == "late");
    CHECK(frames.connections() == 1);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a connection that is silent is not trusted again",
                 "[http2]") {
    options.timeout = std::chrono::milliseconds(60);
    frames.greeting.clear();
    Exchange exchange;
    const net::HttpResponse& response = ask(exchange);
    CHECK(response.error == TransportError::ResponseTimeout);
    CHECK(response.error_text == "no answer within 60ms");
    CHECK(run_until([&] { return frames.open_connections() == 0; }));
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection,
                        encode({FrameType::Settings, kNoFlag, 0, {}}) + answer(frame.stream));
        }
    };
    options.timeout = std::chrono::seconds(15);
    CHECK(ask(exchange).status == 200);
    CHECK(frames.connections() == 2);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: cancelling resets the stream alone", "[http2]") {
    Exchange exchange;
    prepare(exchange, "GET", frames.url());
    engine->start(exchange);
    REQUIRE(run_until([&] { return frames.count(FrameType::Headers) == 1; }));
    engine->cancel(exchange);
    REQUIRE(run_until([&] { return frames.count(FrameType::ResetStream) == 1; }));
    CHECK(exchange.response.error == TransportError::Cancelled);
    CHECK(exchange.response.was_sent);
    CHECK(frames.open_connections() == 1);
    CHECK(done.count == 0);
}

TEST_CASE_METHOD(Http2Fixture,
                 "Http2Engine: a shared request that is cancelled at once never leaves",
                 "[http2]") {
    options.connections = Connections::Shared;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection, answer(frame.stream));
        }
    };
    Exchange first;
    CHECK(ask(first).status == 200);
    Exchange second;
    prepare(second, "GET", frames.url());
    engine->start(second);
    engine->cancel(second);
    CHECK_FALSE(second.response.was_sent);
    CHECK(second.response.bytes_sent == 0);
    CHECK(ask(first).status == 200);
    CHECK(frames.count(FrameType::Headers) == 2);
}

}  // namespace
}  // namespace boom::test
