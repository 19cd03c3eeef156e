#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;
using KeepAlive = net::ConnectionOptions::KeepAlive;

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a request has the given headers and no others",
                 "[net][text]") {
    Exchange exchange;
    exchange.request.headers = "X-A: 1\r\nX-Empty:\r\nX-B:2\r\n";
    REQUIRE(perform(exchange, "GET", "/path?q=1").status == 200);
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    CHECK(server.requests().back().head ==
          "GET /path?q=1 HTTP/1.1\r\nHost: " + host + "\r\nX-A: 1\r\nX-Empty:\r\nX-B:2\r\n\r\n");
}

TEST_CASE_METHOD(EngineFixture,
                 "HttpEngine: headers that libcurl has an opinion on are the block's",
                 "[net][text]") {
    Exchange exchange;
    exchange.request.headers =
        "Host: example.test\r\nAccept: text/plain\r\nUser-Agent: boom\r\nContent-Type: a/b\r\n";
    exchange.request.body = "x";
    REQUIRE(perform(exchange, "POST", "/").status == 200);
    CHECK(server.requests().back().head ==
          "POST / HTTP/1.1\r\nHost: example.test\r\nAccept: text/plain\r\nUser-Agent: boom\r\n"
          "Content-Type: a/b\r\nContent-Length: 1\r\n\r\n");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: method, length and body fit together", "[net]") {
    struct Row {
        std::string method;
        std::string body;
        std::string length;
    };
    const Row row = GENERATE(values<Row>({{"GET", "", "(none)"},
                                          {"GET", "abc", "3"},
                                          {"POST", "", "0"},
                                          {"POST", "abc", "3"},
                                          {"PUT", "", "0"},
                                          {"PUT", "abc", "3"},
                                          {"PATCH", "", "0"},
                                          {"PATCH", "abc", "3"},
                                          {"DELETE", "", "(none)"},
                                          {"DELETE", "abc", "3"},
                                          {"OPTIONS", "", "(none)"},
                                          {"PURGE", "", "(none)"},
                                          {"PURGE", "abc", "3"}}));
    server.script("/m", {ok("answer")});
    Exchange exchange;
    exchange.request.body = row.body;
    INFO(row.method << " '" << row.body << "'");
    REQUIRE(perform(exchange, row.method, "/m").body == "answer");
    const ScriptedServer::Request& request = server.requests().back();
    CHECK(request.head.substr(0, request.head.find(' ')) == row.method);
    CHECK(header_of(request, "Content-Length") == row.length);
    CHECK(header_of(request, "Expect") == "(none)");
    CHECK(header_of(request, "Content-Type") == "(none)");
    CHECK(request.body == row.body);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: the answer to HEAD has headers and no body", "[net]") {
    server.script("/", {ok("never sent", "X-Header: 1\r\n")});
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "HEAD", "/");
    CHECK(response.error == TransportError::None);
    CHECK(response.status == 200);
    CHECK(response.header("Content-Length") == "10");
    CHECK(response.header("X-Header") == "1");
    CHECK(response.body.empty());
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an exchange forgets its previous request", "[net]") {
    server.script("/", {ok("answer", "X-Header: 1\r\n")});
    Exchange exchange;
    const auto last = [&] { return server.requests().back(); };
    exchange.request.headers = "X-First: 1\r\nContent-Type: a/b\r\n";
    exchange.request.body = "first";
    CHECK(perform(exchange, "POST", "/").body == "answer");
    CHECK(last().body == "first");
    exchange.request.body = "the second";
    CHECK(perform(exchange, "POST", "/").body == "answer");
    CHECK(last().body == "the second");
    exchange.request.headers = "X-Second: 2\r\n";
    exchange.request.body.clear();
    CHECK(perform(exchange, "HEAD", "/").body.empty());
    CHECK(header_of(last(), "X-First") == "(none)");
    CHECK(perform(exchange, "GET", "/").body == "answer");
    CHECK(last().head.substr(0, 4) == "GET ");
    CHECK(header_of(last(), "Content-Length") == "(none)");
    CHECK(perform(exchange, "DELETE", "/other").body.empty());
    CHECK(last().head.substr(0, 14) == "DELETE /other ");
    CHECK(exchange.response.header("X-Header").empty());
    CHECK(perform(exchange, "POST", "/").body == "answer");
    CHECK(header_of(last(), "Content-Length") == "0");
    CHECK(last().head.substr(0, 5) == "POST ");
    CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a target is sent as it is written", "[net]") {
    Exchange exchange;
    REQUIRE(perform(exchange, "GET", "/a/../b/./c%20d?x=%2F&y=/../z").status == 200);
    CHECK(server.requests().back().head.substr(0, 43) ==
          "GET /a/../b/./c%20d?x=%2F&y=/../z HTTP/1.1\r");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: without keep-alive every request has its connection",
                 "[net]") {
    options.keep_alive = KeepAlive::Off;
    Exchange exchange;
    for (int round = 1; round <= 3; ++round) {
        const net::HttpResponse& response = perform(exchange, "GET", "/");
        CHECK(response.status == 200);
        CHECK_FALSE(response.is_connection_reused);
        CHECK(header_of(server.requests().back(), "Connection") ==
              (is_http2_under_test() ? "(none)" : "close"));
        CHECK(server.connections() == round);
    }
    CHECK(run_until([&] { return server.open_connections() == 0; }));
    CHECK(engine->counts().opened == 3);
    CHECK(engine->counts().reused == 0);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: resolve and source address are used", "[net]") {
    options.resolve = {"boom.test:" + std::to_string(server.port()) + ":127.0.0.1"};
    options.source_address = "127.0.0.1";
    Exchange exchange;
    prepare(exchange, "GET", "http://boom.test:" + std::to_string(server.port()) + "/");
    CHECK(perform(exchange).status == 200);
    CHECK(header_of(server.requests().back(), "Host") ==
          "boom.test:" + std::to_string(server.port()));
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a name is resolved beside the loop", "[net]") {
    Exchange exchange;
    prepare(exchange, "GET", "http://localhost:" + std::to_string(server.port()) + "/");
    CHECK(perform(exchange).status == 200);
    CHECK(perform(exchange).is_connection_reused);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a proxy is asked for the whole URL", "[net][curl]") {
    options.proxy = server.url("");
    Exchange exchange;
    prepare(exchange, "GET", "http://boom.test/path");
    CHECK(perform(exchange).status == 200);
    CHECK(server.requests().back().head.substr(0, 31) == "GET http://boom.test/path HTTP/");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: options may differ from one start to the next",
                 "[net]") {
    net::ConnectionOptions others;
    others.keep_alive = KeepAlive::Off;
    Exchange exchange;
    prepare(exchange, "GET", server.url("/"));
    CHECK(perform(exchange).status == 200);
    exchange.options = &others;
    CHECK(perform(exchange).status == 200);
    CHECK(header_of(server.requests().back(), "Connection") == "close");
    exchange.options = &options;
    CHECK(perform(exchange).status == 200);
    CHECK(header_of(server.requests().back(), "Connection") == "(none)");
    CHECK(exchange.response.is_connection_reused);
}

}  // namespace
}  // namespace boom::test
