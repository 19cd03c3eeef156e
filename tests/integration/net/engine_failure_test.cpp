#include "engine_fixture.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;

// A bound socket that accepts nobody.
class Port {
public:
    enum class Backlog { NotListening, Endless, Full };
    explicit Port(Backlog backlog) : descriptors_{::socket(AF_INET, SOCK_STREAM, 0)} {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        REQUIRE(::bind(descriptors_[0], raw(), size) == 0);
        REQUIRE(::getsockname(descriptors_[0], raw(), &size) == 0);
        if (backlog != Backlog::NotListening) {
            REQUIRE(::listen(descriptors_[0], backlog == Backlog::Full ? 0 : 100) == 0);
        }
        if (backlog == Backlog::Full) {
            fill();
        }
    }
    ~Port() {
        for (const int descriptor : descriptors_) {
            ::close(descriptor);
        }
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    [[nodiscard]] std::string url() const {
        return fmt::format("http://127.0.0.1:{}/", ntohs(address_.sin_port));
    }

private:
    sockaddr* raw() { return static_cast<sockaddr*>(static_cast<void*>(&address_)); }
    // Connections until the kernel takes no more.
    void fill() {
        constexpr int kMoreThanFit = 8;
        for (int index = 0; index < kMoreThanFit; ++index) {
            descriptors_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            static_cast<void>(::connect(descriptors_.back(), raw(), sizeof address_));
        }
    }

    std::vector<int> descriptors_;
    sockaddr_in address_{};
};

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a port that nobody listens on refuses", "[net]") {
    const Port port(Port::Backlog::NotListening);
    Exchange exchange;
    prepare(exchange, "GET", port.url());
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::ConnectRefused);
    CHECK(response.error_text == "connection refused");
    CHECK_FALSE(response.was_sent);
    CHECK(response.status == 0);
    CHECK(response.bytes_sent == 0);
    CHECK(engine->counts().failed == 1);
    CHECK(engine->counts().opened == 0);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a silent server ends in a response timeout", "[net]") {
    const Port port(Port::Backlog::Endless);
    options.timeout = std::chrono::milliseconds(60);
    Exchange exchange;
    prepare(exchange, "GET", port.url());
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::ResponseTimeout);
    CHECK(response.error_text == "no answer within 60ms");
    CHECK(response.was_sent);
    CHECK(response.done_at - response.sent_at >= options.timeout);
    CHECK(engine->counts().opened == 1);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: an answer that stops midway is a response timeout",
                 "[net]") {
    server.script("/", {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"});
    options.timeout = std::chrono::milliseconds(60);
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.error == TransportError::ResponseTimeout);
    CHECK(response.error_text == "no complete answer within 60ms");
    if (is_http2_under_test()) {
        return;  // only the stream is over
    }
    // The connection is not used again.
    CHECK(run_until([&] { return server.open_connections() == 0; }));
}

TEST_CASE_METHOD(EngineFixture,
                 "HttpEngine: a server that takes no connection is a connect timeout", "[net]") {
    const Port port(Port::Backlog::Full);
    options.connect_timeout = std::chrono::milliseconds(60);
    Exchange exchange;
    prepare(exchange, "GET", port.url());
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::ConnectTimeout);
    CHECK(response.error_text == "no connection within 60ms");
    CHECK_FALSE(response.was_sent);
    CHECK(engine->counts().failed == 1);

    // The limit of the whole exchange is one of connecting, too.
    net::ConnectionOptions shorter;
    shorter.timeout = std::chrono::milliseconds(50);
    exchange.options = &shorter;
    CHECK(perform(exchange).error_text == "no connection within 50ms");
    CHECK(exchange.response.error == TransportError::ConnectTimeout);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a name that does not exist is a DNS failure",
                 "[net]") {
    Exchange exchange;
    prepare(exchange, "GET", "http://no-such-host.invalid/");
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error == TransportError::Dns);
    CHECK(response.error_text == "the host name cannot be resolved");
    CHECK_FALSE(response.was_sent);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a body above the limit is a bad response", "[net]") {
    server.script("/", {ok(std::string(200'000, 'x'))});
    options.max_body_bytes = 100'000;
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.error == TransportError::BadResponse);
    CHECK(response.error_text == "the body is longer than 100000 bytes");
    CHECK(response.body.size() <= 100'000);
    options.max_body_bytes = 200'000;
    CHECK(perform(exchange, "GET", "/").body.size() == 200'000);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: what is not HTTP is a bad response", "[net][text]") {
    using Then = ScriptedServer::Then;
    server.script("/09", {"just text\n", Then::Close});
    server.script("/status", {"HTTP/1.1 banana\r\n\r\n", Then::Close});
    server.script("/length", {"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", Then::Close});
    server.script("/chunk",
                  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", Then::Close});
    const std::string path = GENERATE("/09", "/status", "/length", "/chunk");
    Exchange exchange;
    INFO(path);
    CHECK(perform(exchange, "GET", path).error == TransportError::BadResponse);
    CHECK(exchange.response.was_sent);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a header without end is a bad response",
                 "[net][text]") {
    std::string text = "HTTP/1.1 200 OK\r\n";
    for (int line = 0; line < 60'000; ++line) {
        text += fmt::format("X-Header-{}: filling the memory\r\n", line);
    }
    server.script("/", {text});
    Exchange exchange;
    CHECK(perform(exchange, "GET", "/").error == TransportError::BadResponse);
    CHECK(exchange.response.error_text == "the header is too long");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a server without TLS is a TLS failure", "[net]") {
    server.script("/", {""});
    const Port port(Port::Backlog::NotListening);
    Exchange exchange;
    prepare(exchange, "GET", fmt::format("https://127.0.0.1:{}/", server.port()));
    options.ca_file = "/nowhere/ca.pem";
    CHECK(perform(exchange).error == TransportError::Tls);
    CHECK_FALSE(exchange.response.was_sent);
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a source address of elsewhere cannot connect",
                 "[net]") {
    options.source_address = "192.0.2.1";
    Exchange exchange;
    const net::HttpResponse& response = perform(exchange, "GET", "/");
    CHECK(response.error == TransportError::ConnectFailed);
    CHECK(response.error_text == "the source address 192.0.2.1 cannot be used");
}

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a URL that libcurl does not take is reported",
                 "[net]") {
    const std::string url = GENERATE(as<std::string>{}, "ftp://127.0.0.1/", "http://", "nonsense",
                                     "http://127.0.0.1:99999/", std::string(9'000'000, 'x'));
    Exchange exchange;
    prepare(exchange, "GET", url);
    CHECK(perform(exchange).error != TransportError::None);
    CHECK_FALSE(exchange.response.error_text.empty());
    CHECK_FALSE(exchange.response.was_sent);
    CHECK(done.count == 1);
    CHECK(perform(exchange, "GET", "/").status == 200);
}

// Lowers the limit to what is open, for as long as it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit now = before_;
        const int next = ::dup(0);
        ::close(next);
        now.rlim_cur = static_cast<rlim_t>(next);
        REQUIRE(setrlimit(RLIMIT_NOFILE, &now) == 0);
    }
    ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

TEST_CASE_METHOD(EngineFixture, "HttpEngine: a lack of descriptors is named", "[net]") {
    Exchange exchange;
    prepare(exchange, "GET", server.url("/"));
    {
        const NoDescriptors none;
        CHECK(perform(exchange).error == TransportError::LocalDescriptors);
    }
    CHECK(exchange.response.error_text == "no free file descriptor on this machine");
    CHECK_FALSE(exchange.response.was_sent);
    CHECK(perform(exchange).status == 200);
}

}  // namespace
}  // namespace boom::test
