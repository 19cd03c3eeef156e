#include "net/fetch.hpp"

#include "net/event_loop.hpp"
#include "scripted_server.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <map>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace boom::test {
namespace {

using std::chrono::milliseconds;

using Answers = std::map<std::string, ScriptedServer::Answer>;

// A scripted server on a thread of its own, for a client that blocks.
class ServerThread {
public:
    explicit ServerThread(const Answers& answers)
        : loop_(net::EventLoop::create(net::IoKind::Auto)), server_(*loop_) {
        for (const auto& [path, answer] : answers) {
            server_.script(path, answer);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                loop_->run_once(loop_->refresh_now() + milliseconds(20));
            }
        });
    }
    [[nodiscard]] std::string url(std::string_view path) const { return server_.url(path); }
    // Ends the thread: from then on the server may be read.
    const ScriptedServer& stop() {
        thread_.request_stop();
        thread_.join();
        return server_;
    }

private:
    std::unique_ptr<net::EventLoop> loop_;
    ScriptedServer server_;
    std::jthread thread_;
};

// A listening socket that nobody serves: the kernel connects, and that is all.
class SilentPort {
public:
    SilentPort() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
        socklen_t size = sizeof address;
        REQUIRE(::bind(descriptor_, raw, size) == 0);
        REQUIRE(::listen(descriptor_, 10) == 0);
        REQUIRE(::getsockname(descriptor_, raw, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    ~SilentPort() { ::close(descriptor_); }
    SilentPort(const SilentPort&) = delete;
    SilentPort& operator=(const SilentPort&) = delete;
    [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

private:
    int descriptor_;
    int port_ = 0;
};

// Answers with one byte after the other, for ever.
class Trickler final : public net::AcceptListener,
                       public net::StreamListener,
                       public net::TimerListener {
public:
    explicit Trickler(net::EventLoop& loop)
        : loop_(loop),
          port(loop.listen({"127.0.0.1", 0}, net::EventLoop::PortSharing::Exclusive, *this)) {}
    net::StreamListener* on_accepted(net::StreamId stream, const Peer& /*peer*/) noexcept override {
        stream_ = stream;
        loop_.send(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        on_timer(0);
        return this;
    }
    void on_data(net::StreamId /*stream*/, std::string_view /*bytes*/) noexcept override {}
    void on_closed(net::StreamId /*stream*/, int /*error*/) noexcept override { stream_ = {}; }
    void on_timer(std::uint64_t /*key*/) noexcept override {
        if (stream_ != net::StreamId{}) {
            loop_.send(stream_, "x");
            loop_.start_timer(loop_.now() + milliseconds(5), *this, 0);
        }
    }

private:
    net::EventLoop& loop_;
    net::StreamId stream_;

public:
    const int port;
};

net::FetchResult fetch_within(const std::string& url, base::Duration deadline) {
    net::FetchRequest request;
    request.url = url;
    request.deadline = deadline;
    const auto begin = std::chrono::steady_clock::now();
    net::FetchResult result = net::fetch(request);
    // Generous, for a busy machine: without a deadline these would take for ever.
    CHECK(std::chrono::steady_clock::now() - begin < deadline + std::chrono::seconds(5));
    // libcurl counts in milliseconds.
    CHECK(std::chrono::steady_clock::now() - begin >= deadline - std::chrono::milliseconds(1));
    return result;
}

net::FetchResult fetch_soon(const std::string& url) {
    net::FetchRequest request;
    request.url = url;
    request.deadline = std::chrono::seconds(20);
    return net::fetch(request);
}

TEST_CASE("fetch: sends a request and returns the answer", "[net]") {
    ServerThread server(Answers{{"/post", {ok("thanks")}}});
    net::FetchRequest request;
    request.method = "POST";
    request.url = server.url("/post");
    request.headers = {"Content-Type: text/x", "X-One: 1"};
    request.body = "some text";
    request.deadline = std::chrono::seconds(20);
    const net::FetchResult result = net::fetch(request);
    CHECK(result.status == 200);
    CHECK(result.is_success());
    CHECK(result.body == "thanks");
    CHECK(result.error.empty());
    const ScriptedServer& seen = server.stop();
    REQUIRE(seen.requests().size() == 1);
    CHECK(seen.requests()[0].body == "some text");
    CHECK(header_of(seen.requests()[0], "Content-Type") == "text/x");
    CHECK(header_of(seen.requests()[0], "X-One") == "1");
    CHECK(header_of(seen.requests()[0], "Expect") == "(none)");
}

TEST_CASE("fetch: an error status is an answer", "[net]") {
    ServerThread server(Answers{{"/", {"HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\nno!"}}});
    net::FetchRequest request;
    request.url = server.url("/");
    request.deadline = std::chrono::seconds(20);
    const net::FetchResult result = net::fetch(request);
    CHECK(result.status == 503);
    CHECK_FALSE(result.is_success());
    CHECK(result.body == "no!");
    CHECK(result.error.empty());
}

TEST_CASE("fetch: the deadline holds against a silent server", "[net]") {
    const SilentPort port;
    const net::FetchResult result = fetch_within(port.url(), milliseconds(100));
    CHECK(result.status == 0);
    CHECK(result.error == "no answer within 100ms");
}

TEST_CASE("fetch: the deadline holds against a server that trickles", "[net]") {
    const auto loop = net::EventLoop::create(net::IoKind::Auto);
    const Trickler server(*loop);
    const std::jthread thread([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            loop->run_once(loop->refresh_now() + milliseconds(20));
        }
    });
    const net::FetchResult result =
        fetch_within(fmt::format("http://127.0.0.1:{}/", server.port), milliseconds(150));
    CHECK(result.status == 0);
    CHECK(result.body.empty());
    CHECK(result.error == "no complete answer within 150ms");
}

TEST_CASE("fetch: a body above the limit is an error", "[net]") {
    constexpr std::size_t kLimit = std::size_t{16} << 20;
    ServerThread server(Answers{{"/fits", {ok(std::string(kLimit, 'x'))}},
                                {"/long", {ok(std::string(kLimit + 1, 'x'))}}});
    net::FetchRequest request;
    request.deadline = std::chrono::seconds(20);
    request.url = server.url("/fits");
    CHECK(net::fetch(request).body.size() == kLimit);
    request.url = server.url("/long");
    const net::FetchResult result = net::fetch(request);
    CHECK(result.status == 0);
    CHECK(result.body.empty());
    CHECK(result.error == "the answer is longer than 16 MiB");
}

TEST_CASE("fetch: a chunked answer is put together", "[net]") {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    ServerThread server(
        Answers{{"/whole", {head + "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nX-Sum: 4\r\n\r\n"}},
                {"/empty", {head + "0\r\n\r\n"}},
                {"/cut", {head + "5\r\nabc", ScriptedServer::Then::Close}},
                {"/unended", {head + "3\r\nabc\r\n", ScriptedServer::Then::Close}},
                {"/broken", {head + "xyz\r\nabc\r\n", ScriptedServer::Then::Close}}});
    CHECK(fetch_soon(server.url("/whole")).body == "abcd");
    CHECK(fetch_soon(server.url("/empty")).body.empty());
    CHECK(fetch_soon(server.url("/empty")).is_success());
    for (const char* path : {"/cut", "/unended", "/broken"}) {
        INFO(path);
        const net::FetchResult result = fetch_soon(server.url(path));
        CHECK(result.status == 0);
        CHECK(result.body.empty());
        CHECK_FALSE(result.error.empty());
    }
}

TEST_CASE("fetch: an answer without its end is none", "[net]") {
    using Then = ScriptedServer::Then;
    ServerThread server(
        Answers{{"/nothing", {"", Then::Close}},
                {"/reset", {"", Then::Reset}},
                {"/half-head", {"HTTP/1.1 200 OK\r\nContent-Le", Then::Close}},
                {"/half-body", {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Then::Close}},
                {"/nonsense", {"SSH-2.0-x\r\n\r\n", Then::Close}},
                {"/endless-head", {"HTTP/1.1 200 OK\r\nX: " + std::string(2'000'000, 'x')}}});
    for (const char* path :
         {"/nothing", "/reset", "/half-head", "/half-body", "/nonsense", "/endless-head"}) {
        INFO(path);
        const net::FetchResult result = fetch_soon(server.url(path));
        CHECK(result.status == 0);
        CHECK(result.body.empty());
        CHECK_FALSE(result.error.empty());
        CHECK_FALSE(result.is_success());
    }
}

TEST_CASE("fetch: a body that ends with the connection is whole", "[net]") {
    ServerThread server(
        Answers{{"/", {"HTTP/1.1 200 OK\r\n\r\nuntil here", ScriptedServer::Then::Close}}});
    CHECK(fetch_soon(server.url("/")).body == "until here");
}

TEST_CASE("fetch: goes where it was told and nowhere else", "[net]") {
    ServerThread server(
        Answers{{"/", {"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"}}});
    // A proxy of the environment is not for a tool that reports to local gateways.
    REQUIRE(::setenv("http_proxy", "http://127.0.0.1:1", 1) == 0);  // NOLINT(concurrency-mt-unsafe)
    CHECK(fetch_soon(server.url("/")).status == 302);
    REQUIRE(::unsetenv("http_proxy") == 0);  // NOLINT(concurrency-mt-unsafe)
    CHECK(server.stop().requests().size() == 1);
}

TEST_CASE("fetch: methods are sent as they are", "[net]") {
    ServerThread server(Answers{});
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
        net::FetchRequest request;
        request.method = method;
        request.url = server.url("/m");
        request.deadline = std::chrono::seconds(20);
        CHECK(net::fetch(request).status == 200);
    }
    const ScriptedServer& seen = server.stop();
    REQUIRE(seen.requests().size() == 4);
    CHECK(seen.requests()[0].head.substr(0, 7) == "GET /m ");
    CHECK(seen.requests()[1].head.substr(0, 8) == "HEAD /m ");
    CHECK(seen.requests()[2].head.substr(0, 7) == "PUT /m ");
    CHECK(header_of(seen.requests()[2], "Content-Length") == "0");
    CHECK(seen.requests()[3].head.substr(0, 10) == "DELETE /m ");
}

TEST_CASE("fetch: what cannot be reached is an error with a reason", "[net]") {
    net::FetchRequest request;
    request.deadline = std::chrono::seconds(20);
    request.url = "http://127.0.0.1:1/";
    CHECK(net::fetch(request).error == "connection refused");
    request.url = "nonsense://x";
    CHECK_FALSE(net::fetch(request).error.empty());
    CHECK(net::fetch(request).status == 0);
}

}  // namespace
}  // namespace boom::test
