// What a server leaves unread is asked for again, and nothing else is.
#include "http2_fixture.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <set>
#include <vector>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;
using Connections = net::ConnectionOptions::Connections;

constexpr std::uint32_t kRefusedStream = 7;
constexpr std::uint32_t kInternalError = 2;

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: what GOAWAY leaves unread is asked for elsewhere",
                 "[http2]") {
    frames.on_frame = [&](const Frame& frame, int connection) {
        if (frame.type != FrameType::Headers) {
            return;
        }
        if (connection == 1) {
            go_away(frame.connection, 0);
            frames.close(frame.connection);
        } else {
            frames.send(frame.connection, answer(frame.stream, "200", "yes"));
        }
    };
    Exchange exchange;
    const net::HttpResponse& response = ask(exchange);
    INFO(response.error_text);
    CHECK(response.status == 200);
    CHECK(response.body == "yes");
    CHECK(response.was_sent);
    CHECK_FALSE(response.is_connection_reused);
    CHECK(frames.count(FrameType::Headers) == 2);
    CHECK(frames.connections() == 2);
    CHECK(engine->counts().opened == 2);
    CHECK(ask(exchange).is_connection_reused);
}

TEST_CASE_METHOD(Http2Fixture,
                 "Http2Engine: what GOAWAY lets finish is finished, and no more asked", "[http2]") {
    options.connections = Connections::Shared;
    std::vector<Frame> asked;
    frames.on_frame = [&](const Frame& frame, int connection) {
        if (frame.type != FrameType::Headers) {
            return;
        }
        asked.push_back(frame);
        if (connection > 1) {
            frames.send(frame.connection, answer(frame.stream, "201"));
        } else if (asked.size() == 3) {
            // The first two were read; their answers follow.
            go_away(frame.connection, 3);
            frames.send(frame.connection, answer(3) + answer(1));
        }
    };
    std::deque<Exchange> exchanges(3);
    REQUIRE(ask_all(exchanges));
    CHECK(exchanges[0].response.error == TransportError::None);
    std::multiset<int> statuses;
    for (const Exchange& exchange : exchanges) {
        INFO(exchange.response.error_text);
        statuses.insert(exchange.response.status);
    }
    CHECK(statuses == std::multiset<int>{200, 200, 201});
    CHECK(frames.connections() == 2);
    CHECK(asked.size() == 4);
    CHECK(run_until([&] { return frames.open_connections() == 1; }));
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a refused stream is asked for again, ten times",
                 "[http2]") {
    int refusals = 3;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type != FrameType::Headers) {
            return;
        }
        if (refusals-- > 0) {
            reset(frame, kRefusedStream);
        } else {
            frames.send(frame.connection, answer(frame.stream));
        }
    };
    Exchange exchange;
    CHECK(ask(exchange).status == 200);
    CHECK(frames.count(FrameType::Headers) == 4);
    CHECK(frames.connections() == 1);

    refusals = 1000;
    const net::HttpResponse& response = ask(exchange);
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == "the server refused the stream");
    CHECK(response.status == 0);
    CHECK(frames.count(FrameType::Headers) == 4 + 11);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a stream that was reset is not asked for again",
                 "[http2]") {
    bool is_resetting = true;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers && is_resetting) {
            reset(frame, kInternalError);
        } else if (frame.type == FrameType::Headers) {
            frames.send(frame.connection, answer(frame.stream));
        }
    };
    Exchange exchange;
    const net::HttpResponse& response = ask(exchange);
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == "stream reset by the server: INTERNAL_ERROR");
    CHECK(response.was_sent);
    CHECK(frames.count(FrameType::Headers) == 1);
    is_resetting = false;
    CHECK(ask(exchange).is_connection_reused);
    CHECK(response.status == 200);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: a reset without an error is no answer", "[http2]") {
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection,
                        encode({FrameType::Headers, kEndHeaders, frame.stream, status("200")}));
            reset(frame, 0);
        }
    };
    Exchange exchange;
    CHECK(ask(exchange).error == TransportError::Reset);
}

TEST_CASE_METHOD(Http2Fixture, "Http2Engine: the end of a connection with GOAWAY between answers",
                 "[http2]") {
    // Every connection takes two requests, as a server with a limit does.
    std::map<std::uint64_t, int> asked;
    int answered = 0;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type != FrameType::Headers) {
            return;
        }
        const int count = ++asked[frame.connection.value];
        if (count == 2) {
            go_away(frame.connection, frame.stream);
        }
        if (count <= 2) {
            ++answered;
            frames.send(frame.connection, answer(frame.stream));
        }
        if (count == 2) {
            frames.close(frame.connection);
        }
    };
    Exchange exchange;
    for (int round = 0; round < 9; ++round) {
        INFO("round " << round << " " << exchange.response.error_text);
        CHECK(ask(exchange).status == 200);
    }
    CHECK(answered == 9);
    CHECK(frames.connections() == 5);
    CHECK(engine->counts().opened + engine->counts().reused == 9);
}

}  // namespace
}  // namespace boom::test
