// Answers and connections that break the rules of HTTP/2, and those that are only unusual.
#include "engine_fixture.hpp"
#include "http2_frames.hpp"
#include "tls_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;

std::string headers(std::uint32_t stream, const std::string& block, unsigned flags = kEndHeaders) {
    return encode({FrameType::Headers, flags, stream, block});
}
std::string data(std::uint32_t stream, const std::string& bytes, unsigned flags = kEndStream) {
    return encode({FrameType::Data, flags, stream, bytes});
}

class HostileFixture : public EngineFixture {
public:
    HostileFixture() : frames(*loop) {
        engine = net::make_http2_engine(*loop);
        options.version = net::ConnectionOptions::Version::Http2;
        frames.on_frame = [this](const Frame& frame, int /*connection*/) {
            if (frame.type == FrameType::Headers) {
                const bool is_good = frames.count(FrameType::Headers) > 1;
                frames.send(frame.connection, is_good ? test::answer(frame.stream) : answer);
            }
        };
    }
    const net::HttpResponse& ask(const std::string& method = "GET") {
        prepare(exchange, method, frames.url());
        return perform(exchange);
    }

    FrameServer frames;
    std::string answer;  // to the first request; its stream is 1
    Exchange exchange;
};

struct Sample {
    std::string name;
    std::string answer;
};

