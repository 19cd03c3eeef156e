#include "target/request_parser.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace boom::target {
namespace {

using namespace std::string_literals;

struct Outcome {
    std::vector<Request> requests;
    int error = 0;
};

void take_all(RequestParser& parser, Outcome& outcome) {
    while (auto request = parser.next()) {
        outcome.requests.push_back(std::move(*request));
    }
    outcome.error = parser.error();
}

Outcome parse(std::string_view text) {
    RequestParser parser;
    Outcome outcome;
    parser.feed(text);
    take_all(parser, outcome);
    return outcome;
}

Outcome parse_in_pieces(std::string_view text, std::size_t first, std::size_t step) {
    RequestParser parser;
    Outcome outcome;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = at == 0 ? first : step;
        parser.feed(text.substr(at, size));
        take_all(parser, outcome);
        at += size;
    }
    return outcome;
}

void check_same(const Outcome& a, const Outcome& b) {
    CHECK(a.error == b.error);
    REQUIRE(a.requests.size() == b.requests.size());
    for (std::size_t i = 0; i < a.requests.size(); ++i) {
        CHECK(a.requests[i].method == b.requests[i].method);
        CHECK(a.requests[i].path == b.requests[i].path);
        CHECK(a.requests[i].query == b.requests[i].query);
        CHECK(a.requests[i].headers == b.requests[i].headers);
        CHECK(a.requests[i].trailers == b.requests[i].trailers);
        CHECK(a.requests[i].body == b.requests[i].body);
        CHECK(a.requests[i].keeps_alive == b.requests[i].keeps_alive);
    }
}

