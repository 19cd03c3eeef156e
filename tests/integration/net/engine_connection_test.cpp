// What becomes of requests when kept connections end: every request that the server read counts as
// one exchange, and none is sent a second time once the server may have read it.
#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;
using Then = ScriptedServer::Then;

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a kept connection is used again", "[net]") {
    Exchange first;
    Exchange second;
    CHECK_FALSE(perform(first, "GET", "/").is_connection_reused);
    CHECK(perform(first, "GET", "/").is_connection_reused);
    CHECK(perform(second, "GET", "/").is_connection_reused);
    CHECK(server.connections() == 1);
    CHECK(engine->counts().opened == 1);
    CHECK(engine->counts().reused == 2);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a new connection says how long it took, a kept none",
                 "[net]") {
    const auto whole = [](const net::HttpResponse& response) {
        return response.phases.dns + response.phases.connect + response.phases.tls;
    };
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    REQUIRE_FALSE(response.is_connection_reused);
    CHECK(response.phases.dns >= net::Duration::zero());
    CHECK(response.phases.connect > net::Duration::zero());
    CHECK(response.phases.tls == net::Duration::zero());
    CHECK(whole(response) <= response.first_byte_at - response.sent_at);

    REQUIRE(perform(exchange, "GET", "/").is_connection_reused);
    CHECK(whole(response) == net::Duration::zero());

    server.close_connections();
    loop->run_once(loop->now());
    REQUIRE_FALSE(perform(exchange, "GET", "/").is_connection_reused);
    CHECK(response.phases.connect > net::Duration::zero());
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a user's connection is no other user's", "[net]") {
    Exchange first;
    Exchange second;
    second.owner = 1;
    CHECK_FALSE(perform(first, "GET", "/").is_connection_reused);
    CHECK_FALSE(perform(second, "GET", "/").is_connection_reused);
    CHECK(perform(first, "GET", "/").is_connection_reused);
    CHECK(perform(second, "GET", "/").is_connection_reused);
    CHECK(server.connections() == 2);
    CHECK(engine->counts().opened == 2);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: users keep their connections through any exchange",
                 "[net]") {
    Exchange shared;
    CHECK_FALSE(perform(shared, "GET", "/").is_connection_reused);
    shared.owner = 1;
    CHECK_FALSE(perform(shared, "GET", "/").is_connection_reused);
    shared.owner = 0;
    CHECK(perform(shared, "GET", "/").is_connection_reused);
    {
        Exchange other;
        other.owner = 1;
        CHECK(perform(other, "GET", "/").is_connection_reused);
    }
    shared.owner = 1;
    CHECK(perform(shared, "GET", "/").is_connection_reused);
    CHECK(server.connections() == 2);

    engine->forget(1);
    engine->forget(1);
    engine->forget(7);  // never seen
    while (server.open_connections() > 1) {
        loop->run_once(loop->now());
    }
    CHECK_FALSE(perform(shared, "GET", "/").is_connection_reused);
    shared.owner = 0;
    CHECK(perform(shared, "GET", "/").is_connection_reused);
    shared.owner = 1;
    CHECK(perform(shared, "GET", "/").is_connection_reused);
    CHECK(server.connections() == 3);
    CHECK(engine->counts().opened == 3);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: shared connections are anybody's", "[net]") {
    options.connections = net::ConnectionOptions::Connections::Shared;
    Exchange first;
    Exchange second;
    second.owner = 1;
    CHECK_FALSE(perform(first, "GET", "/").is_connection_reused);
    CHECK(perform(second, "GET", "/").is_connection_reused);
    engine->forget(0);
    engine->forget(1);
    CHECK(perform(first, "GET", "/").is_connection_reused);

    // Two at a time need two, but for the streams of HTTP/2; a third one takes what is free.
    const int needed = is_http2_under_test() ? 1 : 2;
    prepare(first, "GET", server.url("/"));
    prepare(second, "GET", server.url("/"));
    const int before = done.count;
    engine->start(first);
    engine->start(second);
    REQUIRE(run_until([&] { return done.count == before + 2; }));
    CHECK(first.response.status == 200);
    CHECK(second.response.status == 200);
    CHECK(perform(second, "GET", "/").is_connection_reused);
    CHECK(server.connections() == needed);
    CHECK(engine->counts().opened == needed);

    // Those of an owner stay apart from them.
    net::ConnectionOptions own = options;
    own.connections = net::ConnectionOptions::Connections::OfOwner;
    Exchange apart;
    prepare(apart, "GET", server.url("/"));
    apart.options = &own;
    CHECK_FALSE(perform(apart).is_connection_reused);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an idle connection that the server ended is replaced",
                 "[net]") {
    Exchange exchange;
    CHECK(perform(exchange, "GET", "/").status == 200);
    server.close_connections();
    loop->run_once(loop->now());
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.status == 200);
    CHECK_FALSE(response.is_connection_reused);
    CHECK(server.requests().size() == 2);
    CHECK(server.connections() == 2);
    CHECK(engine->counts().opened == 2);
}

TEST_CASE_METHOD(EngineFixture,
                 "HttpEngine: a request that a kept connection swallowed is not "
                 "sent again",
                 "[net]") {
    const Then then = GENERATE(Then::Close, Then::Reset);
    server.script("/swallow", {"", then});
    Exchange exchange;
    CHECK(perform(exchange, "GET", "/").status == 200);
    const net::HttpResponse& response = perform(exchange, "GET", "/swallow");
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == "connection closed before an answer");
    CHECK(response.was_sent);
    CHECK(response.is_connection_reused);
    CHECK(server.requests().size() == 2);
    CHECK(server.connections() == 1);
    CHECK(engine->counts().opened == 1);
    CHECK(engine->counts().failed == 0);
    CHECK(perform(exchange, "GET", "/").status == 200);
    CHECK(server.requests().size() == 3);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an answer that is cut is a reset", "[net]") {
    const Then then = GENERATE(Then::Close, Then::Reset);
    server.script("/cut", {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", then});
    server.script("/cut-head", {"HTTP/1.1 200 OK\r\nContent-Le", then});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/cut");
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == "connection closed before the end of the answer");
    CHECK(response.was_sent);
    if (!is_http2_under_test()) {
        CHECK(perform(exchange, "GET", "/cut-head").error == TransportError::Reset);
    }
    CHECK(server.requests().size() == (is_http2_under_test() ? 1 : 2));
    CHECK(perform(exchange, "GET", "/").status == 200);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a fresh connection that ends unanswered is a reset",
                 "[net]") {
    const Then then = GENERATE(Then::Close, Then::Reset);
    server.script("/", {"", then});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.error == TransportError::Reset);
    CHECK(response.error_text == "connection closed before an answer");
    CHECK(response.was_sent);
    CHECK(server.requests().size() == 1);
    CHECK(engine->counts().opened == 1);
    CHECK(engine->counts().failed == 0);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a body may end with the connection", "[net]") {
    server.script("/", {"HTTP/1.1 200 OK\r\n\r\nuntil the end", Then::Close});
    Exchange exchange;
    CHECK(perform(exchange, "GET", "/").body == "until the end");
    CHECK(exchange.response.error == TransportError::None);
}

}  // namespace
}  // namespace boom::test
