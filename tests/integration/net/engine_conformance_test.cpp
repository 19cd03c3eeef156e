// Raw answers, sent in two pieces at every place: both engines must come to the same result as for
// the whole, and the http1 engine must refuse what can be understood in two ways.
#include "engine_fixture.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <vector>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;

// Sends its text in two pieces: the second one when the first was surely taken.
class SplitServer final : public net::AcceptListener,
                          public net::StreamListener,
                          public net::TimerListener {
public:
    enum class Then { KeepOpen, Close };

    explicit SplitServer(net::EventLoop& loop)
        : loop_(loop),
          port_(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {}

    void script(std::string_view text, std::size_t cut, Then then) {
        text_.assign(text);
        cut_ = cut;
        then_ = then;
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/";
    }
    [[nodiscard]] int requests() const { return requests_; }

    net::StreamListener* on_accepted(net::StreamId /*stream*/,
                                     const Peer& /*peer*/) noexcept override {
        return this;
    }
    void on_data(net::StreamId stream, std::string_view /*bytes*/) noexcept override {
        ++requests_;
        asking_ = stream;
        if (cut_ > 0) {
            loop_.send(stream, std::string_view(text_).substr(0, cut_));
        }
        if (cut_ == text_.size() && then_ == Then::KeepOpen) {
            return;
        }
        // Two turns later: the client has read the first piece then.
        loop_.start_timer(loop_.now() + std::chrono::microseconds(200), *this,
                          static_cast<std::uint64_t>(requests_));
    }
    void on_timer(std::uint64_t key) noexcept override {
        if (key != static_cast<std::uint64_t>(requests_)) {
            return;  // the first piece was all: the next request is there already
        }
        const net::StreamId stream = asking_;
        if (cut_ < text_.size()) {
            loop_.send(stream, std::string_view(text_).substr(cut_));
        }
        if (then_ == Then::Close) {
            loop_.close(stream, net::EventLoop::CloseMode::AfterSending);
        }
    }
    void on_closed(net::StreamId /*stream*/, int /*error*/) noexcept override {}

private:
    net::EventLoop& loop_;
    int port_;
    std::string text_;
    std::size_t cut_ = 0;
    Then then_ = Then::KeepOpen;
    int requests_ = 0;
    net::StreamId asking_;
};

struct Sample {
    std::string name;
    std::string text;
    SplitServer::Then then = SplitServer::Then::KeepOpen;
    TransportError error = TransportError::None;
    int status = 200;
    std::string body;
};

constexpr auto kClose = SplitServer::Then::Close;
constexpr auto kOpen = SplitServer::Then::KeepOpen;

std::vector<Sample> good_samples() {
    return {
        {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", kOpen, TransportError::None,
         200, "hello"},
        {"chunked",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n"
         "X-Trailer: 1\r\n\r\n",
         kOpen, TransportError::None, 200, "hello"},
        {"until close", "HTTP/1.1 200 OK\r\nX: 1\r\n\r\nhello", kClose, TransportError::None, 200,
         "hello"},
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", kClose,
         TransportError::None, 200, "hello"},
        {"interim",
         "HTTP/1.1 103 Early\r\nL: 1\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno", kOpen,
         TransportError::None, 404, "no"},
        {"no content", "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", kOpen, TransportError::None, 204,
         ""},
        {"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", kOpen,
         TransportError::None, 304, ""},
        {"bare line ends", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", kOpen,
         TransportError::None, 200, "hello"},
        {"cut head", "HTTP/1.1 200 OK\r\nContent-Le", kClose, TransportError::Reset, 0, ""},
        {"cut body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", kClose,
         TransportError::Reset, 0, ""},
        {"cut chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello", kClose,
         TransportError::Reset, 0, ""},
        {"not HTTP", "SSH-2.0-OpenSSH_9.2 this is no web server\r\n\r\n", kClose,
         TransportError::BadResponse, 0, ""},
        {"broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", kClose,
         TransportError::BadResponse, 0, ""},
    };
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an answer is the same however it is cut",
                 "[net][text]") {
    SplitServer split(*loop);
    int asked = 0;
    for (const Sample& sample : good_samples()) {
        if (is_curl_under_test() && sample.name == "bare line ends") {
            continue;  // libcurl takes them only when they are not cut
        }
        for (std::size_t cut = 0; cut <= sample.text.size(); ++cut) {
            INFO(sample.name << ", cut at " << cut);
            split.script(sample.text, cut, sample.then);
            Exchange exchange;
            prepare(exchange, "GET", split.url());
            const net::HttpResponse& response = perform(exchange);
            ++asked;
            INFO(response.error_text);
            CHECK(response.error == sample.error);
            if (sample.error == TransportError::None) {
                CHECK(response.status == sample.status);
                CHECK(response.body == sample.body);
                CHECK(response.first_byte_at <= response.done_at);
            }
            CHECK(response.was_sent);
            CHECK(split.requests() == asked);
        }
    }
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: smuggled answers are never taken for a next one",
                 "[net][text]") {
    SplitServer split(*loop);
    const std::string second = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!";
    const std::string first = GENERATE(
        as<std::string>(), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood",
        "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n");
    Exchange exchange;
    split.script(first + second, first.size() + second.size(), kOpen);
    prepare(exchange, "GET", split.url());
    CHECK(perform(exchange).body != "EVIL!");
    split.script("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue", 0, kOpen);
    // Whether the rest is seen with the answer or after it, it answers nothing.
    CHECK(perform(exchange).body == "true");
    if (!is_curl_under_test()) {
        // libcurl drops what it has read beyond the answer and goes on.
        CHECK_FALSE(exchange.response.is_connection_reused);
    }
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: what can be read in two ways is refused",
                 "[net][strict][text]") {
    if (is_curl_under_test()) {
        return;  // libcurl takes some of these, each in its own way
    }
    SplitServer split(*loop);
    const std::string head = GENERATE(
        as<std::string>(), "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
        "Content-Length: -1\r\n", "Content-Length : 5\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "X\r\n", " X: folded first\r\n", "X: a\rb\r\n");
    Exchange exchange;
    split.script("HTTP/1.1 200 OK\r\n" + head + "\r\n5\r\nhello\r\n0\r\n\r\n", 20, kOpen);
    prepare(exchange, "GET", split.url());
    INFO(head);
    CHECK(perform(exchange).error == TransportError::BadResponse);
    CHECK(run_until([&] { return engine->in_flight() == 0; }));
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a body waits for 100 Continue", "[net][text]") {
    SplitServer split(*loop);
    const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    split.script(interim + "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", interim.size(),
                 kClose);
    Exchange exchange;
    exchange.request.headers = "Expect: 100-continue\r\n";
    exchange.request.body = "body";
    prepare(exchange, "POST", split.url());
    CHECK(perform(exchange).status == 201);
}

}  // namespace
}  // namespace boom::test