struct Sample {
    std::string text;
    std::size_t requests;
    int error;
};

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// A head with these lines between the Host and the end.
std::string post(const std::string& lines, const std::string& body = "") {
    return "POST /p HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::vector<Sample> right_samples() {
    return {
        {kGet, 1, 0},
        {"\r\n" + kGet, 1, 0},
        {kGet + kGet + kGet, 3, 0},
        {"GET /a%20b?x=1&y HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1, 0},
        {"GET http://h:80/p?q HTTP/1.1\r\nHost: h\r\n\r\n", 1, 0},
        {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 1, 0},
        {post("Content-Length: 3\r\n", "abc") + kGet, 2, 0},
        {post("Content-Length: 0\r\nX:\r\nY: \t v \t\r\n"), 1, 0},
        {post("Expect: 100-continue\r\nContent-Length: 1\r\n", "x"), 1, 0},
        {post(kChunked, "3\r\nabc\r\n0\r\n\r\n") + kGet, 2, 0},
        {post(kChunked, "A;n=\"v\"\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\n"), 1, 0},
    };
}

// What two readers could understand differently, in the head.
std::vector<Sample> ambiguous_heads() {
    return {
        {post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 0, 400},
        {post("Content-Length: 3\r\ncontent-length: 4\r\n", "abcd"), 0, 400},
        {post("Content-Length: 3, 3\r\n", "abc"), 0, 400},
        {post("Content-Length: +3\r\n", "abc"), 0, 400},
        {post("Content-Length: -1\r\n"), 0, 400},
        {post("Content-Length: 0x3\r\n", "abc"), 0, 400},
        {post("Content-Length: 3 3\r\n", "abc"), 0, 400},
        {post("Content-Length:\r\n"), 0, 400},
        {post("Content-Length : 3\r\n", "abc"), 0, 400},
        {post(kChunked + "Content-Length: 3\r\n", "0\r\n\r\n"), 0, 400},
        {post("Content-Length: 3\r\n" + kChunked, "0\r\n\r\n"), 0, 400},
        {post(kChunked + kChunked, "0\r\n\r\n"), 0, 400},
        {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 0, 501},
        {post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 0, 501},
        {post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 0, 501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 400},
        {post("X: 1\r\n folded\r\n"), 0, 400},
        {post("\tX: 1\r\n"), 0, 400},
        {post("X: a\rb\r\n"), 0, 400},
        {post("X: a\0b\r\n"s), 0, 400},
        {"GET / HTTP/1.1\nHost: h\n\n", 0, 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: 1\n\r\n", 0, 400},
    };
}

std::vector<Sample> ambiguous_chunks() {
    return {
        {post(kChunked, "3\nabc\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "3\r\nabcd\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "3\r\nabc0\r\n\r\n"), 0, 400},
        {post(kChunked, "3\r\nabc\n0\r\n\r\n"), 0, 400},
        {post(kChunked, " 3\r\nabc\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "3 \r\nabc\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "0x3\r\nabc\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "-3\r\nabc\r\n0\r\n\r\n"), 0, 400},
        {post(kChunked, "\r\n\r\n"), 0, 400},
        {post(kChunked, ";x\r\n\r\n"), 0, 400},
        {post(kChunked, "3;a\0b\r\nabc\r\n0\r\n\r\n"s), 0, 400},
        {post(kChunked, "10000000000000000000\r\n"), 0, 413},
        {post(kChunked, "0\r\nContent-Length: 3\r\n\r\n"), 0, 400},
        {post(kChunked, "0\r\nbroken\r\n\r\n"), 0, 400},
    };
}

// What is no request of HTTP/1.
std::vector<Sample> wrong_samples() {
    return {
        {"\r\n\r\n" + kGet, 0, 400},
        {"GET /\r\n\r\n", 0, 400},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {" GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET path HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET / http/1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET / HTTP/1.1.1\r\nHost: h\r\n\r\n", 0, 400},
        {"GET / HTTP/1.2\r\nHost: h\r\n\r\n", 0, 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 505},
        {"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", 0, 501},
        {"GET / HTTP/1.1\r\n\r\n", 0, 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 0, 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 0, 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n", 0, 400},
        {post("Expect: miracles\r\n"), 0, 417},
        {"\x16\x03\x01\x02\r\n"s, 0, 400},
        // What came before a mistake is answered.
        {kGet + "nonsense\r\n", 1, 400},
    };
}

std::vector<Sample> samples() {
    std::vector<Sample> all = right_samples();
    for (const auto& part : {ambiguous_heads(), ambiguous_chunks(), wrong_samples()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

TEST_CASE("RequestParser: samples are taken or refused as RFC 9112 says", "[target]") {
    for (const Sample& sample : samples()) {
        INFO(sample.text);
        const Outcome outcome = parse(sample.text);
        CHECK(outcome.requests.size() == sample.requests);
        CHECK(outcome.error == sample.error);
    }
}

TEST_CASE("RequestParser: splitting at any byte changes nothing", "[target]") {
    for (const Sample& sample : samples()) {
        INFO(sample.text);
        const Outcome whole = parse(sample.text);
        for (std::size_t at = 1; at < sample.text.size(); ++at) {
            check_same(whole, parse_in_pieces(sample.text, at, sample.text.size()));
        }
        for (const std::size_t step : std::vector<std::size_t>{1, 2, 3, 7}) {
            check_same(whole, parse_in_pieces(sample.text, step, step));
        }
    }
}

TEST_CASE("RequestParser: a request has its parts", "[target]") {
    const Outcome outcome =
        parse("PUT /a%2Fb%20c?x=1%202&y=&z HTTP/1.1\r\nHost: h\r\nX-Two:  v w \r\n" + kChunked +
              "\r\n3\r\nabc\r\n2;e\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");
    REQUIRE(outcome.requests.size() == 1);
    const Request& request = outcome.requests[0];
    CHECK(request.method == "PUT");
    CHECK(request.path == "/a/b c");
    CHECK(request.query == "x=1%202&y=&z");
    CHECK(request.parameter("x") == "1 2");
    CHECK(request.parameter("y") == "");
    CHECK(request.parameter("z") == "");
    CHECK_FALSE(request.parameter("a"));
    CHECK(request.header("x-two") == "v w");
    CHECK(request.header("absent").empty());
    CHECK(request.body == "abcde");
    CHECK(request.trailers == Fields{{"X-Sum", "5"}});
    CHECK(request.keeps_alive);
}

TEST_CASE("RequestParser: the absolute form counts by its path", "[target]") {
    CHECK(parse("GET HTTP://h/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").requests.at(0).path == "/p");
    CHECK(parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").requests.at(0).path == "/");
    CHECK(parse("GET http:// HTTP/1.1\r\nHost: h\r\n\r\n").error == 400);
    CHECK(parse("GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n").error == 400);
}

TEST_CASE("RequestParser: keep-alive follows version and Connection", "[target]") {
    const auto keeps = [](const std::string& version, const std::string& connection) {
        const std::string line =
            connection.empty() ? std::string() : "Connection: " + connection + "\r\n";
        return parse("GET / HTTP/" + version + "\r\nHost: h\r\n" + line + "\r\n")
            .requests.at(0)
            .keeps_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK(keeps("1.1", "Upgrade"));
    CHECK_FALSE(keeps("1.1", "close"));
    CHECK_FALSE(keeps("1.1", "Upgrade, CLOSE"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Keep-Alive"));
    CHECK_FALSE(keeps("1.0", "keep-alive, close"));
}

TEST_CASE("RequestParser: 100-continue is asked for once", "[target]") {
    RequestParser parser;
    parser.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n");
    CHECK_FALSE(parser.next());
    CHECK_FALSE(parser.take_continue());
    parser.feed("\r\n");
    CHECK_FALSE(parser.next());
    CHECK(parser.take_continue());
    CHECK_FALSE(parser.take_continue());
    parser.feed("ab");
    CHECK(parser.next().value().body == "ab");
    CHECK_FALSE(parser.take_continue());
}

TEST_CASE("RequestParser: what follows a request can be taken", "[target]") {
    RequestParser parser;
    parser.feed(kGet + "other bytes");
    CHECK(parser.next());
    CHECK(parser.take_rest() == "other bytes");
    CHECK(parser.take_rest().empty());
}

TEST_CASE("RequestParser: every limit refuses one byte more", "[target]") {
    const auto with_target = [](std::size_t size) {
        return parse("GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n");
    };
    CHECK(with_target(RequestParser::kMaxTarget).error == 0);
    CHECK(with_target(RequestParser::kMaxTarget + 1).error == 414);
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    const auto with_head = [&](std::size_t size) {
        return parse(start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n");
    };
    CHECK(with_head(RequestParser::kMaxHead).requests.size() == 1);
    CHECK(with_head(RequestParser::kMaxHead + 1).error == 431);
    const auto with_fields = [](std::size_t count) {
        std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
        for (std::size_t i = 1; i < count; ++i) {
            text += "A: b\r\n";
        }
        return parse(text + "\r\n");
    };
    CHECK(with_fields(RequestParser::kMaxFields).requests.size() == 1);
    CHECK(with_fields(RequestParser::kMaxFields + 1).error == 431);
    const auto with_length = [](std::size_t size) {
        return parse(post("Content-Length: " + std::to_string(size) + "\r\n")).error;
    };
    CHECK(with_length(RequestParser::kMaxBody) == 0);
    CHECK(with_length(RequestParser::kMaxBody + 1) == 413);
    CHECK(parse(post("Content-Length: 99999999999999999999\r\n")).error == 413);
    CHECK(parse(post(kChunked, "4000000\r\n")).error == 0);
    CHECK(parse(post(kChunked, "4000001\r\n")).error == 413);
    CHECK(parse(post(kChunked, "1;" + std::string(RequestParser::kMaxChunkLine, 'x'))).error ==
          400);
    CHECK(parse(post(kChunked, "0\r\nX: " + std::string(RequestParser::kMaxTrailers, 'x'))).error ==
          431);
    // Without an end of line a flood is refused too.
    CHECK(parse(std::string(RequestParser::kMaxHead + 1, 'x')).error == 414);
}

TEST_CASE("Request: a number in the query is whole and not negative", "[target]") {
    Request request;
    request.query = "a=5&b=-1&c=x&d=";
    CHECK(request.number("a", 9) == 5);
    CHECK_FALSE(request.number("b", 9));
    CHECK_FALSE(request.number("c", 9));
    CHECK_FALSE(request.number("d", 9));
    CHECK(request.number("e", 9) == 9);
}

}  // namespace
}  // namespace boom::target
