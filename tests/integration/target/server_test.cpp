#include "target/server.hpp"

#include "base/error.hpp"
#include "blocking_client.hpp"
#include "net/tls_stream.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace boom::test {
namespace {

using nlohmann::json;
using target::Options;
using target::Server;

Options on_free_port(int threads = 1) {
    Options options;
    options.port = 0;
    options.threads = threads;
    return options;
}

std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string get_last(const std::string& target) {
    return get(target, "Connection: close\r\n");
}

json stats_of(const Server& server) {
    return json::parse(server.stats_json());
}

// The server's threads see the end of a connection later than its peer.
bool becomes_open(const Server& server, int count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
        if (stats_of(server)["connections"]["open"] == count) {
            return true;
        }
        std::this_thread::yield();
    }
    return false;
}

TEST_CASE("Server: requests split at every byte are answered alike", "[target]") {
    const Server server(on_free_port());
    const std::string text =
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
        get_last("/status/201");
    const BlockingClient whole(server.port());
    whole.send(text);
    const std::string expected = whole.receive_all();
    REQUIRE(expected.find("\"body\":\"abc\"") != std::string::npos);
    REQUIRE(expected.find("201 Created") != std::string::npos);
    for (std::size_t at = 1; at < text.size(); ++at) {
        const BlockingClient client(server.port());
        client.send(std::string_view(text).substr(0, at));
        client.send(std::string_view(text).substr(at));
        CHECK(client.receive_all() == expected);
    }
    CHECK(stats_of(server)["requests"] == 2 * text.size());
}

TEST_CASE("Server: threads count exactly together", "[target]") {
    constexpr int kClients = 4;
    constexpr int kRequests = 500;
    const Server server(on_free_port(3));
    std::vector<std::jthread> clients;
    for (int c = 0; c < kClients; ++c) {
        clients.emplace_back([&server] {
            const BlockingClient client(server.port());
            for (int i = 0; i < kRequests; ++i) {
                client.send(get("/once?token=" + std::to_string(i)));
                static_cast<void>(client.receive(1));
            }
        });
    }
    clients.clear();
    const json stats = stats_of(server);
    CHECK(stats["requests"] == kClients * kRequests);
    CHECK(stats["status"] == json({{"200", kRequests}, {"409", (kClients - 1) * kRequests}}));
    CHECK(stats["once"]["repeats"] == (kClients - 1) * kRequests);
    CHECK(becomes_open(server, 0));
}

TEST_CASE("Server: a slow reader gets every byte", "[target]") {
    const Server server(on_free_port());
    const BlockingClient client(server.port());
    client.send(get_last("/bytes/20000000"));
    const std::string answer = client.receive_all();
    CHECK(answer.size() - answer.find("\r\n\r\n") - 4 == 20'000'000);
    CHECK(stats_of(server)["bytes_sent"] == answer.size());
}

TEST_CASE("Server: who leaves while an answer waits is forgotten", "[target]") {
    const Server server(on_free_port());
    for (const char* path : {"/delay/3600000", "/hang", "/drip?ms=3600000", "/hostile/endless-body",
                             "/hostile/half-head-hang"}) {
        INFO(path);
        {
            const BlockingClient client(server.port());
            client.send(get(path));
            CHECK(becomes_open(server, 1));
        }
        CHECK(becomes_open(server, 0));
    }
    const BlockingClient after(server.port());
    after.send(get_last("/get"));
    CHECK(after.receive_all().find("200 OK") != std::string::npos);
}

TEST_CASE("Server: who sends far ahead of its answers is read in time", "[target]") {
    const Server server(on_free_port());
    const BlockingClient client(server.port());
    constexpr std::size_t kBody = 200'000;
    constexpr int kRequests = 50;
    const std::string request =
        "PUT /upload HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n" +
        std::string(kBody, 'x');
    client.send(get("/delay/50"));
    for (int i = 0; i < kRequests; ++i) {
        client.send(request);
    }
    client.send(get_last("/status/202"));
    const std::string answers = client.receive_all();
    CHECK(answers.find("202 Accepted") != std::string::npos);
    CHECK(stats_of(server)["requests"] == kRequests + 2);
    CHECK(stats_of(server)["bytes_received"] ==
          kRequests * request.size() + get("/delay/50").size() + get_last("/status/202").size());
}

TEST_CASE("Server: stopping ends what is open", "[target]") {
    Server server(on_free_port(2));
    const BlockingClient idle(server.port());
    const BlockingClient busy(server.port());
    busy.send(get("/hang"));
    CHECK(becomes_open(server, 2));
    server.stop();
    server.stop();
    CHECK(stats_of(server)["requests"] == 1);
}

TEST_CASE("Server: a busy port and a wrong address are told apart", "[target]") {
    for (const int threads : {1, 2}) {
        const Server server(on_free_port(threads));
        for (const int others : {1, 2}) {
            Options options = on_free_port(others);
            options.port = server.port();
            try {
                const Server second(options);
                FAIL("the port was taken twice");
            } catch (const base::ConfigError& error) {
                CHECK(error.code() == base::ExitCode::Refused);
                CHECK(std::string(error.what()).find(std::to_string(server.port())) !=
                      std::string::npos);
            }
        }
    }
    Options wrong = on_free_port();
    wrong.address = "example.com";
    try {
        const Server server(wrong);
        FAIL("a name is no address");
    } catch (const base::ConfigError& error) {
        CHECK(error.code() == base::ExitCode::BadInput);
    }
}

TEST_CASE("Server: speaks TLS over any split of the bytes", "[target]") {
    Options options = on_free_port();
    options.security = Options::Security::Tls;
    const Server server(options);
    const auto made = net::TlsContext::for_client(net::TlsContext::Verify::Nothing, "");
    REQUIRE(made.context);
    for (const std::size_t step : {std::size_t{1}, std::size_t{100}, std::size_t{100'000}}) {
        const BlockingClient client(server.port());
        net::TlsStream tls(*made.context, "localhost");
        std::string out;
        std::string plain;
        tls.start(out);
        bool has_asked = false;
        while (tls.phase() == net::TlsStream::Phase::Handshake ||
               tls.phase() == net::TlsStream::Phase::Open) {
            for (std::size_t at = 0; at < out.size(); at += step) {
                client.send(std::string_view(out).substr(at, step));
            }
            out.clear();
            if (tls.phase() == net::TlsStream::Phase::Open && !has_asked) {
                has_asked = true;
                REQUIRE(tls.send(get_last("/bytes/40000"), out));
                continue;
            }
            const std::string bytes = client.receive_some();
            if (bytes.empty()) {
                break;
            }
            tls.receive(bytes, plain, out);
        }
        // The peer said that it sends nothing more: the answer is known to be whole.
        CHECK(tls.phase() == net::TlsStream::Phase::Ended);
        CHECK(plain.size() - plain.find("\r\n\r\n") - 4 == 40'000);
    }
}

}  // namespace
}  // namespace boom::test