TEST_CASE_METHOD(HostileFixture, "Http2Engine: an answer that breaks the rules is a bad response",
                 "[http2]") {
    const std::string ok = status("200");
    const Sample sample = GENERATE_COPY(values<Sample>({
        {"no status", headers(1, literal("x", "y"), kEndHeaders | kEndStream)},
        {"two statuses", headers(1, ok + ok, kEndHeaders | kEndStream)},
        {"no digits", headers(1, status("2x0"), kEndHeaders | kEndStream)},
        {"capital name", headers(1, ok + literal("X-Big", "y"), kEndHeaders | kEndStream)},
        {"line end in a value", headers(1, ok + literal("x", "a\r\nb"), kEndHeaders | kEndStream)},
        {"connection header", headers(1, ok + literal("connection", "close"), kEndHeaders)},
        {"pseudo field last", headers(1, literal("x", "y") + ok, kEndHeaders | kEndStream)},
        {"request field", headers(1, ok + literal(":path", "/"), kEndHeaders | kEndStream)},
        {"body first", data(1, "body")},
        {"too short", headers(1, ok + literal("content-length", "9")) + data(1, "short")},
        {"too long", headers(1, ok + literal("content-length", "2")) + data(1, "long")},
        {"no number", headers(1, ok + literal("content-length", "-1")) + data(1, "long")},
        {"two lengths",
         headers(1, ok + literal("content-length", "4") + literal("content-length", "5")) +
             data(1, "long")},
        {"switching protocols", headers(1, status("101"))},
        {"interim and the end", headers(1, status("103"), kEndHeaders | kEndStream)},
        {"trailers that do not end", headers(1, ok) + headers(1, literal("x", "y"))},
        {"broken compression", headers(1, "\xff\xff\xff\xff\xff\xff\xff\xff")},
        {"unknown index", headers(1, "\xfe")},
        {"push after it was declined",
         encode({FrameType::Settings, kAck, 0, {}}) +
             encode({FrameType::PushPromise, kEndHeaders, 1, number(2) + ok})},
        {"settings of five bytes", encode({FrameType::Settings, kNoFlag, 0, "12345"})},
        {"data of no stream", data(0, "body")},
        {"stream of nobody", headers(2, ok, kEndHeaders | kEndStream)},
        {"too large a frame", data(1, std::string(20'000, 'x'))},
        {"headers interrupted",
         headers(1, ok, kNoFlag) + encode({FrameType::Ping, 0, 0, "12345678"})},
        {"HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
        {"window that overflows",
         encode({FrameType::WindowUpdate, kNoFlag, 1, number(0x7fffffff)})},
    }));
    INFO(sample.name);
    answer = sample.answer;
    const net::HttpResponse& response = ask();
    CHECK(response.error == TransportError::BadResponse);
    CHECK_FALSE(response.error_text.empty());
    CHECK(response.was_sent);
    CHECK(frames.count(FrameType::Headers) == 1);
    // The engine is as good as new.
    CHECK(ask().status == 200);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: an answer is the same however its bytes are cut",
                 "[http2]") {
    const std::string whole =
        headers(1, status("103") + literal("link", "</a.css>")) +
        headers(1, status("200") + literal("x-final", "1"), kNoFlag) +
        encode({FrameType::Continuation, kEndHeaders, 1, literal("x-more", "2")}) +
        data(1, "hel", kNoFlag) + encode({FrameType::Ping, kNoFlag, 0, "12345678"}) +
        data(1, "lo", kNoFlag) + headers(1, literal("x-trailer", "3"), kEndHeaders | kEndStream);
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        HostileFixture fixture;
        fixture.frames.on_frame = [&](const Frame& frame, int /*connection*/) {
            if (frame.type == FrameType::Headers) {
                fixture.frames.send(frame.connection, whole.substr(0, cut));
            } else if (frame.type == FrameType::Settings && frame.flags == kAck) {
                return;
            }
        };
        fixture.prepare(fixture.exchange, "GET", fixture.frames.url());
        fixture.engine->start(fixture.exchange);
        REQUIRE(fixture.run_until([&] { return fixture.frames.count(FrameType::Headers) == 1; }));
        fixture.loop->run_once(fixture.loop->now());
        fixture.frames.send(fixture.frames.frames().back().connection, whole.substr(cut));
        REQUIRE(fixture.run_until([&] { return fixture.done.count == 1; }));
        const net::HttpResponse& response = fixture.exchange.response;
        INFO("cut at " << cut << " " << response.error_text);
        CHECK(response.error == TransportError::None);
        CHECK(response.status == 200);
        CHECK(response.body == "hello");
        CHECK(response.headers.size() == 2);
        CHECK(response.header("X-Final") == "1");
        CHECK(response.header("x-more") == "2");
        CHECK(response.bytes_received == static_cast<std::int64_t>(whole.size()) - 9 - 8);
    }
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a header above the limit is a bad response",
                 "[http2]") {
    // One entry of the dynamic table (6.2.1), then its index (6.1) again and again.
    std::string entry = literal("x-large", std::string(3000, 'v'));
    entry[0] = '\x40';
    answer = headers(1, status("200") + entry, kNoFlag) +
             encode({FrameType::Continuation, kEndHeaders, 1, std::string(100, '\xbe')});
    const net::HttpResponse& response = ask();
    CHECK(response.error == TransportError::BadResponse);
    CHECK(response.error_text == "the header is too long");
    CHECK(ask().status == 200);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a header that never ends is a bad response",
                 "[http2]") {
    answer = headers(1, status("200"), kNoFlag);
    for (int frame = 0; frame < 1000; ++frame) {
        answer +=
            encode({FrameType::Continuation, kNoFlag, 1, literal("x", std::string(1000, 'v'))});
    }
    CHECK(ask().error == TransportError::BadResponse);
    CHECK(ask().status == 200);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: interim answers without end are a bad response",
                 "[http2]") {
    for (int count = 0; count < 40; ++count) {
        answer += headers(1, status("103"));
    }
    CHECK(ask().error == TransportError::BadResponse);
    CHECK(exchange.response.error_text == "too many interim answers");
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a flood of pings is survived or ends the connection",
                 "[http2]") {
    for (int count = 0; count < 5000; ++count) {
        answer += encode({FrameType::Ping, kNoFlag, 0, "12345678"});
        answer += encode({FrameType::Settings, kNoFlag, 0, {}});
    }
    answer += test::answer(1);
    const TransportError error = ask().error;
    CHECK((error == TransportError::None || error == TransportError::BadResponse));
    CHECK(ask().status == 200);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: the end of the connection is a reset", "[http2]") {
    const bool has_begun = GENERATE(false, true);
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            if (has_begun) {
                frames.send(frame.connection, headers(1, status("200")) + data(1, "half", kNoFlag));
            }
            frames.close(frame.connection);
        }
    };
    const net::HttpResponse& response = ask();
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == (has_begun ? "connection closed before the end of the answer"
                                            : "connection closed before an answer"));
    CHECK(response.is_connection_reused == false);
    CHECK(frames.connections() == 1);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: GOAWAY with an error ends what it has read",
                 "[http2]") {
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            frames.send(frame.connection,
                        encode({FrameType::GoAway, kNoFlag, 0, number(1) + number(11)}));
            frames.close(frame.connection);
        }
    };
    CHECK(ask().error == TransportError::Reset);
    CHECK(frames.connections() == 1);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a body waits for 100 Continue", "[http2]") {
    std::string said;
    frames.on_frame = [&](const Frame& frame, int /*connection*/) {
        if (frame.type == FrameType::Headers) {
            said += "head ";
            frames.send(frame.connection, headers(1, status("100")));
        } else if (frame.type == FrameType::Data) {
            said += frame.payload;
            frames.send(frame.connection, test::answer(1, "201"));
        }
    };
    exchange.request.headers = "Expect: 100-continue\r\n";
    exchange.request.body = "body";
    CHECK(ask("POST").status == 201);
    CHECK(said == "head body");
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a refusal of what was announced needs no body",
                 "[http2]") {
    answer = test::answer(1, "417");
    exchange.request.headers = "Expect: 100-continue\r\n";
    exchange.request.body = "body";
    CHECK(ask("POST").status == 417);
    CHECK(frames.count(FrameType::Data) == 0);
}

TEST_CASE_METHOD(HostileFixture, "Http2Engine: a server with HTTP/1.1 alone is a bad response",
                 "[http2]") {
    TlsServer http1(*loop, net::TlsContext::Protocol::Http1);
    http1.answer_with(ok("old"), TlsServer::Then::KeepOpen);
    options.verify = net::ConnectionOptions::Verify::Nothing;
    prepare(exchange, "GET", fmt::format("https://127.0.0.1:{}/", http1.port()));
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::BadResponse);
    CHECK(response.error_text == "the server speaks no HTTP/2");
    CHECK_FALSE(response.was_sent);
    CHECK(http1.requests() == 0);
    CHECK(engine->counts().failed == 1);
    CHECK(engine->counts().opened == 0);

    // Its neighbour that asks for HTTP/1.1 is served.
    net::ConnectionOptions other = options;
    other.version = net::ConnectionOptions::Version::Http1;
    exchange.options = &other;
    CHECK(perform(exchange).body == "old");
}

}  // namespace
}  // namespace boom::test
