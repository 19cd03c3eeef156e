// Our record layer against OpenSSL's at the other end.
#include "base/rng.hpp"
#include "net/freer.hpp"
#include "net/tls_cipher.hpp"
#include "net/tls_keys.hpp"
#include "net/tls_stream.hpp"

#include <catch2/catch.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

using namespace boom;
using namespace boom::net;

namespace {

struct Suite {
    int version;
    const char* cipher;
};
constexpr Suite kAes128Of12{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"};
constexpr Suite kAes256Of12{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"};
constexpr Suite kAes128Of13{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"};
constexpr Suite kAes256Of13{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"};

// OpenSSL's server over memory.
class Server {
public:
    explicit Server(Suite suite) : context_(::SSL_CTX_new(::TLS_server_method())) {
        static const TlsIdentity identity = make_self_signed_identity();
        const auto bio = [](const std::string& text) {
            return std::unique_ptr<BIO, Freer<::BIO_free_all>>(
                ::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
        };
        const std::unique_ptr<X509, Freer<::X509_free>> certificate(
            ::PEM_read_bio_X509(bio(identity.certificate).get(), nullptr, nullptr, nullptr));
        const std::unique_ptr<EVP_PKEY, Freer<::EVP_PKEY_free>> key(
            ::PEM_read_bio_PrivateKey(bio(identity.key).get(), nullptr, nullptr, nullptr));
        ::SSL_CTX_use_certificate(context_.get(), certificate.get());
        ::SSL_CTX_use_PrivateKey(context_.get(), key.get());
        SSL_CTX_set_min_proto_version(context_.get(), suite.version);
        SSL_CTX_set_max_proto_version(context_.get(), suite.version);
        REQUIRE((suite.version == TLS1_3_VERSION
                     ? ::SSL_CTX_set_ciphersuites(context_.get(), suite.cipher)
                     : ::SSL_CTX_set_cipher_list(context_.get(), suite.cipher)) == 1);
    }

    // For the next client.
    void accept() {
        ssl_.reset(::SSL_new(context_.get()));
        ::SSL_set_bio(ssl_.get(), ::BIO_new(::BIO_s_mem()), ::BIO_new(::BIO_s_mem()));
        ::SSL_set_accept_state(ssl_.get());
        received.clear();
    }
    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

    void give(std::string_view bytes) {
        ::BIO_write(::SSL_get_rbio(ssl()), bytes.data(), static_cast<int>(bytes.size()));
        std::vector<char> buffer(1 << 14);
        for (int count = 1; count > 0;) {
            count = ::SSL_read(ssl(), buffer.data(), static_cast<int>(buffer.size()));
            received.append(buffer.data(), static_cast<std::size_t>(std::max(count, 0)));
        }
    }
    void send(std::string_view text) {
        REQUIRE(::SSL_write(ssl(), text.data(), static_cast<int>(text.size())) ==
                static_cast<int>(text.size()));
    }
    [[nodiscard]] std::string take() {
        std::string bytes(BIO_ctrl_pending(::SSL_get_wbio(ssl())), '\0');
        ::BIO_read(::SSL_get_wbio(ssl()), bytes.data(), static_cast<int>(bytes.size()));
        return bytes;
    }
    std::string received;

private:
    std::unique_ptr<SSL_CTX, Freer<::SSL_CTX_free>> context_;
    std::unique_ptr<SSL, Freer<::SSL_free>> ssl_;
};

struct Connection {
    explicit Connection(Server& to, std::size_t bytes = 1 << 20) : server(to), piece(bytes) {
        server.accept();
    }

    void open(const TlsSession& session = {}) {
        client.resume(session);
        client.start(to_server);
        carry();
        REQUIRE(client.phase() == TlsStream::Phase::Open);
    }
    // Until neither has anything for the other.
    void carry() {
        for (std::string bytes = server.take(); !to_server.empty() || !bytes.empty();
             bytes = server.take()) {
            server.give(std::exchange(to_server, {}));
            for (std::string_view rest = bytes; !rest.empty();
                 rest.remove_prefix(std::min(piece, rest.size()))) {
                client.receive(rest.substr(0, piece), at_client, to_server);
            }
        }
    }
    void exchange(const std::string& request, const std::string& answer) {
        server.received.clear();
        at_client.clear();
        REQUIRE(client.send(request, to_server));
        carry();
        CHECK(server.received == request);
        server.send(answer);
        carry();
        CHECK(at_client == answer);
    }

    static const TlsContext& context() {
        static const TlsContext::Made made =
            TlsContext::for_client(TlsContext::Verify::Nothing, "");
        return *made.context;
    }

    Server& server;
    std::size_t piece;
    TlsStream client{context(), "localhost"};
    std::string to_server{};
    std::string at_client{};
};

std::string random_text(base::Rng& rng, std::size_t most) {
    std::string text(1 + rng.below(most), '\0');
    for (char& each : text) {
        each = static_cast<char>(rng.below(256));
    }
    return text;
}

std::string bytes_of_hex(const char* text) {
    long size = 0;
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> bytes(
        ::OPENSSL_hexstr2buf(text, &size), [](unsigned char* each) { OPENSSL_free(each); });
    return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("TlsRecords: what either side says arrives, however it is cut", "[net]") {
    if (!RecordCipher::is_available()) {
        WARN("this processor has no AES-GCM: OpenSSL encrypts all records");
        return;
    }
    base::Rng rng(Catch::rngSeed());
    CAPTURE(Catch::rngSeed());
    const Suite suite = GENERATE(kAes128Of12, kAes256Of12, kAes128Of13, kAes256Of13);
    const std::size_t piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{4096});
    Server server(suite);
    Connection connection(server, piece);
    connection.open();
    CHECK_FALSE(connection.client.has_own_records());
    connection.exchange("first", "answer");
    CHECK(connection.client.has_own_records());
    for (int round = 0; round < 20; ++round) {
        connection.exchange(random_text(rng, 40'000), random_text(rng, 40'000));
    }
    ::SSL_shutdown(server.ssl());
    connection.carry();
    CHECK(connection.client.phase() == TlsStream::Phase::Ended);
    connection.client.end(connection.to_server);
    connection.carry();
    CHECK((::SSL_get_shutdown(server.ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
}

TEST_CASE("TlsRecords: a session outlives them", "[net]") {
    Server server(GENERATE(kAes128Of12, kAes256Of13));
    TlsSession session;
    for (int round = 0; round < 4; ++round) {
        Connection connection(server);
        connection.open(session);
        connection.exchange("question", "answer");
        CHECK(connection.client.has_own_records() == RecordCipher::is_available());
        connection.exchange("another", "one more");
        CHECK(connection.client.is_resumed() == (round > 0));
        session = connection.client.take_session();
        REQUIRE_FALSE(session.is_empty());
    }
}

TEST_CASE("TlsRecords: other ciphers stay with OpenSSL", "[net]") {
    Server server(GENERATE(Suite{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
                           Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"},
                           Suite{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"}));
    Connection connection(server);
    connection.open();
    for (int round = 0; round < 3; ++round) {
        connection.exchange("question", std::string(50'000, 'a'));
        CHECK_FALSE(connection.client.has_own_records());
    }
}

TEST_CASE("TlsRecords: the peer may change the keys at any time", "[net]") {
    Server server(GENERATE(kAes128Of13, kAes256Of13));
    const int kind = GENERATE(SSL_KEY_UPDATE_REQUESTED, SSL_KEY_UPDATE_NOT_REQUESTED);
    const bool is_early = GENERATE(false, true);
    Connection connection(server, GENERATE(std::size_t{3}, std::size_t{5000}));
    connection.open();
    if (is_early) {
        // Only OpenSSL knows the new keys.
        REQUIRE(::SSL_key_update(server.ssl(), kind) == 1);
    }
    connection.exchange("first", "answer");
    CHECK(connection.client.has_own_records() == (RecordCipher::is_available() && !is_early));
    for (int round = 0; round < 5; ++round) {
        REQUIRE(::SSL_key_update(server.ssl(), kind) == 1);
        connection.exchange("question", "answer");
        connection.exchange("question", std::string(20'000, 'a'));
    }
}

TEST_CASE("TlsRecords: late tickets change nothing", "[net]") {
    Server server(kAes256Of13);
    Connection connection(server, GENERATE(std::size_t{2}, std::size_t{5000}));
    connection.open();
    connection.exchange("first", "answer");
    for (int round = 0; round < 3; ++round) {
        REQUIRE(::SSL_new_session_ticket(server.ssl()) == 1);
        connection.exchange("question", "answer");
    }
}

TEST_CASE("TlsRecords: a new handshake is declined", "[net]") {
    Server server(kAes128Of12);
    Connection connection(server);
    connection.open();
    connection.exchange("first", "answer");
    ::SSL_renegotiate(server.ssl());
    ::SSL_do_handshake(server.ssl());
    const std::string request = server.take();
    connection.client.receive(request, connection.at_client, connection.to_server);
    CHECK(connection.client.phase() == TlsStream::Phase::Open);
    // OpenSSL's server does not go on without it, and says so.
    connection.carry();
    CHECK(connection.client.error().find("handshake failure") != std::string::npos);
}

TEST_CASE("TlsRecords: a changed, repeated or left out record is refused", "[net]") {
    base::Rng rng(Catch::rngSeed());
    CAPTURE(Catch::rngSeed());
    const Suite suite = GENERATE(kAes128Of12, kAes256Of13);
    Server server(suite);
    for (int round = 0; round < 100; ++round) {
        Connection connection(server);
        connection.open();
        connection.exchange("first", "answer");
        connection.at_client.clear();
        server.send("secret");
        const std::string genuine = server.take();
        server.send("secret");
        const std::string next = server.take();
        std::string bytes = genuine;
        if (round == 0) {
            bytes = next;
        } else if (round == 1) {
            bytes = genuine + genuine;
        } else {
            // Not its length: that only makes it longer or shorter.
            const std::size_t at = rng.below(bytes.size() - 2);
            bytes[at < 3 ? at : at + 2] ^= static_cast<char>(1U << rng.below(8));
        }
        connection.client.receive(bytes, connection.at_client, connection.to_server);
        CAPTURE(round);
        CHECK(connection.client.phase() == TlsStream::Phase::Failed);
        CHECK_FALSE(connection.client.error().empty());
        CHECK(connection.at_client == (round == 1 ? "secret" : ""));
        CHECK_FALSE(connection.client.send("more", connection.to_server));
    }
}

TEST_CASE("TlsRecords: headers that no record has are refused at once", "[net]") {
    Server server(GENERATE(kAes128Of12, kAes256Of13));
    Connection connection(server);
    connection.open();
    connection.exchange("first", "answer");
    const std::string header = GENERATE(std::string("\x17\x03\x03\x48\x00", 5),  // too long
                                        std::string("\x17\x03\x03\x00\x0f", 5),  // no tag
                                        std::string("\x17\x03\x03\x00\x00", 5),  // nothing
                                        std::string("HTTP/", 5));                // no TLS
    connection.client.receive(header + std::string(15, 'x'), connection.at_client,
                              connection.to_server);
    CHECK(connection.client.phase() == TlsStream::Phase::Failed);
}

TEST_CASE("TlsRecords: an alert of the peer is told", "[net]") {
    Server server(GENERATE(kAes128Of12, kAes256Of13));
    Connection connection(server);
    connection.open();
    connection.exchange("first", "answer");
    REQUIRE(connection.client.send("question", connection.to_server));
    connection.to_server.back() ^= 1;
    connection.carry();
    CHECK(connection.client.phase() == TlsStream::Phase::Failed);
    CHECK(connection.client.error().find("bad record mac") != std::string::npos);
}

TEST_CASE("RecordCipher: seals as OpenSSL does", "[net]") {
    if (!RecordCipher::is_available()) {
        return;
    }
    base::Rng rng(Catch::rngSeed());
    CAPTURE(Catch::rngSeed());
    for (int round = 0; round < 300; ++round) {
        const std::size_t key_bytes = round % 2 == 0 ? 16 : 32;
        std::string key = random_text(rng, 1);
        key.resize(key_bytes, static_cast<char>(rng.below(256)));
        const std::string header = random_text(rng, 20);
        const std::string plain = random_text(rng, 2000);
        RecordCipher::Nonce nonce{};
        for (unsigned char& each : nonce) {
            each = static_cast<unsigned char>(rng.below(256));
        }
        std::string sealed = plain + std::string(RecordCipher::kTagBytes, '\0');
        const RecordCipher cipher(key);
        cipher.seal(nonce, header, sealed.data(), plain.size());

        const std::unique_ptr<EVP_CIPHER_CTX, Freer<::EVP_CIPHER_CTX_free>> other(
            ::EVP_CIPHER_CTX_new());
        const auto* const bytes = reinterpret_cast<const unsigned char*>(sealed.data());
        std::string opened(plain.size(), '\0');
        int size = 0;
        ::EVP_DecryptInit_ex(other.get(),
                             key_bytes == 16 ? ::EVP_aes_128_gcm() : ::EVP_aes_256_gcm(), nullptr,
                             reinterpret_cast<const unsigned char*>(key.data()), nonce.data());
        ::EVP_DecryptUpdate(other.get(), nullptr, &size,
                            reinterpret_cast<const unsigned char*>(header.data()),
                            static_cast<int>(header.size()));
        ::EVP_DecryptUpdate(other.get(), reinterpret_cast<unsigned char*>(opened.data()), &size,
                            bytes, static_cast<int>(plain.size()));
        ::EVP_CIPHER_CTX_ctrl(other.get(), EVP_CTRL_GCM_SET_TAG, RecordCipher::kTagBytes,
                              sealed.data() + plain.size());
        CHECK(::EVP_DecryptFinal_ex(other.get(), nullptr, &size) == 1);
        CHECK(opened == plain);
        std::string mine(plain.size(), '\0');
        CHECK(cipher.open(nonce, header, sealed, mine.data()));
        CHECK(mine == plain);
    }
}

TEST_CASE("expand_label: the example of RFC 8448, section 3", "[net]") {
    const std::string secret =
        bytes_of_hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    CHECK(expand_label(secret, "key", 16, "SHA256") ==
          bytes_of_hex("3fce516009c21727d0f2e4e86ee403bc"));
    CHECK(expand_label(secret, "iv", 12, "SHA256") == bytes_of_hex("5d313eb2671276ee13000b30"));
}
