#include "net/http1_response.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace boom::net {
namespace {

using Progress = Http1Response::Progress;
using Method = Http1Response::Method;

class Collector final : public BodySink {
public:
    bool on_body(std::string_view bytes) noexcept override {
        text += bytes;
        return text.size() <= limit;
    }
    std::string text;
    std::size_t limit = 1'000'000;
};

// All that a caller can see of one answer.
struct Outcome {
    Progress progress = Progress::More;
    Http1Fault fault = Http1Fault::None;
    int status = 0;
    std::string headers;
    std::string body;
    std::string unused;
    int interim = 0;
    bool allows_reuse = false;
    std::int64_t bytes_received = 0;

    bool operator==(const Outcome&) const = default;
};

enum class Ending { Open, Closed };

Outcome run(const std::vector<std::string_view>& pieces, Method method = Method::Other,
            Ending ending = Ending::Open) {
    Http1KnownHeads heads;
    Http1Response parser(heads);
    HttpResponse response;
    Collector sink;
    parser.begin(method, response, &sink);
    Outcome outcome;
    for (const std::string_view piece : pieces) {
        if (outcome.progress == Progress::More && !piece.empty()) {
            outcome.progress = parser.feed(piece);
            outcome.unused = piece.substr(piece.size() - parser.unused_bytes());
        } else {
            outcome.unused += piece;
        }
    }
    if (ending == Ending::Closed && outcome.progress == Progress::More) {
        outcome.progress = parser.end();
    }
    outcome.fault = parser.fault();
    if (outcome.progress == Progress::Failed) {
        // How much of a refused answer was read depends on how it was cut.
        outcome.unused.clear();
        return outcome;
    }
    outcome.status = response.status;
    for (const Header& header : response.headers) {
        outcome.headers += std::string(header.name) + "=" + std::string(header.value) + "|";
    }
    outcome.body = sink.text;
    outcome.interim = parser.interim_answers();
    outcome.allows_reuse = parser.allows_reuse();
    outcome.bytes_received = response.bytes_received;
    return outcome;
}

// Whole, in two pieces at every place, and byte by byte: always the same.
Outcome run_split(const std::string& text, Method method = Method::Other,
                  Ending ending = Ending::Open) {
    const std::string_view whole = text;
    const Outcome outcome = run({whole}, method, ending);
    std::vector<std::string_view> bytes;
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        INFO("cut at " << cut);
        CHECK(run({whole.substr(0, cut), whole.substr(cut)}, method, ending) == outcome);
        bytes.push_back(whole.substr(cut, 1));
    }
    CHECK(run(bytes, method, ending) == outcome);
    return outcome;
}

TEST_CASE("Http1Response: an answer with a length is read the same however it is cut", "[net]") {
    const std::string answer =
        "HTTP/1.1 200 OK\r\nServer: x\r\nX-Empty:\r\nContent-Length:  5 \r\n\r\nhello";
    const Outcome outcome = run_split(answer + "HTTP/1.1");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.status == 200);
    CHECK(outcome.headers == "Server=x|X-Empty=|Content-Length=5|");
    CHECK(outcome.body == "hello");
    CHECK(outcome.unused == "HTTP/1.1");
    CHECK(outcome.bytes_received == static_cast<std::int64_t>(answer.size()));
    CHECK(outcome.allows_reuse);
}

TEST_CASE("Http1Response: chunks are joined, extensions and trailers are left out", "[net]") {
    const Outcome outcome = run_split(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "5\r\nhello\r\n0b;a=\"b\"\r\n to the who\r\n3  \r\nle!\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nrest");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.headers == "Transfer-Encoding=Chunked|");
    CHECK(outcome.body == "hello to the whole!");
    CHECK(outcome.unused == "rest");
    CHECK(outcome.allows_reuse);
}

TEST_CASE("Http1Response: a body without a length ends with the connection", "[net]") {
    const std::string text = "HTTP/1.1 200 OK\r\nX: 1\r\n\r\nsome\r\n\r\nbody";
    CHECK(run_split(text).progress == Progress::More);
    const Outcome outcome = run_split(text, Method::Other, Ending::Closed);
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.body == "some\r\n\r\nbody");
    CHECK_FALSE(outcome.allows_reuse);
}

