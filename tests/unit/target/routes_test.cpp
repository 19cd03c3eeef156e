#include "target/routes.hpp"

#include "target/hostile.hpp"
#include "target/request_parser.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <set>
#include <string>

namespace boom::target {
namespace {

using nlohmann::json;
using Manner = Answer::Manner;
using std::chrono::milliseconds;

const base::TimePoint kNow{std::chrono::seconds(50)};

// A server's memory, and requests against it.
struct Bench {
    Records records{kNow, 1};

    Answer ask(const std::string& method, const std::string& target, const Fields& headers = {},
               const std::string& body = "") {
        std::string text = method + " " + target + " HTTP/1.1\r\nHost: h:1\r\n";
        for (const auto& [name, value] : headers) {
            text += name + ": " + value + "\r\n";
        }
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        RequestParser parser;
        parser.feed(text);
        const auto request = parser.next();
        REQUIRE(request);
        return answer({*request, "192.0.2.1", "http", kNow, records});
    }
    Answer get(const std::string& target, const Fields& headers = {}) {
        return ask("GET", target, headers);
    }
};

std::string header_of(const Answer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
        if (key == name) {
            return value;
        }
    }
    return "(none)";
}

TEST_CASE("routes: each table's names are its own, and every path answers", "[target]") {
    std::set<std::string_view> names;
    Bench bench;
    for (const auto& table :
         {mirror_routes(), session_routes(), payload_routes(), fault_routes(), control_routes()}) {
        for (const Route& route : table) {
            INFO(route.name);
            CHECK(names.insert(route.name).second);
            CHECK(route.least <= route.most);
            std::string path = "/" + std::string(route.name);
            for (std::size_t i = 0; i < route.least; ++i) {
                path += "/200";
            }
            const bool is_other_method = bench.get(path).status == 405;
            CHECK((bench.get(path).status != 404 || route.name == "__ca" || is_other_method));
            CHECK(bench.get(path + std::string(2 * (route.most + 1), '/')).status == 404);
        }
    }
}

TEST_CASE("routes: paths that do not exist are 404", "[target]") {
    Bench bench;
    for (const char* path : {"/", "/x", "/get/", "//", "/GET", "/status", "/bytes/1/2",
                             "/hostile/x", "/cookies/other", "/__other"}) {
        INFO(path);
        CHECK(bench.get(path).status == 404);
    }
    CHECK(bench.ask("OPTIONS", "*").status == 404);
}

TEST_CASE("routes: /get answers as postman-echo", "[target]") {
    Bench bench;
    const Answer reply = bench.get("/get?a=1&b=%22&a=2", {{"X-A", "1"}, {"x-a", "2"}});
    CHECK(reply.status == 200);
    CHECK(json::parse(reply.body) ==
          json({{"args", {{"a", {"1", "2"}}, {"b", "\""}}},
                {"data", ""},
                {"files", json::object()},
                {"form", json::object()},
                {"json", nullptr},
                {"headers", {{"host", "h:1"}, {"x-a", "1, 2"}, {"content-length", "0"}}},
                {"url", "http://h:1/get?a=1&b=%22&a=2"}}));
}

TEST_CASE("routes: a JSON body that is none is refused", "[target]") {
    Bench bench;
    const Fields type{{"Content-Type", "application/json"}};
    CHECK(json::parse(bench.ask("POST", "/post", type, "[1,2]").body)["json"] == json({1, 2}));
    CHECK(json::parse(bench.ask("POST", "/post", type, "").body)["json"] == nullptr);
    CHECK(bench.ask("POST", "/post", type, "[1,2").status == 400);
    CHECK(bench.ask("POST", "/post", type, "{\"a\":1}}").status == 400);
}

TEST_CASE("routes: delays and pauses are asked for in the answer", "[target]") {
    Bench bench;
    CHECK(bench.get("/delay/250").delay == milliseconds(250));
    CHECK(bench.get("/delay/99999999").delay == std::chrono::hours(1));
    CHECK_FALSE(bench.get("/delay/5").is_delay_drawn);
    const Answer drawn = bench.get("/delay?dist=uniform:1ms,2ms");
    CHECK(drawn.is_delay_drawn);
    CHECK(drawn.delay >= milliseconds(1));
    CHECK(drawn.delay <= milliseconds(2));
    const Answer stalled = bench.get("/stall?ms=700&after_ms=30");
    REQUIRE(stalled.stall);
    CHECK(stalled.stall->length == milliseconds(700));
    CHECK(stalled.stall->after == milliseconds(30));
    CHECK(bench.get("/stall").stall->length == milliseconds(1000));
    CHECK(bench.get("/stall?ms=x").status == 400);
}

TEST_CASE("routes: faults name their manner", "[target]") {
    Bench bench;
    CHECK(bench.get("/hang").manner == Manner::Never);
    CHECK(bench.get("/close").manner == Manner::Close);
    CHECK(bench.get("/reset").manner == Manner::Reset);
    CHECK(bench.get("/chunked/3").manner == Manner::Chunked);
    const Answer drip = bench.get("/drip?bytes=4&ms=100");
    CHECK(drip.manner == Manner::Raw);
    REQUIRE(drip.pieces.size() == 5);
    CHECK(drip.pieces[2].bytes == "*");
    CHECK(drip.pieces[2].pause == milliseconds(25));
}

TEST_CASE("routes: flaky keeps its share in every stretch", "[target]") {
    Bench bench;
    for (int stretch = 0; stretch < 5; ++stretch) {
        int failures = 0;
        for (int i = 0; i < 10; ++i) {
            failures += bench.get("/flaky?ratio=0.3").status == 500 ? 1 : 0;
        }
        CHECK(failures == 3);
    }
}

TEST_CASE("routes: pieces are the same bytes as the whole", "[target]") {
    Bench bench;
    const Answer whole = bench.get("/stream/3");
    const std::string bytes = serialize(whole, "GET", Afterwards::Keep);
    for (const std::size_t size : {std::size_t{1}, std::size_t{10}, bytes.size() + 1}) {
        const Answer split = bench.get("/stream/3?__piece=" + std::to_string(size) + "&__pace=2ms");
        REQUIRE(split.manner == Manner::Raw);
        CHECK(split.then == Answer::Then::Keep);
        std::string joined;
        for (const Piece& piece : split.pieces) {
            CHECK(piece.bytes.size() <= size);
            CHECK(piece.pause == (joined.empty() ? milliseconds(0) : milliseconds(2)));
            joined += piece.bytes;
        }
        // The arguments are in the lines.
        CHECK(joined.substr(0, 80) == bytes.substr(0, 80));
    }
    CHECK(bench.get("/get?__piece=x").status == 400);
    CHECK(bench.get("/get?__piece=1&__pace=x").status == 400);
    CHECK(bench.get("/close?__piece=9").then == Answer::Then::Close);
    CHECK(bench.get("/hostile/half-body-hang?__piece=9").then == Answer::Then::Hang);
    CHECK(bench.get("/hang?__piece=9").manner == Manner::Never);
}

TEST_CASE("routes: a header cannot be smuggled into an answer", "[target]") {
    Bench bench;
    for (const char* path :
         {"/response-headers?A=x%0d%0aB:y", "/response-headers?A%0d%0aB=y",
          "/response-headers?A=%00", "/redirect-to?url=%0d%0a", "/cookies/set?a=%0d%0aX:y",
          "/cookies/set?a%3db=c", "/cookies/set/a%0a/b", "/cookies/delete?a%0d"}) {
        INFO(path);
        CHECK(bench.get(path).status == 400);
    }
}

TEST_CASE("routes: a websocket handshake is checked word by word", "[target]") {
    Bench bench;
    const Fields good{{"Upgrade", "WebSocket"},
                      {"Connection", "keep-alive, Upgrade"},
                      {"Sec-WebSocket-Version", "13"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Protocol", "one, two"}};
    const Answer opened = bench.get("/ws?greeting=hi&ping=p", good);
    CHECK(opened.status == 101);
    CHECK(opened.manner == Manner::WebSocket);
    CHECK(header_of(opened, "Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(header_of(opened, "Sec-WebSocket-Protocol") == "one");
    REQUIRE(opened.pieces.size() == 2);
    CHECK(opened.pieces[0].bytes == "\x81\x02hi");
    CHECK(opened.pieces[1].bytes == "\x89\x01p");
    const std::vector<std::pair<std::size_t, int>> broken{{0, 426}, {1, 426}, {2, 426}, {3, 400}};
    for (const auto& [index, status] : broken) {
        Fields fields = good;
        fields[index].second = "x";
        CHECK(bench.get("/ws", fields).status == status);
    }
    CHECK(bench.ask("POST", "/ws", good).status == 426);
}

TEST_CASE("routes: control paths show and reset what was counted", "[target]") {
    Bench bench;
    bench.records.measurements.arrived("/a", kNow);
    CHECK(json::parse(bench.get("/__arrivals?path=/a").body)["count"] == 1);
    CHECK(json::parse(bench.get("/__arrivals?path=/b").body)["count"] == 0);
    CHECK(bench.get("/__arrivals?first=x").status == 400);
    CHECK(bench.get("/__reset").status == 200);
    CHECK(json::parse(bench.get("/__arrivals").body)["count"] == 0);
    CHECK(json::parse(bench.get("/__stats").body)["requests"] == 0);
    CHECK(bench.get("/__ca").status == 404);
    bench.records.certificate = "PEM";
    CHECK(bench.get("/__ca").body == "PEM");
}

TEST_CASE("answer: serialized as RFC 9112 says", "[target]") {
    Answer reply = target::json(201, "{}");
    reply.headers = {{"X", "y"}};
    const std::string head =
        "HTTP/1.1 201 Created\r\nX: y\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Content-Length: 2\r\n";
    CHECK(serialize(reply, "GET", Afterwards::Keep) == head + "\r\n{}");
    CHECK(serialize(reply, "HEAD", Afterwards::Close) == head + "Connection: close\r\n\r\n");
    reply.status = 304;
    CHECK(serialize(reply, "GET", Afterwards::Keep) == "HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n");
    Answer chunked;
    chunked.manner = Manner::Chunked;
    chunked.content_type = "t";
    chunked.body = std::string(1001, 'x');
    CHECK(serialize(chunked, "GET", Afterwards::Keep) ==
          "HTTP/1.1 200 OK\r\nContent-Type: t\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
              std::string(1000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n");
    CHECK(reason_phrase(299) == "Status");
}

TEST_CASE("hostile: every listed kind has bytes or an end", "[target]") {
    const json kinds = json::parse(hostile_kinds_json());
    CHECK(kinds.size() > 60);
    for (const auto& [kind, is_legal] : kinds.items()) {
        INFO(kind);
        const auto reply = hostile_answer(kind);
        REQUIRE(reply);
        CHECK(reply->manner == Manner::Raw);
        CHECK_FALSE(reply->pieces.empty());
        CHECK((reply->then != Answer::Then::Repeat || !reply->pieces.back().bytes.empty()));
    }
    CHECK_FALSE(hostile_answer("none"));
}

}  // namespace
}  // namespace boom::target
