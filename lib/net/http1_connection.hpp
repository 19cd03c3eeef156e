#pragma once
// One connection of the http1 engine: connecting, TLS, then bytes. It carries one exchange at a
// time. The loop's thread.

#include "net/event_loop.hpp"
#include "net/http1_connector.hpp"
#include "net/http1_constants.hpp"
#include "net/http1_failure.hpp"
#include "net/http1_known_heads.hpp"
#include "net/http1_request.hpp"
#include "net/own_addresses.hpp"
#include "net/tls_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

class Http1Connection;

// Options that a connection depends on, with what is made of them.
struct Http1Profile {
    TlsContext::Verify verify = TlsContext::Verify::Peer;
    std::string ca_file, certificate_file, key_file, source_address;
    std::vector<std::string> resolve;
    TlsContext::Protocol protocol = TlsContext::Protocol::Http1;
    std::unique_ptr<TlsContext> tls;  // made for the first connection over TLS
    std::string tls_error;
};

// One for each combination that was asked for; they stay where they are.
class Http1Profiles {
public:
    [[nodiscard]] Http1Profile& find_or_add(const ConnectionOptions& options);

private:
    std::vector<std::unique_ptr<Http1Profile>> profiles_;
};

// What all connections of an engine use.
struct Http1Shared {
    explicit Http1Shared(EventLoop& its_loop)
        : loop(its_loop), resolver(its_loop), constants(its_loop) {}
    EventLoop& loop;
    NameResolver resolver;
    Http1Constants constants;
    Http1KnownHeads heads;
    OwnAddresses own;
    // Bytes on their way through TLS; empty between calls.
    std::string plain;
    std::string wire;
};

// Who uses a connection.
class Http1User {
public:
    virtual ~Http1User() = default;
    // As StreamListener::prefetch(): its first bytes have been fetched.
    static constexpr std::size_t kPrefetchedBytes = 384;
    virtual void prefetch(int /*step*/) const noexcept {}
    virtual void on_ready(Http1Connection& connection) noexcept = 0;
    // May destroy the connection.
    virtual void on_bytes(Http1Connection& connection, std::string_view bytes) noexcept = 0;
    // The kernel has all that was sent: after tell_sent(), once.
    virtual void on_sent(Http1Connection& /*connection*/) noexcept {}
    // May destroy the connection; nothing more will come. `failure` says why no connection came
    // about.
    virtual void on_ended(Http1Connection& connection, Http1Failure failure) noexcept = 0;
};

class Http1Connection final : public StreamListener, public Http1Connector::Owner {
public:
    enum class Phase : std::uint8_t {
        Connecting,
        Handshake,
        Ready,
        Ended,
    };
    // What became of the bytes since mark_request(), known when the connection has ended.
    enum class Fate : std::uint8_t { Unknown, Unread };

    Http1Connection(Http1Shared& shared, Http1User& user);
    ~Http1Connection() override;
    Http1Connection(const Http1Connection&) = delete;
    Http1Connection& operator=(const Http1Connection&) = delete;

    // What is referred to is alive until on_ready().
    void open(const Http1Origin& origin, const ConnectionOptions& options, Http1Profile& profile,
              const TlsSession& session);
    void set_user(Http1User& user) { user_ = &user; }
    // What comes next is a request: its fate is asked for.
    void mark_request();
    void send(std::string_view bytes);
    // What EventLoop::keep() gave.
    void send_kept(std::string_view kept);
    // Asks for on_sent().
    void tell_sent() { shared_.loop.tell_sent(stream_); }
    [[nodiscard]] bool has_unsent_bytes() const;
    // REQUIRES: it is ready.
    void set_reading(EventLoop::Reading reading) { shared_.loop.set_reading(stream_, reading); }
    // Of a TLS connection that will not be used any more.
    [[nodiscard]] TlsSession take_session();
    enum class CloseMode { Orderly, Abrupt };
    void close(CloseMode mode);

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] Fate fate() const { return fate_; }
    // The peer ended it in an orderly way: for TLS, with its own end.
    [[nodiscard]] bool is_ended_orderly() const { return is_ended_orderly_; }
    // REQUIRES: it is not ready yet.
    [[nodiscard]] ConnectProgress progress() const;
    // The server has chosen HTTP/2, or there is no TLS to choose with.
    [[nodiscard]] bool may_speak_http2() const;
    // It leads to an address of this machine. REQUIRES: it is ready.
    [[nodiscard]] bool is_local() const { return is_local_; }
    struct Times {
        TimePoint resolved{};
        TimePoint connected{};
        TimePoint ready{};
    };
    [[nodiscard]] const Times& times() const { return times_; }

    void prefetch(int step) const noexcept override;
    void on_connected(StreamId stream) noexcept override;
    void on_data(StreamId stream, std::string_view bytes) noexcept override;
    void on_sent(StreamId stream) noexcept override;
    void on_ending(StreamId stream, int descriptor) noexcept override;
    void on_closed(StreamId stream, int error) noexcept override;
    void on_connecting_failed(Reason reason, int error) noexcept override;

private:
    void begin_tls();
    void become_ready();
    void take_encrypted(std::string_view bytes);
    void flush_wire();
    void end(Http1Failure failure);

    // What is needed only until the connection is ready.
    struct Opening;

    Http1Shared& shared_;
    Http1User* user_;
    std::unique_ptr<Opening> opening_;
    std::optional<TlsStream> tls_;
    StreamId stream_;
    std::int64_t bytes_given_ = 0;  // to the loop
    std::int64_t request_begin_ = 0;
    Times times_;
    Phase phase_ = Phase::Connecting;
    Fate fate_ = Fate::Unknown;
    bool is_ended_orderly_ = false;
    bool is_local_ = false;
    bool is_answered_ = false;  // bytes came since the request
    bool is_unsent_ = false;
    bool is_unacknowledged_ = false;
};

}  // namespace boom::net