TEST_CASE("Http1Response: the end of the connection inside an answer is a failure", "[net]") {
    const std::string text = GENERATE(
        as<std::string>(), "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nX: 1\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
    const Outcome outcome = run_split(text, Method::Other, Ending::Closed);
    CHECK(outcome.progress == Progress::Failed);
    CHECK(outcome.fault == Http1Fault::None);
}

TEST_CASE("Http1Response: some answers never have a body", "[net]") {
    const auto [line, method] = GENERATE(table<std::string, Method>({
        {"HTTP/1.1 200 OK", Method::Head},
        {"HTTP/1.1 404 Not Found", Method::Head},
        {"HTTP/1.1 204 No Content", Method::Other},
        {"HTTP/1.1 304 Not Modified", Method::Other},
    }));
    const std::string framing =
        GENERATE(as<std::string>(), "Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n", "");
    const Outcome outcome = run_split(line + "\r\n" + framing + "\r\n", method);
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.body.empty());
    CHECK(outcome.allows_reuse);
}

TEST_CASE("Http1Response: interim answers are counted and dropped", "[net]") {
    const Outcome outcome = run_split(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\nContent-Length: 9\r\n"
        "\r\nHTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 1\r\n\r\n!");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.status == 200);
    CHECK(outcome.interim == 2);
    CHECK(outcome.headers == "X=1|Content-Length=1|");
    CHECK(outcome.body == "!");
}

TEST_CASE("Http1Response: the interim answers of one exchange are limited", "[net]") {
    std::string text;
    for (int count = 0; count < 33; ++count) {
        text += "HTTP/1.1 102 Processing\r\n\r\n";
    }
    CHECK(run({text}).fault == Http1Fault::TooManyInterim);
}

TEST_CASE("Http1Response: lines that end with LF alone are taken", "[net]") {
    const Outcome outcome = run_split("HTTP/1.1 200 OK\nA: 1\nContent-Length: 2\n\nab");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.headers == "A=1|Content-Length=2|");
    CHECK(outcome.body == "ab");
    CHECK(run_split("HTTP/1.1 204 No\n\n").progress == Progress::Done);
    CHECK(run_split("HTTP/1.1 204 No\r\n\r\n").progress == Progress::Done);
}

TEST_CASE("Http1Response: a folded line is one", "[net]") {
    const Outcome outcome =
        run_split("HTTP/1.1 204 No\r\nA: one\r\n  two\r\n\tthree\r\nB: 2\r\n\r\n");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.headers == "A=one    two  \tthree|B=2|");
}

TEST_CASE("Http1Response: who may use the connection again", "[net]") {
    const auto [version, connection, is_allowed] = GENERATE(table<std::string, std::string, bool>({
        {"HTTP/1.1", "", true},
        {"HTTP/1.1", "Connection: close\r\n", false},
        {"HTTP/1.1", "Connection: x, Close\r\n", false},
        {"HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"HTTP/1.1", "Connection: closed\r\n", true},
        {"HTTP/1.0", "", false},
        {"HTTP/1.0", "Connection: Keep-Alive\r\n", true},
    }));
    const Outcome outcome =
        run_split(version + " 200 OK\r\n" + connection + "Content-Length: 0\r\n\r\n");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.allows_reuse == is_allowed);
}

