#pragma once
// One HTTP exchange: one request on the wire, one answer (or none). Redirects, cookies and retries
// live above, once, for both engines.

#include "base/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

using base::Duration;
using base::TimePoint;

// Why there is no complete answer.
enum class TransportError : std::uint8_t {
    None,
    Dns,
    ConnectRefused,
    ConnectTimeout,
    ConnectFailed,
    Tls,
    Reset,  // closed or reset before the answer was complete
    ResponseTimeout,
    BadResponse,
    LocalPorts,
    LocalDescriptors,
    WebSocketHandshake,  // an answer, but none that opens a websocket
    WebSocketClosed,     // by the server, or none was open
    WebSocketProtocol,   // broken frames, or too large ones
    Other,
    Cancelled,
};

// What an exchange does; in its ConnectionOptions. The request's URL (ws, wss, http or https) names
// the connection, its body is the payload.
struct WebSocketCommand {
    enum class Kind : std::uint8_t {
        Open,          // status and header of the handshake's answer; open already: nothing to do
        Ping,          // until the pong with its payload is there
        WriteAndRead,  // until the next message that was not read yet is there
        Read,
        Write,  // until the kernel has all of it
        Close,  // until the peer has closed too: status and body are its code and reason
    };
    Kind kind = Kind::Open;
    enum class Payload : std::uint8_t { Text, Binary } payload = Payload::Text;
    // New: an open one to that URL is closed, and another one opened before the action.
    enum class Connection : std::uint8_t { Kept, New } connection = Connection::Kept;
    // UrlOrLast: the connection used last is meant where there is none to the URL.
    enum class Target : std::uint8_t { Url, UrlOrLast } target = Target::Url;
    int close_code = 1000;
    std::int64_t max_message_bytes = std::int64_t{16} << 20;  // that are taken from the peer
};

// What is the same for all requests of a step; outlives every exchange that points to it.
struct ConnectionOptions {
    Duration connect_timeout = std::chrono::seconds(10);
    Duration timeout = std::chrono::seconds(30);  // of the whole exchange
    enum class Verify { Peer, Nothing } verify = Verify::Peer;
    enum class KeepAlive { On, Off } keep_alive = KeepAlive::On;
    enum class Version { Http1, Http2 } version = Version::Http1;
    // Shared: any idle connection of the engine will do. Each carries one exchange at a time, but
    // for those of HTTP/2 of our own: as many as the server allows.
    enum class Connections { OfOwner, Shared } connections = Connections::OfOwner;
    std::string ca_file, certificate_file, key_file;
    std::string proxy;
    std::vector<std::string> resolve;  // "HOST:PORT:ADDRESS"
    std::string source_address;
    std::int64_t max_body_bytes = std::int64_t{256} << 20;  // a longer kept body is BadResponse
    std::optional<WebSocketCommand> web_socket;             // else it is plain HTTP
};

struct HttpRequest {
    std::string method;   // "GET"
    std::string url;      // absolute, encoded
    std::string headers;  // "Name: value\r\n" lines, complete but for Host and Content-Length,
                          // which the engine adds when absent
    std::string body;
    // Not 0: every request of this engine with the same number is the same. A small number.
    std::uint64_t constant = 0;
};

struct Header {
    std::string_view name;  // as received
    std::string_view value;
};

struct HttpResponse {
    TransportError error = TransportError::None;
    std::string error_text;  // for people; without ports or addresses that vary per request
    int status = 0;
    std::string_view protocol;        // "HTTP/1.1", "HTTP/2.0"
    std::string header_block;         // of the final answer (1xx dropped)
    std::vector<Header> headers;      // views into header_block
    bool may_set_cookies = true;      // false: no header is named Set-Cookie
    std::string body;                 // decoded; empty when not wanted
    std::int64_t bytes_sent = 0;      // on the wire: head and body
    std::int64_t bytes_received = 0;  // on the wire: head and (undecoded) body
    bool is_connection_reused = false;
    bool was_sent = false;  // the request reached the wire: it counts as an exchange
    TimePoint sent_at{};    // when start() took it
    TimePoint first_byte_at{};
    TimePoint done_at{};
    // Of the connection that was opened for it; zero on a kept one, and without TLS.
    struct Phases {
        Duration dns{};
        Duration connect{};
        Duration tls{};
    };
    Phases phases;

