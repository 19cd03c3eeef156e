#include "base/address.hpp"
#include "base/assert.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"
#include "cluster/link.hpp"
#include "wire/message.hpp"

#include <fmt/format.h>
#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace boom::cluster {
namespace {

// A slow worker may be this many messages behind; after that its messages are dropped and the
// protocol sends again what must arrive.
constexpr int kHighWaterMark = 10'000;
// Whoever connects and says nothing is thrown out.
constexpr int kHandshakeLimitMs = 10'000;
constexpr int kReconnectFirstMs = 100;
constexpr int kReconnectMaxMs = 2'000;
// A cut network: TCP alone would go on with a dead connection, in ever longer steps, for minutes
// after the network is back.
constexpr int kHeartbeatMs = 1'000;
constexpr int kDeadAfterMs = 3'000;
constexpr int kConnectTimeoutMs = 2'000;
// What may still be on its way when the program ends.
constexpr int kLingerMs = 500;

// Both ends derive the same two key pairs from the token; the keys are Z85 texts.
struct CurveKeys {
    std::array<char, 41> public_key{};
    std::array<char, 41> secret_key{};
};

CurveKeys derive_keys(const std::string& token, std::string_view purpose) {
    const std::string secret = base::derive_key(token, purpose);
    CurveKeys keys;
    zmq_z85_encode(keys.secret_key.data(), reinterpret_cast<const std::uint8_t*>(secret.data()),
                   secret.size());
    const int failed = zmq_curve_public(keys.public_key.data(), keys.secret_key.data());
    BOOM_ASSERT(failed == 0);
    return keys;
}

constexpr std::string_view kMasterPurpose = "boom worker link, master";
constexpr std::string_view kWorkerPurpose = "boom worker link, worker";
constexpr const char* kMonitorAddress = "inproc://handshakes";

// A signal may come at any time; half of a message must not stay behind.
template <typename Call>
auto uninterrupted(const Call& call) {
    while (true) {
        try {
            return call();
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR) {
                throw;
            }
        }
    }
}

bool next_frame(zmq::socket_t& socket, zmq::message_t& frame) {
    return uninterrupted([&] { return socket.recv(frame, zmq::recv_flags::dontwait); }).has_value();
}

class ZmqLink final : public Link {
public:
    explicit ZmqLink(zmq::socket_type type)
        : socket_(context_, type),
          is_router_(type == zmq::socket_type::router),
          wake_descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        socket_.set(zmq::sockopt::linger, kLingerMs);
        socket_.set(zmq::sockopt::sndhwm, kHighWaterMark);
        socket_.set(zmq::sockopt::rcvhwm, kHighWaterMark);
        socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(wire::kMaxMessageBytes));
        socket_.set(zmq::sockopt::ipv6, true);
        socket_.set(zmq::sockopt::handshake_ivl, kHandshakeLimitMs);
        socket_.set(zmq::sockopt::reconnect_ivl, kReconnectFirstMs);
        socket_.set(zmq::sockopt::reconnect_ivl_max, kReconnectMaxMs);
        socket_.set(zmq::sockopt::connect_timeout, kConnectTimeoutMs);
        if (!is_router_) {
            // Its pings carry the time-out of the other end, too.
            socket_.set(zmq::sockopt::heartbeat_ivl, kHeartbeatMs);
            socket_.set(zmq::sockopt::heartbeat_timeout, kDeadAfterMs);
            socket_.set(zmq::sockopt::heartbeat_ttl, kDeadAfterMs);
        }
        zmq_socket_monitor(socket_.handle(), kMonitorAddress,
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
        monitor_.set(zmq::sockopt::linger, 0);
        monitor_.connect(kMonitorAddress);
    }
    ~ZmqLink() override { ::close(wake_descriptor_); }
    ZmqLink(const ZmqLink&) = delete;
    ZmqLink& operator=(const ZmqLink&) = delete;

    zmq::socket_t& socket() { return socket_; }

    // Before bind and connect.
    void protect(const std::string& token) {
        if (token.empty()) {
            return;
        }
        const CurveKeys master = derive_keys(token, kMasterPurpose);
        if (is_router_) {
            socket_.set(zmq::sockopt::curve_server, true);
            socket_.set(zmq::sockopt::curve_secretkey, master.secret_key.data());
            return;
        }
        const CurveKeys worker = derive_keys(token, kWorkerPurpose);
        socket_.set(zmq::sockopt::curve_serverkey, master.public_key.data());
        socket_.set(zmq::sockopt::curve_publickey, worker.public_key.data());
        socket_.set(zmq::sockopt::curve_secretkey, worker.secret_key.data());
    }

    std::int64_t refused_connections() override {
        zmq::message_t frame;
        // Two frames an event; only failed handshakes are asked for.
        while (next_frame(monitor_, frame)) {
            while (frame.more()) {
                (void)next_frame(monitor_, frame);
            }
            ++refused_;
        }
        return refused_;
    }

    void send(const PeerId& peer, std::string bytes) override {
        try {
            if (is_router_) {
                uninterrupted([&] {
                    return socket_.send(zmq::buffer(peer),
                                        zmq::send_flags::sndmore | zmq::send_flags::dontwait);
                });
            }
            uninterrupted(
                [&] { return socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait); });
        } catch (const zmq::error_t&) {
            // The peer is gone; what must arrive is sent again when it is back.
        }
    }

    std::optional<Received> receive() override {
        try {
            zmq::message_t frame;
            Received received;
            if (!next_frame(socket_, frame)) {
                return std::nullopt;
            }
            if (is_router_) {
                received.peer = frame.to_string();
                if (!frame.more()) {
                    return received;  // no payload: decoded as malformed and dropped above
                }
                (void)next_frame(socket_, frame);
            }
            received.bytes = frame.to_string();
            received.address = is_router_ ? address_of(frame) : std::string();
            while (frame.more()) {
                (void)next_frame(socket_, frame);
                received.bytes.clear();
            }
            return received;
        } catch (const zmq::error_t&) {
            return std::nullopt;
        }
    }

    void wait(base::Duration timeout) override {
        std::array<zmq::pollitem_t, 2> items{
            {{socket_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_descriptor_, ZMQ_POLLIN, 0}}};
        const auto ms = std::chrono::milliseconds(
            std::max<std::int64_t>(base::to_ms(timeout + std::chrono::microseconds(999)), 0));
        try {
            zmq::poll(items.data(), items.size(), ms);
        } catch (const zmq::error_t&) {
            return;  // a signal: the caller looks at its flags
        }
        std::uint64_t ignored = 0;
        (void)!::read(wake_descriptor_, &ignored, sizeof(ignored));
    }

    void wake() override {
        const std::uint64_t one = 1;
        (void)!::write(wake_descriptor_, &one, sizeof(one));
    }