TEST_CASE("Http1Response: what could be understood in two ways is refused", "[net]") {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const auto [text, fault] = GENERATE_COPY(table<std::string, Http1Fault>({
        {"HTP/1.1 200 OK\r\n\r\n", Http1Fault::NotHttp},
        {"HTTP/2 200\r\n\r\n", Http1Fault::NotHttp},
        {"\r\nHTTP/1.1 200 OK\r\n\r\n", Http1Fault::NotHttp},
        {"HTTP/1.2 200 OK\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1  200 OK\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1 2000 OK\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1 099 OK\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1 20\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1 200 O\rK\r\n\r\n", Http1Fault::StatusLine},
        {"HTTP/1.1 101 Switching\r\n\r\n", Http1Fault::UnaskedUpgrade},
        {ok + " X: 1\r\n\r\n", Http1Fault::HeaderLine},
        {ok + "X : 1\r\n\r\n", Http1Fault::HeaderLine},
        {ok + "X\r\n\r\n", Http1Fault::HeaderLine},
        {ok + ": 1\r\n\r\n", Http1Fault::HeaderLine},
        {ok + "X: a\rb\r\n\r\n", Http1Fault::HeaderLine},
        {ok + std::string("X: a\0b\r\n\r\n", 10), Http1Fault::HeaderLine},
        {ok + "X(: 1\r\n\r\n", Http1Fault::HeaderLine},
        {ok + "Content-Length: +5\r\n\r\nhello", Http1Fault::ContentLength},
        {ok + "Content-Length: -5\r\n\r\nhello", Http1Fault::ContentLength},
        {ok + "Content-Length: 0x5\r\n\r\nhello", Http1Fault::ContentLength},
        {ok + "Content-Length: 5, 5\r\n\r\nhello", Http1Fault::ContentLength},
        {ok + "Content-Length:\r\n\r\nhello", Http1Fault::ContentLength},
        {ok + "Content-Length: 99999999999999999999\r\n\r\n", Http1Fault::ContentLength},
        {ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", Http1Fault::ContentLength},
        {ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
         Http1Fault::LengthConflict},
        {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", Http1Fault::TransferEncoding},
        {ok + "Transfer-Encoding: identity\r\n\r\n", Http1Fault::TransferEncoding},
        {ok + "Transfer-Encoding: xchunked\r\n\r\n", Http1Fault::TransferEncoding},
        {ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         Http1Fault::TransferEncoding},
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Fault::TransferEncoding},
        {chunked + "\r\n", Http1Fault::Chunked},
        {chunked + "g\r\n", Http1Fault::Chunked},
        {chunked + "-1\r\n", Http1Fault::Chunked},
        {chunked + "0x5\r\nhello", Http1Fault::Chunked},
        {chunked + "5\nhello", Http1Fault::Chunked},
        {chunked + "5 5\r\nhello", Http1Fault::Chunked},
        {chunked + "5;a\nhello", Http1Fault::Chunked},
        {chunked + "5\r\nhello!\r\n", Http1Fault::Chunked},
        {chunked + "5\r\nhello\n", Http1Fault::Chunked},
        {chunked + "fffffffffffffffff\r\n", Http1Fault::Chunked},
        {chunked + "0\r\nX\r\n\r\n", Http1Fault::Chunked},
        {chunked + "0\r\n X: 1\r\n\r\n", Http1Fault::Chunked},
        {chunked + "0\r\nX: 1\n\r\n", Http1Fault::Chunked},
    }));
    INFO(text);
    const Outcome outcome = run_split(text);
    CHECK(outcome.progress == Progress::Failed);
    CHECK(outcome.fault == fault);
    CHECK_FALSE(describe(outcome.fault).empty());
}

TEST_CASE("Http1Response: equal lengths said twice are one", "[net]") {
    const Outcome outcome =
        run_split("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab");
    CHECK(outcome.progress == Progress::Done);
    CHECK(outcome.body == "ab");
}

TEST_CASE("Http1Response: a head has at most 256 KB", "[net]") {
    const std::string begin = "HTTP/1.1 204 No Content\r\nX: ";
    const std::string end = "\r\n\r\n";
    const std::size_t limit = std::size_t{256} * 1024;
    const std::string longest = begin + std::string(limit - begin.size() - end.size(), 'x') + end;
    CHECK(run({longest}).progress == Progress::Done);
    const std::string_view view = longest;
    CHECK(run({view.substr(0, 1000), view.substr(1000)}).progress == Progress::Done);
    const std::string longer = begin + std::string(limit, 'x') + end;
    const std::string_view longer_view = longer;
    CHECK(run({longer}).fault == Http1Fault::HeaderTooLong);
    CHECK(run({longer_view.substr(0, 1000), longer_view.substr(1000)}).fault ==
          Http1Fault::HeaderTooLong);
    // One that never ends is not waited for.
    CHECK(run({begin + std::string(limit, 'x')}).fault == Http1Fault::HeaderTooLong);
}

TEST_CASE("Http1Response: extensions and trailers are limited", "[net]") {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(run({chunked + "5;" + std::string(20'000, 'x')}).fault == Http1Fault::Chunked);
    CHECK(run({chunked + "5" + std::string(20'000, ' ')}).fault == Http1Fault::Chunked);
    CHECK(run({chunked + "0\r\nX: " + std::string(70'000, 'x')}).fault == Http1Fault::Chunked);
}

TEST_CASE("Http1Response: a sink that refuses ends the answer", "[net]") {
    Http1KnownHeads heads;
    Http1Response parser(heads);
    HttpResponse response;
    Collector sink;
    sink.limit = 3;
    parser.begin(Method::Other, response, &sink);
    CHECK(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") == Progress::Failed);
    CHECK(parser.fault() == Http1Fault::BodyRefused);
}

TEST_CASE("Http1Response: an answer does not depend on the one before", "[net]") {
    const std::vector<std::string> answers = {
        "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nX: 2\r\nContent-Length: 2\r\n\r\ncd",
        "HTTP/1.1 200 OK\r\nX: 2\r\nContent-Length: 2\r\nY: 1\r\n\r\ncd",
        "HTTP/1.1 201 OK\r\nX: 2\r\nContent-Length: 2\r\n\r\ncd",
        "HTTP/1.0 200 OK\r\nX: 2\r\nContent-Length: 2\r\n\r\ncd",
        "HTTP/1.1 200 OK\r\nX: 2\r\nConnection: close\r\nContent-Length: 2\r\n\r\ncd",
        "HTTP/1.1 200 OK\r\nX: 2\r\n 3\r\nContent-Length: 2\r\n\r\ncd",
        "HTTP/1.1 200 OK\nX: 2\nContent-Length: 2\n\ncd",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nef\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 204 No\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r\n\r\n",
    };
    for (const std::string& first : answers) {
        for (const std::string& second : answers) {
            INFO(first << "\nthen\n" << second);
            Http1KnownHeads heads;
            Http1Response parser(heads);
            HttpResponse response;
            Collector sink;
            parser.begin(Method::Other, response, &sink);
            static_cast<void>(parser.feed(first));
            sink.text.clear();
            parser.begin(Method::Other, response, &sink);
            const Outcome alone = run({second});
            REQUIRE(parser.feed(second) == alone.progress);
            CHECK(parser.fault() == alone.fault);
            if (alone.progress == Progress::Failed) {
                continue;
            }
            std::string headers;
            for (const Header& header : response.headers) {
                headers += std::string(header.name) + "=" + std::string(header.value) + "|";
            }
            CHECK(headers == alone.headers);
            CHECK(response.status == alone.status);
            CHECK(parser.allows_reuse() == alone.allows_reuse);
            CHECK(sink.text == alone.body);
        }
    }
}

TEST_CASE("Http1Response: connections share the heads that they know", "[net]") {
    Http1KnownHeads heads;
    struct Side {
        explicit Side(Http1KnownHeads& known) : parser(known) {}
        Http1Response parser;
        HttpResponse response;
        Collector sink;
    };
    Side sides[2] = {Side(heads), Side(heads)};
    // More than there is room for, again and again, some of them several times in a row.
    for (int round = 0; round < 200; ++round) {
        Side& side = sides[round % 3 % 2];
        const int number = round * round / 2 % 12;
        const std::string cookie = number % 2 == 0 ? "set-cookie: a=b\r\n" : "";
        const std::string text = "HTTP/1.1 20" + std::to_string(number % 4) + " OK\r\n" + cookie +
                                 "X: " + std::to_string(number) + "\r\nContent-Length: 2\r\n\r\n" +
                                 std::to_string(10 + number);
        side.sink.text.clear();
        side.response.begin({});
        side.parser.begin(Method::Other, side.response, &side.sink);
        CHECK(side.parser.feed(text) == Progress::Done);
        CHECK(side.response.status == 200 + number % 4);
        CHECK(side.response.header("X") == std::to_string(number));
        CHECK(side.response.may_set_cookies == !cookie.empty());
        CHECK(side.sink.text == std::to_string(10 + number));
    }
}

TEST_CASE("Http1Response: without a sink the body is counted only", "[net]") {
    Http1KnownHeads heads;
    Http1Response parser(heads);
    HttpResponse response;
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    for (int round = 0; round < 2; ++round) {
        response.bytes_received = 0;
        parser.begin(Method::Other, response, nullptr);
        CHECK(parser.feed(text) == Progress::Done);
        CHECK(response.bytes_received == static_cast<std::int64_t>(text.size()));
    }
}

}  // namespace
}  // namespace boom::net
