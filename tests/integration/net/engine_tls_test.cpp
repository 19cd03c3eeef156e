#include "engine_fixture.hpp"
#include "tls_server.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace boom::test {
namespace {

using net::Exchange;
using net::TransportError;
using Verify = net::ConnectionOptions::Verify;

class TlsFixture : public EngineFixture {
public:
    TlsFixture() : tls_server(*loop, net::TlsContext::Protocol::Http2) {
        std::ofstream(ca_file) << tls_server.certificate();
        options.ca_file = ca_file;
        tls_server.answer_with(ok("secret"), TlsServer::Then::KeepOpen);
    }
    ~TlsFixture() { std::remove(ca_file.c_str()); }

    [[nodiscard]] std::string tls_url(std::string_view host) const {
        return "https://" + std::string(host) + ":" + std::to_string(tls_server.port()) + "/";
    }
    const net::HttpResponse& perform_tls(Exchange& exchange, std::string_view host) {
        prepare(exchange, "GET", tls_url(host));
        return perform(exchange);
    }

    TlsServer tls_server;
    std::string ca_file = "/tmp/boom-engine-tls-" + std::to_string(::getpid()) + ".pem";
};

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a verified server answers over one kept connection",
                 "[net]") {
    Exchange exchange;
    for (int round = 0; round < 3; ++round) {
        const net::HttpResponse& response = perform_tls(exchange, "127.0.0.1");
        INFO(response.error_text);
        CHECK(response.status == 200);
        CHECK(response.body == "secret");
        CHECK(response.is_connection_reused == (round > 0));
    }
    CHECK(tls_server.connections() == 1);
    CHECK(tls_server.requests() == 3);
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: the handshake has a time of its own", "[net]") {
    Exchange exchange;
    const net::HttpResponse& response = perform_tls(exchange, "127.0.0.1");
    REQUIRE(response.status == 200);
    CHECK(response.phases.connect > net::Duration::zero());
    CHECK(response.phases.tls > net::Duration::zero());
    CHECK(response.phases.dns + response.phases.connect + response.phases.tls <=
          response.first_byte_at - response.sent_at);
    REQUIRE(perform_tls(exchange, "127.0.0.1").is_connection_reused);
    CHECK(response.phases.tls == net::Duration::zero());
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a server that is not trusted is a TLS failure", "[net]") {
    options.ca_file.clear();
    Exchange exchange;
    CHECK(perform_tls(exchange, "127.0.0.1").error == TransportError::Tls);
    CHECK_FALSE(exchange.response.error_text.empty());
    CHECK_FALSE(exchange.response.was_sent);
    CHECK(tls_server.requests() == 0);
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a certificate for another name is a TLS failure",
                 "[net]") {
    options.resolve = {"other.example:" + std::to_string(tls_server.port()) + ":127.0.0.1"};
    Exchange exchange;
    CHECK(perform_tls(exchange, "other.example").error == TransportError::Tls);
    CHECK(tls_server.requests() == 0);

    options.verify = Verify::Nothing;
    Exchange unverified;
    CHECK(perform_tls(unverified, "other.example").status == 200);
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a name is verified and sent along", "[net]") {
    options.resolve = {"localhost:" + std::to_string(tls_server.port()) + ":127.0.0.1"};
    Exchange exchange;
    CHECK(perform_tls(exchange, "localhost").status == 200);
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a second connection resumes the session", "[net]") {
    tls_server.answer_with(ok("once", "Connection: close\r\n"), TlsServer::Then::End);
    Exchange exchange;
    for (int round = 0; round < 3; ++round) {
        INFO("round " << round << " " << exchange.response.error_text);
        CHECK(perform_tls(exchange, "127.0.0.1").status == 200);
    }
    CHECK(tls_server.connections() == 3);
    if (!is_curl_under_test()) {
        // libcurl keeps sessions too, but when it does is its own affair.
        CHECK(tls_server.resumed() == 2);
    }
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: over TLS only the peer's own end completes a body",
                 "[net][text]") {
    tls_server.answer_with("HTTP/1.1 200 OK\r\n\r\nuntil the end", TlsServer::Then::End);
    Exchange exchange;
    CHECK(perform_tls(exchange, "127.0.0.1").error == TransportError::None);
    CHECK(exchange.response.body == "until the end");

    if (!is_curl_under_test()) {
        // libcurl takes what is cut off for complete.
        tls_server.answer_with("HTTP/1.1 200 OK\r\n\r\ncut off", TlsServer::Then::CutOff);
        Exchange cut;
        CHECK(perform_tls(cut, "127.0.0.1").error == TransportError::Reset);
    }
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a certificate file that is missing is a TLS failure",
                 "[net]") {
    options.certificate_file = "/nonexistent/certificate.pem";
    Exchange exchange;
    CHECK(perform_tls(exchange, "127.0.0.1").error == TransportError::Tls);
    CHECK(tls_server.requests() == 0);
}

TEST_CASE_METHOD(TlsFixture, "HttpEngine: a silent TLS server is a timeout of connecting",
                 "[net][http1]") {
    // The scripted server knows no TLS and waits for the end of a head.
    options.connect_timeout = std::chrono::milliseconds(200);
    Exchange exchange;
    prepare(exchange, "GET", "https://127.0.0.1:" + std::to_string(server.port()) + "/");
    const net::HttpResponse& response = perform(exchange);
    CHECK(response.error ==
          (is_curl_under_test() ? TransportError::ConnectTimeout : TransportError::Tls));
    CHECK(engine->counts().failed == 1);
}

}  // namespace
}  // namespace boom::test
