#pragma once
// TLS as a filter over memory: encrypted bytes in, plain bytes out, and back. No socket, no clock:
// whoever owns a stream moves the bytes, so that one recv and one send serve a whole exchange.

#include <memory>
#include <string>
#include <string_view>

struct ssl_session_st;

namespace boom::net {

// A certificate and its key as PEM text.
struct TlsIdentity {
    std::string certificate;
    std::string key;
};

// For localhost, 127.0.0.1 and ::1; made anew by each call. Empty texts when libcrypto fails.
[[nodiscard]] TlsIdentity make_self_signed_identity();

// What the connections of one side share; outlives its streams. A server's: immutable, any thread.
// A client's: one thread, for it remembers the chains of certificates that it has found good.
class TlsContext {
public:
    struct Made;
    enum class Verify { Peer, Nothing };
    // What is spoken over it. Http2: that where the peer knows it, else HTTP/1.1.
    enum class Protocol { Http1, Http2 };

    [[nodiscard]] static Made for_server(const TlsIdentity& identity,
                                         Protocol protocol = Protocol::Http1);
    [[nodiscard]] static Made for_server_files(const std::string& certificate_file,
                                               const std::string& key_file);
    // An empty `ca_file` trusts what the system trusts.
    [[nodiscard]] static Made for_client(Verify verify, const std::string& ca_file);
    // With a certificate of its own (files in PEM form); an empty key file: the key is in the
    // certificate's file.
    struct ClientFiles {
        std::string ca;
        std::string certificate;
        std::string key;
    };
    [[nodiscard]] static Made for_client_files(Verify verify, const ClientFiles& files,
                                               Protocol protocol = Protocol::Http1);

    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

private:
    friend class TlsStream;
    struct State;
    explicit TlsContext(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct TlsContext::Made {
    std::unique_ptr<TlsContext> context;  // null on failure
    std::string error;
};

// What a later connection to the same server can go on from.
class TlsSession {
public:
    TlsSession() = default;
    [[nodiscard]] bool is_empty() const { return raw_ == nullptr; }

private:
    friend class TlsStream;
    struct Freer {
        void operator()(ssl_session_st* session) const;
    };
    std::unique_ptr<ssl_session_st, Freer> raw_;
};

// One connection. One thread. A client's goes on without OpenSSL once it is open, where the cipher
// is AES-GCM and the processor has it (net/tls_records). What has to go to the peer is appended to
// `to_peer`.
class TlsStream {
public:
    enum class Phase {
        Handshake,
        Open,
        Ended,  // the peer said that it sends nothing more
        Failed,
    };

    // A client names the server: a DNS name or a literal address, which is verified too.
    explicit TlsStream(const TlsContext& context, const std::string& server_name = {});
    // Before start(): tries to go on from `session`, which may be empty.
    void resume(const TlsSession& session);
    [[nodiscard]] bool is_resumed() const;
    // In the handshake; known when the stream is open.
    [[nodiscard]] bool has_chosen_http2() const;
    // It goes on without OpenSSL.
    [[nodiscard]] bool has_own_records() const;
    // For a later connection; empty when the server gave none. The stream is over with it.
    [[nodiscard]] TlsSession take_session();
    ~TlsStream();
    TlsStream(TlsStream&&) noexcept;
    TlsStream& operator=(TlsStream&&) noexcept;

    // The first bytes of a client; nothing for a server.
    void start(std::string& to_peer);
    // Decrypted bytes are appended to `plain`.
    Phase receive(std::string_view from_peer, std::string& plain, std::string& to_peer);
    // False unless the stream is open, or ended by the peer alone.
    [[nodiscard]] bool send(std::string_view plain, std::string& to_peer);
    // Says that nothing more will be sent.
    void end(std::string& to_peer);

    // Bytes come soon: as StreamListener::prefetch().
    void prefetch(int step) const;

    [[nodiscard]] Phase phase() const;
    // Why it failed; empty otherwise.
    [[nodiscard]] const std::string& error() const;

private:
    struct State;
    void shake_hands();
    void read_plain(std::string& plain);
    void fail();
    void take_output(std::string& to_peer);
    void use_lean_bios();
    Phase receive_records(std::string_view from_peer, std::string& plain, std::string& to_peer);
    void take_over();
    [[nodiscard]] TlsSession session_of_openssl();
    std::unique_ptr<State> state_;
};

}  // namespace boom::net