private:
    static std::string address_of(zmq::message_t& frame) {
        constexpr std::string_view kMapped = "::ffff:";  // of a socket for both families
        try {
            const std::string_view address = frame.gets("Peer-Address");
            const bool is_mapped =
                address.starts_with(kMapped) && address.find('.') != std::string_view::npos;
            return std::string(is_mapped ? address.substr(kMapped.size()) : address);
        } catch (const zmq::error_t&) {
            return "unknown";
        }
    }

    zmq::context_t context_{1};
    zmq::socket_t socket_;
    zmq::socket_t monitor_;
    std::int64_t refused_ = 0;
    bool is_router_;
    int wake_descriptor_;
};

std::string endpoint(const std::string& host, const std::string& port) {
    return host.find(':') == std::string::npos ? fmt::format("tcp://{}:{}", host, port)
                                               : fmt::format("tcp://[{}]:{}", host, port);
}

// libzmq listens at numbers and at names of interfaces only.
std::string number_of(const std::string& host) {
    for (const int family : {AF_INET, AF_INET6}) {
        addrinfo wanted{};
        wanted.ai_family = family;
        wanted.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) {
            continue;
        }
        std::array<char, NI_MAXHOST> text{};
        const int failed = ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(),
                                         text.size(), nullptr, 0, NI_NUMERICHOST);
        ::freeaddrinfo(found);
        if (failed == 0) {
            return text.data();
        }
    }
    return host;
}

void listen_at(zmq::socket_t& socket, const std::string& host, const std::string& port) {
    try {
        socket.bind(endpoint(host, port));
    } catch (const zmq::error_t& error) {
        if (error.num() != ENODEV) {
            throw;
        }
        socket.bind(endpoint(number_of(host), port));
    }
}

}  // namespace

BoundLink bind_master_link(const std::string& host, int port, const std::string& token) {
    auto link = std::make_unique<ZmqLink>(zmq::socket_type::router);
    link->protect(token);
    // A worker that comes back under its identity takes over its old connection.
    link->socket().set(zmq::sockopt::router_handover, true);
    link->socket().set(zmq::sockopt::router_mandatory, true);
    try {
        listen_at(link->socket(), host.empty() ? "0.0.0.0" : host,
                  port == 0 ? "*" : std::to_string(port));
    } catch (const zmq::error_t& error) {
        const bool is_busy = error.num() == EADDRINUSE;
        throw base::ConfigError(base::Mistake{
            {is_busy ? "--master-bind-port" : "--master-bind-host"},
            fmt::format("cannot listen for workers on {}: {}", base::Address{host, port}.text(),
                        error.num() == ENODEV ? "this machine has no such address" : error.what()),
            is_busy ? "another master may be running; choose another port" : "",
            base::ExitCode::Refused});
    }
    const std::string bound = link->socket().get(zmq::sockopt::last_endpoint);
    const auto address = base::parse_address(bound, port);
    return {std::move(link), address ? address->port : port};
}

std::unique_ptr<Link> connect_worker_link(const std::string& host, int port,
                                          const std::string& token) {
    auto link = std::make_unique<ZmqLink>(zmq::socket_type::dealer);
    link->protect(token);
    // "0.0.0.0" is where a master listens; from here it means this machine.
    const std::string to = host.empty() || host == "0.0.0.0" ? "127.0.0.1" : host;
    try {
        link->socket().connect(endpoint(to, std::to_string(port)));
    } catch (const zmq::error_t& error) {
        throw base::ConfigError(base::Mistake{
            {"--master-host"}, fmt::format("'{}' is no address: {}", host, error.what()), {}});
    }
    return link;
}

}  // namespace boom::cluster
