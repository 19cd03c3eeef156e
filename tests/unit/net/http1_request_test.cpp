#include "net/http1_request.hpp"

#include "net/http1_constants.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::net {
namespace {

using KeepAlive = ConnectionOptions::KeepAlive;

HttpRequest request_of(std::string method, std::string url, std::string headers = {},
                       std::string body = {}) {
    return {std::move(method), std::move(url), std::move(headers), std::move(body)};
}

std::string bytes_of(const HttpRequest& request, KeepAlive keep_alive = KeepAlive::On) {
    Http1Request bytes;
    const std::string_view problem = bytes.assign(request, keep_alive);
    return problem.empty() ? std::string(bytes.bytes()) : std::string(problem);
}

TEST_CASE("Http1Request: head and body of a request", "[net]") {
    CHECK(bytes_of(request_of("GET", "http://h/a?b=1#c", "X: 1\r\n")) ==
          "GET /a?b=1 HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://h:81")) == "GET / HTTP/1.1\r\nHost: h:81\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://h?q")) == "GET /?q HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://[::1]:81/")) ==
          "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n");
    CHECK(bytes_of(request_of("POST", "https://h/", "", "body")) ==
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
    CHECK(bytes_of(request_of("PUT", "http://h/")) ==
          "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    CHECK(bytes_of(request_of("DELETE", "http://h/")) == "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(bytes_of(request_of("HEAD", "http://h/", "", "ignored")) ==
          "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST_CASE("Http1Request: what the header lines say goes before what would be added", "[net]") {
    CHECK(
        bytes_of(request_of("POST", "http://h/", "host: other\r\ncontent-length: 4\r\n", "body")) ==
        "POST / HTTP/1.1\r\nhost: other\r\ncontent-length: 4\r\n\r\nbody");
    CHECK(bytes_of(request_of("POST", "http://h/", "Transfer-Encoding: chunked\r\n",
                              "a body of 20 letters")) ==
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
          "14\r\na body of 20 letters\r\n0\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://h/"), KeepAlive::Off) ==
          "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://h/", "Connection: x\r\n"), KeepAlive::Off) ==
          "GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://me:s%40d@h/")) ==
          "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic bWU6c0Bk\r\n\r\n");
    CHECK(bytes_of(request_of("GET", "http://me:s@h/", "Authorization: x\r\n")) ==
          "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: x\r\n\r\n");
}

TEST_CASE("Http1Request: what cannot be a request is refused", "[net]") {
    const HttpRequest bad =
        GENERATE(request_of("GET", ""), request_of("GET", "/path"), request_of("GET", "ftp://h/"),
                 request_of("GET", "http:///"), request_of("GET", "http://h/a b"),
                 request_of("GET", "http://h/a\r\nX: 1"), request_of("GET", "http://h:99999/"),
                 request_of("G T", "http://h/"), request_of("", "http://h/"));
    INFO(bad.method << " " << bad.url);
    Http1Request bytes;
    CHECK_FALSE(bytes.assign(bad, KeepAlive::On).empty());
    // And the next one is made from nothing of it.
    CHECK(bytes.assign(request_of("GET", "http://h/"), KeepAlive::On).empty());
    CHECK(bytes.bytes() == "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST_CASE("Http1Request: one after the other is like each alone", "[net]") {
    const HttpRequest requests[] = {
        request_of("GET", "http://h/"),
        request_of("GET", "http://h/?"),
        request_of("GET", "http://h?x"),
        request_of("GET", "http://h?y"),
        request_of("GET", "http://h/a"),
        request_of("GET", "http://h/a", "X: 1\r\n"),
        request_of("GET", "http://h/a", "X: 2\r\n"),
        request_of("POST", "http://h/a", "X: 2\r\n", "body"),
        request_of("POST", "http://h/a", "X: 2\r\n", "bodz"),
        request_of("POST", "http://h/a", "X: 2\r\n"),
        request_of("GET", "http://hh/a", "X: 2\r\n"),
        request_of("GET", "http://h:80/a", "X: 2\r\n"),
        request_of("GET", "https://h/a", "X: 2\r\n"),
        request_of("HEAD", "https://h/a", "X: 2\r\n", "x"),
        request_of("HEAD", "https://h/a", "Connection: close\r\n"),
    };
    Http1Request bytes;
    for (const HttpRequest& first : requests) {
        for (const HttpRequest& second : requests) {
            REQUIRE(bytes.assign(first, KeepAlive::On).empty());
            REQUIRE(bytes.assign(second, KeepAlive::On).empty());
            INFO(first.method << " " << first.url << ", then " << second.url);
            CHECK(bytes.bytes() == bytes_of(second));
            Http1Request alone;
            REQUIRE(alone.assign(second, KeepAlive::On).empty());
            CHECK(bytes.origin() == alone.origin());
            CHECK(bytes.closes_connection() == alone.closes_connection());
            REQUIRE(bytes.assign(second, KeepAlive::Off).empty());
            CHECK(bytes.bytes() == bytes_of(second, KeepAlive::Off));
        }
    }
}

TEST_CASE("Http1Constants: a constant request is made once for all", "[net]") {
    const auto loop = EventLoop::create(IoKind::Epoll);
    Http1Constants constants(*loop);
    HttpRequest request = request_of("GET", "http://h/a");
    CHECK(constants.find_or_make(request, KeepAlive::On) == nullptr);
    request.constant = 1;
    const auto* made = constants.find_or_make(request, KeepAlive::On);
    REQUIRE(made != nullptr);
    CHECK(made->kept == bytes_of(request));
    HttpRequest other = request_of("GET", "http://h/b");
    other.constant = 7;
    const auto* second = constants.find_or_make(other, KeepAlive::On);
    REQUIRE(second != nullptr);
    CHECK(second->kept == bytes_of(other));
    CHECK(constants.find_or_make(request, KeepAlive::On) == made);
    CHECK(made->kept == bytes_of(request));

    // These are made by each for itself, or refused there.
    CHECK(constants.find_or_make(request, KeepAlive::Off) == nullptr);
    HttpRequest bad = request_of("GET", "nowhere");
    bad.constant = 3;
    CHECK(constants.find_or_make(bad, KeepAlive::On) == nullptr);
    HttpRequest large = request_of("POST", "http://h/", "", std::string(100'000, 'b'));
    large.constant = 4;
    CHECK(constants.find_or_make(large, KeepAlive::On) == nullptr);
}

TEST_CASE("Http1Request: a long body and one that waits for 100 go apart", "[net]") {
    Http1Request bytes;
    const std::string body(100'000, 'b');
    REQUIRE(bytes.assign(request_of("POST", "http://h/", "", body), KeepAlive::On).empty());
    CHECK(bytes.is_body_apart());
    CHECK(bytes.bytes() == "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    CHECK(bytes.size() == bytes.bytes().size() + body.size());
    REQUIRE(
        bytes
            .assign(request_of("POST", "http://h/", "Expect: 100-continue\r\n", "x"), KeepAlive::On)
            .empty());
    CHECK(bytes.is_body_apart());
    CHECK(bytes.awaits_continue());
}

}  // namespace
}  // namespace boom::net
