#include "base/address.hpp"
#include "base/error.hpp"
#include "cluster/link.hpp"
#include "wire/message.hpp"

#include <fmt/format.h>
#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace boom::cluster {
namespace {

// A slow worker may be this many messages behind; after that its messages are dropped and the
// protocol sends again what must arrive.
constexpr int kHighWaterMark = 10'000;
constexpr int kReconnectFirstMs = 100;
constexpr int kReconnectMaxMs = 2'000;
// What may still be on its way when the program ends.
constexpr int kLingerMs = 500;

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
        socket_.set(zmq::sockopt::reconnect_ivl, kReconnectFirstMs);
        socket_.set(zmq::sockopt::reconnect_ivl_max, kReconnectMaxMs);
    }
    ~ZmqLink() override { ::close(wake_descriptor_); }
    ZmqLink(const ZmqLink&) = delete;
    ZmqLink& operator=(const ZmqLink&) = delete;

    zmq::socket_t& socket() { return socket_; }

    void send(const PeerId& peer, std::string bytes) override {
        try {
            if (is_router_) {
                (void)socket_.send(zmq::buffer(peer),
                                   zmq::send_flags::sndmore | zmq::send_flags::dontwait);
            }
            (void)socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait);
        } catch (const zmq::error_t&) {
            // The peer is gone; what must arrive is sent again when it is back.
        }
    }

    std::optional<Received> receive() override {
        try {
            zmq::message_t frame;
            Received received;
            if (!socket_.recv(frame, zmq::recv_flags::dontwait)) {
                return std::nullopt;
            }
            if (is_router_) {
                received.peer = frame.to_string();
                if (!frame.more()) {
                    return received;  // no payload: decoded as malformed and dropped above
                }
                (void)socket_.recv(frame, zmq::recv_flags::dontwait);
            }
            received.bytes = frame.to_string();
            received.address = is_router_ ? address_of(frame) : std::string();
            while (frame.more()) {
                (void)socket_.recv(frame, zmq::recv_flags::dontwait);
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
        try {
            return frame.gets("Peer-Address");
        } catch (const zmq::error_t&) {
            return "unknown";
        }
    }

    zmq::context_t context_{1};
    zmq::socket_t socket_;
    bool is_router_;
    int wake_descriptor_;
};

std::string endpoint(const std::string& host, const std::string& port) {
    return host.find(':') == std::string::npos ? fmt::format("tcp://{}:{}", host, port)
                                               : fmt::format("tcp://[{}]:{}", host, port);
}

}  // namespace

BoundLink bind_master_link(const std::string& host, int port) {
    auto link = std::make_unique<ZmqLink>(zmq::socket_type::router);
    // A worker that comes back under its identity takes over its old connection.
    link->socket().set(zmq::sockopt::router_handover, true);
    link->socket().set(zmq::sockopt::router_mandatory, true);
    try {
        link->socket().bind(
            endpoint(host.empty() ? "0.0.0.0" : host, port == 0 ? "*" : std::to_string(port)));
    } catch (const zmq::error_t& error) {
        throw base::ConfigError(base::Mistake{
            {"--master-bind-port"},
            fmt::format("cannot listen for workers on {}:{}: {}", host, port, error.what()),
            "another master may be running; choose another port",
            base::ExitCode::Refused});
    }
    const std::string bound = link->socket().get(zmq::sockopt::last_endpoint);
    const auto address = base::parse_address(bound, port);
    return {std::move(link), address ? address->port : port};
}

std::unique_ptr<Link> connect_worker_link(const std::string& host, int port) {
    auto link = std::make_unique<ZmqLink>(zmq::socket_type::dealer);
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