    // As nothing had come yet; the headers of before stay, and all buffers.
    void begin(TimePoint now);
    void clear_headers();

    // First header of that name, case-insensitive; empty view when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Splits "Name: value" lines into `headers`, views into `block`. A folded line (RFC 9112 5.2) is
// joined with spaces in place; a line without a colon is left out.
void split_headers(std::string& block, std::vector<Header>& headers);
// Only the joining of folded lines.
void unfold_headers(std::string& block);

class Exchange;

class ExchangeListener {
public:
    virtual ~ExchangeListener() = default;
    // Called once per started exchange, from the loop, never from inside start(). The exchange may
    // be started again from here. Not called after cancel().
    virtual void on_done(Exchange& exchange) noexcept = 0;
    // That comes soon: as StreamListener::prefetch().
    virtual void prefetch(const Exchange& /*exchange*/, int /*step*/) const noexcept {}
};

// Owned by the caller; must outlive its flight. Buffers are reused from one start to the next.
class Exchange {
public:
    // What an engine keeps with an exchange between its starts.
    class EngineState {
    public:
        virtual ~EngineState() = default;
    };

    HttpRequest request;
    HttpResponse response;
    const ConnectionOptions* options = nullptr;
    enum class Body { Discard, Keep } body = Body::Discard;
    ExchangeListener* listener = nullptr;
    // The virtual user: its connections are its own, whichever exchange it uses, until forget();
    // but for those that its options share.
    std::uint64_t owner = 0;
    static constexpr std::uint64_t kEverybody = ~std::uint64_t{0};
    [[nodiscard]] std::uint64_t connection_owner() const {
        const bool is_shared = options->connections == ConnectionOptions::Connections::Shared;
        return is_shared ? kEverybody : owner;
    }
    std::unique_ptr<EngineState> engine_state;
    std::unique_ptr<EngineState> http2_state;  // apart: steps of both versions may take turns
};

// One per loop. All in the loop's thread.
class HttpEngine {
public:
    virtual ~HttpEngine() = default;
    virtual void start(Exchange& exchange) = 0;
    // Ends the flight at once; its connection is closed. No on_done().
    virtual void cancel(Exchange& exchange) = 0;
    [[nodiscard]] virtual int in_flight() const = 0;
    // The owner is gone: the connections that were kept for it are closed. None of its exchanges
    // is in flight.
    virtual void forget(std::uint64_t owner) = 0;
    // Room for this many kept-alive connections (never fewer than users).
    virtual void set_expected_users(int users) = 0;
    struct ConnectionCounts {
        std::int64_t opened = 0;
        std::int64_t reused = 0;
        std::int64_t failed = 0;
        std::int64_t local = 0;  // of those opened: to an address of this machine

        void add(const ConnectionCounts& other) {
            opened += other.opened;
            reused += other.reused;
            failed += other.failed;
            local += other.local;
        }
    };
    [[nodiscard]] virtual ConnectionCounts counts() const = 0;  // since creation
};

class EventLoop;
// libcurl multi on our loop.
[[nodiscard]] std::unique_ptr<HttpEngine> make_curl_engine(EventLoop& loop);
// HTTP/1.1 of our own: the fastest; knows no proxies and no HTTP/2.
[[nodiscard]] std::unique_ptr<HttpEngine> make_http1_engine(EventLoop& loop);
// HTTP/2 of our own for the exchanges that ask for it, the http1 engine for the others. Over TLS
// the server chooses (a failure when it has only HTTP/1.1), without it is known to speak it.
[[nodiscard]] std::unique_ptr<HttpEngine> make_http2_engine(EventLoop& loop);

}  // namespace boom::net
