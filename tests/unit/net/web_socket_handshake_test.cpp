#include "net/web_socket_handshake.hpp"

#include "net/web_socket_frames.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::net {
namespace {

using Progress = WebSocketHandshake::Progress;

struct Result {
    Progress progress = Progress::More;
    std::string fault;
    int status = 0;
    std::size_t unused_bytes = 0;
    bool operator==(const Result&) const = default;
};

HttpRequest request_of(std::string url, std::string headers = {}) {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = std::move(headers);
    return request;
}

std::string header_of(std::string_view head, std::string_view name) {
    const std::string start = "\r\n" + std::string(name) + ": ";
    const std::size_t begin = head.find(start);
    return begin == std::string_view::npos
               ? std::string()
               : std::string(head.substr(begin + start.size(),
                                         head.find('\r', begin + 2) - begin - start.size()));
}

// `answer` with the right Sec-WebSocket-Accept in the place of a '@', in pieces.
Result answered(std::string answer, std::size_t step, const std::string& headers = {}) {
    base::Rng rng(7);
    WebSocketHandshake handshake;
    REQUIRE(handshake.assign(request_of("ws://host:81/path?q=1", headers), rng).empty());
    const std::string key = header_of(handshake.bytes(), "Sec-WebSocket-Key");
    if (const std::size_t at = answer.find('@'); at != std::string::npos) {
        answer.replace(at, 1, web_socket_accept(key));
    }
    HttpResponse response;
    Result result;
    std::size_t at = 0;
    while (at < answer.size() && result.progress == Progress::More) {
        result.progress = handshake.feed(std::string_view(answer).substr(at, step), response);
        at += step;
    }
    result.fault = handshake.fault();
    result.status = response.status;
    if (result.progress == Progress::Open) {
        result.unused_bytes =
            handshake.unused_bytes() + answer.size() - std::min(at, answer.size());
    }
    return result;
}

const std::string kGood =
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: @\r\n";

TEST_CASE("WebSocketHandshake: the request asks for an upgrade", "[net]") {
    base::Rng rng(1);
    WebSocketHandshake handshake;
    REQUIRE(handshake.assign(request_of("ws://host:81/path?q=1", "X-Own: 1\r\n"), rng).empty());
    const std::string head(handshake.bytes());
    CHECK(head.starts_with("GET /path?q=1 HTTP/1.1\r\nHost: host:81\r\n"));
    CHECK(header_of(head, "Upgrade") == "websocket");
    CHECK(header_of(head, "Connection") == "Upgrade");
    CHECK(header_of(head, "Sec-WebSocket-Version") == "13");
    CHECK(header_of(head, "X-Own") == "1");
    CHECK_FALSE(web_socket_accept(header_of(head, "Sec-WebSocket-Key")).empty());
    CHECK(head.ends_with("\r\n\r\n"));
    const std::string first_key = header_of(head, "Sec-WebSocket-Key");
    REQUIRE(handshake.assign(request_of("wss://host/"), rng).empty());
    CHECK(header_of(handshake.bytes(), "Sec-WebSocket-Key") != first_key);
    CHECK(handshake.origin() == Http1Origin{"host", 443, Http1Origin::Scheme::Tls});
    REQUIRE(handshake.assign(request_of("http://host/"), rng).empty());
    CHECK(handshake.origin() == Http1Origin{"host", 80, Http1Origin::Scheme::Plain});
    CHECK_FALSE(handshake.assign(request_of("ftp://host/"), rng).empty());
    CHECK_FALSE(handshake.assign(request_of("ws:/host/"), rng).empty());
}

TEST_CASE("WebSocketHandshake: answers open it or are refused, however they are cut", "[net]") {
    const auto [answer, expected] = GENERATE(table<std::string, Result>({
        {kGood + "\r\n\x81\x01x", {Progress::Open, "", 101, 3}},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kGood + "\r\n",
         {Progress::Open, "", 101, 0}},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", {Progress::Refused, "", 404, 0}},
        {"HTTP/1.1 200 OK\r\n\r\n",
         {Progress::Failed, "the server did not switch to websocket", 200, 0}},
        {"HTTP/1.1 302 Found\r\nLocation: /ws\r\n\r\n",
         {Progress::Failed, "the server did not switch to websocket", 302, 0}},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
         {Progress::Failed, "wrong Sec-WebSocket-Accept", 101, 0}},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         {Progress::Failed, "wrong Sec-WebSocket-Accept", 101, 0}},
        {"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n",
         {Progress::Failed, "the answer lacks 'Upgrade: websocket' or 'Connection: Upgrade'", 101,
          0}},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: @\r\n\r\n",
         {Progress::Failed, "the answer lacks 'Upgrade: websocket' or 'Connection: Upgrade'", 101,
          0}},
        {"HTTP/1.0" + kGood.substr(8) + "\r\n",
         {Progress::Failed, "the answer lacks 'Upgrade: websocket' or 'Connection: Upgrade'", 101,
          0}},
        {kGood + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
         {Progress::Failed, "an extension that was not asked for", 101, 0}},
        {kGood + "Sec-WebSocket-Protocol: chat\r\n\r\n",
         {Progress::Failed, "a Sec-WebSocket-Protocol that was not offered", 101, 0}},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n",
         {Progress::Failed, "the answer is not HTTP/1 or later", 0, 0}},
        {"HTTP/1.1 banana\r\n\r\n", {Progress::Failed, "broken status line", 0, 0}},
        {"HTTP/1.1 101 x\r\nno colon\r\n\r\n", {Progress::Failed, "broken header line", 101, 0}},
        {kGood, {Progress::More, "", 0, 0}},
    }));
    INFO(answer);
    for (std::size_t step = 1; step <= answer.size() + 40; ++step) {
        CHECK(answered(answer, step) == expected);
    }
}

TEST_CASE("WebSocketHandshake: one of the offered protocols may be chosen", "[net]") {
    const std::string offers =
        "Sec-WebSocket-Protocol: soap, chat\r\nsec-websocket-protocol: x\r\n";
    for (const std::string choice : {"soap", "chat", "x"}) {
        const std::string answer = kGood + "Sec-WebSocket-Protocol: " + choice + "\r\n\r\n";
        CHECK(answered(answer, 1000, offers).progress == Progress::Open);
    }
    CHECK(answered(kGood + "Sec-WebSocket-Protocol: CHAT\r\n\r\n", 1000, offers).progress ==
          Progress::Failed);
    CHECK(answered(kGood + "\r\n", 1000, offers).progress == Progress::Open);
}

TEST_CASE("WebSocketHandshake: a head without an end is given up", "[net]") {
    const std::string endless = "HTTP/1.1 101 x\r\nX: " + std::string(100'000, 'x');
    CHECK(answered(endless, 4096).fault == "the header is too long");
}

}  // namespace
}  // namespace boom::net
