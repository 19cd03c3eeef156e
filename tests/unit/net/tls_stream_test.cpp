#include "net/tls_stream.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace boom::net;

namespace {

// Both ends of a connection, the bytes between them carried by hand in pieces of a given size.
struct Pair {
    TlsStream client;
    TlsStream server;
    std::string to_client{};
    std::string to_server{};
    std::string at_client{};
    std::string at_server{};
    std::size_t piece = 1 << 20;

    void carry() {
        while (!to_client.empty() || !to_server.empty()) {
            std::string bytes = to_server.substr(0, piece);
            to_server.erase(0, bytes.size());
            server.receive(bytes, at_server, to_client);
            bytes = to_client.substr(0, piece);
            to_client.erase(0, bytes.size());
            client.receive(bytes, at_client, to_server);
        }
    }
};

struct Contexts {
    TlsContext::Made server = TlsContext::for_server(make_self_signed_identity());
    TlsContext::Made client = TlsContext::for_client(TlsContext::Verify::Nothing, "");

    Contexts() {
        REQUIRE(server.context != nullptr);
        REQUIRE(client.context != nullptr);
    }
    [[nodiscard]] Pair pair() const {
        return Pair{TlsStream(*client.context, "localhost"), TlsStream(*server.context)};
    }
};

}  // namespace

TEST_CASE("TlsStream: both sides speak after a handshake, however the bytes are cut", "[net]") {
    const Contexts contexts;
    // Beyond some hundred streams each gives its buffers back, and what the handshake left.
    std::vector<TlsStream> others;
    for (int count = GENERATE(0, 320); count > 0; --count) {
        others.emplace_back(*contexts.client.context, "localhost");
        others.emplace_back(*contexts.server.context);
    }
    Pair pair = contexts.pair();
    pair.piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{1 << 20});
    pair.client.start(pair.to_server);
    pair.carry();
    REQUIRE(pair.client.phase() == TlsStream::Phase::Open);
    REQUIRE(pair.server.phase() == TlsStream::Phase::Open);
    const std::string body(100'000, 'b');
    REQUIRE(pair.client.send("hello", pair.to_server));
    REQUIRE(pair.server.send(body, pair.to_client));
    CHECK(pair.to_server.find("hello") == std::string::npos);
    pair.carry();
    CHECK(pair.at_server == "hello");
    CHECK(pair.at_client == body);
    REQUIRE(pair.client.send("again", pair.to_server));
    REQUIRE(pair.server.send(body, pair.to_client));
    pair.carry();
    CHECK(pair.at_server == "helloagain");
    CHECK(pair.at_client == body + body);
}

TEST_CASE("TlsStream: nothing can be sent before the handshake", "[net]") {
    const Contexts contexts;
    Pair pair = contexts.pair();
    CHECK_FALSE(pair.client.send("too early", pair.to_server));
    CHECK(pair.to_server.empty());
}

TEST_CASE("TlsStream: an end is seen as an end, not as a failure", "[net]") {
    const Contexts contexts;
    Pair pair = contexts.pair();
    pair.client.start(pair.to_server);
    pair.carry();
    REQUIRE(pair.client.send("last words", pair.to_server));
    pair.client.end(pair.to_server);
    pair.carry();
    CHECK(pair.at_server == "last words");
    CHECK(pair.server.phase() == TlsStream::Phase::Ended);
    CHECK(pair.server.send("answer", pair.to_client));
}

TEST_CASE("TlsStream: a peer that speaks no TLS is a failure with a reason", "[net]") {
    const Contexts contexts;
    TlsStream server(*contexts.server.context);
    std::string plain;
    std::string out;
    CHECK(server.receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n", plain, out) ==
          TlsStream::Phase::Failed);
    CHECK_FALSE(server.error().empty());
    CHECK(plain.empty());
}

TEST_CASE("TlsStream: a client that verifies refuses an unknown certificate", "[net]") {
    const Contexts contexts;
    const auto strict = TlsContext::for_client(TlsContext::Verify::Peer, "");
    REQUIRE(strict.context != nullptr);
    Pair pair{TlsStream(*strict.context, "localhost"), TlsStream(*contexts.server.context)};
    pair.client.start(pair.to_server);
    pair.carry();
    CHECK(pair.client.phase() == TlsStream::Phase::Failed);
    CHECK(pair.client.error().find("self") != std::string::npos);
}

TEST_CASE("TlsContext: texts and files that are no certificate are refused with a reason",
          "[net]") {
    const auto from_text = TlsContext::for_server({"nonsense", "nonsense"});
    CHECK(from_text.context == nullptr);
    CHECK_FALSE(from_text.error.empty());
    const auto from_file = TlsContext::for_server_files("/nonexistent.pem", "/nonexistent.key");
    CHECK(from_file.context == nullptr);
    CHECK_FALSE(from_file.error.empty());
    CHECK(TlsContext::for_client(TlsContext::Verify::Peer, "/nonexistent.pem").context == nullptr);
}
