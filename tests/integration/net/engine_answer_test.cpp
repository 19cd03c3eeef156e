#include "engine_fixture.hpp"
#include "support/packing.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <deque>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an answer arrives with status, headers and body",
                 "[net]") {
    server.script("/", {"HTTP/1.1 201 Created\r\nX-One: 1\r\nSet-Cookie: a=b\r\n"
                        "set-cookie: c=d\r\nContent-Length: 5\r\n\r\nhello"});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");

    CHECK(response.error == TransportError::None);
    CHECK(response.error_text.empty());
    CHECK(response.status == 201);
    CHECK(response.protocol == (is_http2_under_test() ? "HTTP/2.0" : "HTTP/1.1"));
    CHECK(response.body == "hello");
    REQUIRE(response.headers.size() == 4);
    CHECK(response.headers[0].name == (is_http2_under_test() ? "x-one" : "X-One"));
    CHECK(response.header("SET-COOKIE") == "a=b");
    CHECK(response.headers[2].value == "c=d");
    CHECK(response.header("Absent").empty());
    CHECK(response.was_sent);
    CHECK_FALSE(response.is_connection_reused);
    CHECK(response.sent_at <= response.first_byte_at);
    CHECK(response.first_byte_at <= response.done_at);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: nothing is reported from inside start", "[net]") {
    Exchange exchange;
    prepare(exchange, "GET", server.url("/"));
    engine->start(exchange);
    CHECK(done.count == 0);
    CHECK(engine->in_flight() == 1);
    CHECK(run_until([&] { return done.count == 1; }));
    CHECK(engine->in_flight() == 0);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: bytes are those on the wire", "[net][text]") {
    const auto body_size = GENERATE(std::size_t{0}, std::size_t{10}, std::size_t{30'000},
                                    std::size_t{65'535}, std::size_t{65'536}, std::size_t{400'000});
    const std::string answer = ok(std::string(1000, 'x'), "X-Header: value\r\n");
    server.script("/bytes", {answer});
    Exchange exchange;
    exchange.request.body = std::string(body_size, 'b');
    for (int round = 0; round < 2; ++round) {
        server.forget_requests();
        const net::HttpResponse& response = perform(exchange, "POST", "/bytes");
        INFO("body of " << body_size << " bytes, round " << round);
        CHECK(response.bytes_sent == static_cast<std::int64_t>(server.bytes_received()));
        CHECK(response.bytes_received == static_cast<std::int64_t>(answer.size()));
    }
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a body that nobody wants is counted, not kept",
                 "[net]") {
    const std::string answer = ok(std::string(300'000, 'x'));
    server.script("/", {answer});
    Exchange exchange;
    prepare(exchange, "GET", server.url("/"));
    exchange.body = Exchange::Body::Discard;
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::None);
    CHECK(response.body.empty());
    if (is_http2_under_test()) {
        CHECK(response.bytes_received > 300'000);
        return;  // in frames
    }
    CHECK(response.bytes_received == static_cast<std::int64_t>(answer.size()));
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a compressed body is decoded when it is kept",
                 "[net]") {
    const std::string text(5000, 'z');
    const std::string answer = ok(gzip(text), "Content-Encoding: gzip\r\n");
    server.script("/gzip", {answer});
    Exchange exchange;
    exchange.request.headers = "Accept-Encoding: gzip\r\n";
    CHECK(perform(exchange, "GET", "/gzip").body == text);
    const std::int64_t bytes = exchange.response.bytes_received;
    CHECK((is_http2_under_test() || bytes == static_cast<std::int64_t>(answer.size())));
    CHECK(header_of(server.requests().back(), "Accept-Encoding") == "gzip");

    exchange.body = Exchange::Body::Discard;
    CHECK(perform(exchange).error == TransportError::None);
    CHECK(exchange.response.body.empty());
    // In HTTP/2 the same header takes fewer bytes the second time.
    CHECK((is_http2_under_test() ? exchange.response.bytes_received < bytes
                                 : exchange.response.bytes_received == bytes));
    CHECK(header_of(server.requests().back(), "Accept-Encoding") == "gzip");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a broken compressed body is a bad response", "[net]") {
    server.script("/gzip", {ok("this is no gzip", "Content-Encoding: gzip\r\n")});
    Exchange exchange;
    exchange.request.headers = "Accept-Encoding: gzip\r\n";
    CHECK(perform(exchange, "GET", "/gzip").error == TransportError::BadResponse);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: chunks are joined and their trailer is left out",
                 "[net]") {
    server.script("/", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Real: 1\r\n\r\n"
                        "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 2\r\n\r\n"});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.body == "hello world");
    CHECK(response.header("X-Real") == "1");
    CHECK(response.header("X-Trailer").empty());
    CHECK(response.headers.size() == (is_http2_under_test() ? 1 : 2));
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an interim answer is not the answer", "[net]") {
    server.script("/", {"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nX-Interim: 1\r\n\r\n" +
                        ok("final", "X-Final: 1\r\n")});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.status == 200);
    CHECK(response.header("X-Interim").empty());
    CHECK(response.header("X-Final") == "1");
    CHECK(response.body == "final");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an error status is an answer, not a failure",
                 "[net]") {
    const int status = GENERATE(301, 400, 401, 404, 500, 503);
    server.script(
        "/",
        {fmt::format("HTTP/1.1 {} X\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", status)});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.error == TransportError::None);
    CHECK(response.status == status);
    CHECK(server.requests().size() == 1);
}

// Starts its exchange again until the wanted number is reached.
class Repeater final : public net::ExchangeListener {
public:
    Repeater(net::HttpEngine& engine, int wanted) : engine_(engine), to_start_(wanted) {}
    void start(Exchange& exchange) {
        if (to_start_ > 0) {
            --to_start_;
            engine_.start(exchange);
        }
    }
    void on_done(Exchange& exchange) noexcept override {
        ++ended;
        passed += exchange.response.status == 200 && exchange.response.body == "hello" ? 1 : 0;
        start(exchange);
    }
    int ended = 0;
    int passed = 0;

private:
    net::HttpEngine& engine_;
    int to_start_;
};

TEST_CASE_METHOD(EngineFixture, "HttpEngine: 1000 requests of 10 exchanges use 10 connections",
                 "[net]") {
    constexpr int kRequests = 1000;
    constexpr int kUsers = 10;
    server.script("/", {ok("hello")});
    engine->set_expected_users(kUsers);
    Repeater repeater(*engine, kRequests);
    std::deque<Exchange> exchanges(kUsers);
    std::uint64_t owner = 0;
    for (Exchange& exchange : exchanges) {
        prepare(exchange, "GET", server.url("/"));
        exchange.listener = &repeater;
        exchange.owner = ++owner;
        repeater.start(exchange);
    }
    CHECK(engine->in_flight() == kUsers);
    REQUIRE(run_until([&] { return repeater.ended == kRequests; }));
    CHECK(repeater.passed == kRequests);
    CHECK(server.requests().size() == kRequests);
    CHECK(server.connections() == kUsers);
    CHECK(engine->counts().opened == kUsers);
    CHECK(engine->counts().reused == kRequests - kUsers);
    CHECK(engine->counts().failed == 0);
    CHECK(engine->in_flight() == 0);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: cancelling ends a flight without a report", "[net]") {
    server.script("/silent", {""});
    Exchange exchange;
    prepare(exchange, "GET", server.url("/silent"));
    engine->start(exchange);
    REQUIRE(run_until([&] { return server.requests().size() == 1; }));
    CHECK(server.open_connections() == 1);
    engine->cancel(exchange);
    CHECK(engine->in_flight() == 0);
    CHECK(exchange.response.error == TransportError::Cancelled);
    CHECK(exchange.response.was_sent);
    CHECK(exchange.response.bytes_sent > 0);
    CHECK(done.count == 0);
    if (is_http2_under_test()) {
        CHECK(perform(exchange, "GET", "/").is_connection_reused);
        return;  // only the stream is over
    }
    CHECK(exchange.response.bytes_sent == static_cast<std::int64_t>(server.bytes_received()));
    CHECK(run_until([&] { return server.open_connections() == 0; }));

    // The exchange is as good as new.
    CHECK(perform(exchange, "GET", "/").status == 200);
    CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: what is cancelled at once was not sent", "[net]") {
    Exchange exchange;
    prepare(exchange, "GET", server.url("/"));
    engine->start(exchange);
    engine->cancel(exchange);
    CHECK_FALSE(exchange.response.was_sent);
    CHECK(exchange.response.bytes_sent == 0);
    Exchange other;
    CHECK(perform(other, "GET", "/").status == 200);
    CHECK(server.requests().size() == 1);
    CHECK(done.count == 1);
    engine->cancel(exchange);  // again: nothing to do
    Exchange never_started;
    engine->cancel(never_started);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an engine may go before its exchanges", "[net]") {
    server.script("/silent", {""});
    Exchange idle;
    CHECK(perform(idle, "GET", "/").status == 200);
    Exchange flying;
    prepare(flying, "GET", server.url("/silent"));
    engine->start(flying);
    REQUIRE(run_until([&] { return server.requests().size() == 2; }));
    engine.reset();
    CHECK(run_until([&] { return server.open_connections() == 0; }));
    CHECK(done.count == 1);
    // Another engine takes both over.
    engine = make_engine_under_test(*loop);
    CHECK(perform(idle, "GET", "/").status == 200);
    CHECK(perform(flying, "GET", "/").status == 200);
}

}  // namespace
}  // namespace boom::test
