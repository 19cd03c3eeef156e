#include "net/socket.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace boom::net {
namespace {

constexpr int kBacklog = 4096;
// IP_LOCAL_PORT_RANGE of linux/in.h, which cannot stand beside netinet/in.h.
constexpr int kLocalPortRange = 51;
constexpr int kMaxPort = 65535;
constexpr unsigned kUnacknowledgedLimitMs = 30'000;

bool set_flag(int descriptor, int level, int option) {
    const int on = 1;
    return ::setsockopt(descriptor, level, option, &on, sizeof on) == 0;
}

// The socket is closed, errno is the reason of the failure before.
std::optional<ListeningSocket> give_up(int descriptor) {
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return std::nullopt;
}

int open_stream_socket(int family) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        disable_nagle(descriptor);
        search_ports_evenly(descriptor);
    }
    return descriptor;
}

bool bind_source(int descriptor, const std::string& address) {
    const auto source = to_socket_address({address, 0});
    if (!source) {
        return false;
    }
    static_cast<void>(set_flag(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT));
    if (::bind(descriptor, source->raw(), source->size) == 0) {
        return true;
    }
    // Not to be taken for what connect() says when no port is left.
    errno = errno == EADDRNOTAVAIL ? EINVAL : errno;
    return false;
}

}  // namespace

const sockaddr* SocketAddress::raw() const {
    return static_cast<const sockaddr*>(static_cast<const void*>(&storage));
}

std::optional<SocketAddress> to_socket_address(const EventLoop::Endpoint& endpoint) {
    errno = EINVAL;
    if (endpoint.port < 0 || endpoint.port > kMaxPort) {
        return std::nullopt;
    }
    const auto port = htons(static_cast<std::uint16_t>(endpoint.port));
    SocketAddress result;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = port;
        std::memcpy(&result.storage, &v4, sizeof v4);
        result.size = sizeof v4;
        return result;
    }
    if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = port;
        std::memcpy(&result.storage, &v6, sizeof v6);
        result.size = sizeof v6;
        return result;
    }
    errno = EINVAL;
    return std::nullopt;
}

AcceptListener::Peer to_peer(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    AcceptListener::Peer peer;
    if (storage.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage, sizeof v6);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        peer.port = ntohs(v6.sin6_port);
    } else {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        peer.port = ntohs(v4.sin_port);
    }
    peer.address = text.data();
    return peer;
}

ConnectingSocket start_connecting(const EventLoop::Endpoint& to) {
    ConnectingSocket socket;
    const auto address = to_socket_address(to);
    if (!address) {
        return socket;
    }
    socket.descriptor = open_stream_socket(address->family());
    if (socket.descriptor < 0) {
        return socket;
    }
    const bool is_bound = to.source.empty() || bind_source(socket.descriptor, to.source);
    const bool is_connected =
        is_bound && ::connect(socket.descriptor, address->raw(), address->size) == 0;
    socket.error = is_connected || errno == EINPROGRESS ? 0 : errno;
    return socket;
}

// With a range of its own, the kernel tries every port of it from a random one on (Linux 6.8). It
// is cut to that of the machine; this one holds any.
void search_ports_evenly(int descriptor) {
    constexpr std::uint32_t kAnyPort = 65535U << 16U | 1U;
    static_cast<void>(
        ::setsockopt(descriptor, IPPROTO_IP, kLocalPortRange, &kAnyPort, sizeof kAnyPort));
}

bool is_out_of_descriptors(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::optional<ListeningSocket> open_listening_socket(const EventLoop::Endpoint& at,
                                                     EventLoop::PortSharing sharing) {
    const auto address = to_socket_address(at);
    if (!address) {
        return std::nullopt;
    }
    const int descriptor =
        ::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return std::nullopt;
    }
    const bool is_shared = sharing == EventLoop::PortSharing::Shared;
    if (!set_flag(descriptor, SOL_SOCKET, SO_REUSEADDR) ||
        (is_shared && !set_flag(descriptor, SOL_SOCKET, SO_REUSEPORT)) ||
        ::bind(descriptor, address->raw(), address->size) != 0 ||
        ::listen(descriptor, kBacklog) != 0) {
        return give_up(descriptor);
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(descriptor, static_cast<sockaddr*>(static_cast<void*>(&bound)), &size) != 0) {
        return give_up(descriptor);
    }
    return ListeningSocket{descriptor, to_peer(bound).port};
}

void disable_nagle(int descriptor) {
    // Only an optimization: a socket without it still works.
    static_cast<void>(set_flag(descriptor, IPPROTO_TCP, TCP_NODELAY));
}

int take_socket_error(int descriptor) {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        return errno;
    }
    return error;
}

void set_reset_on_close(int descriptor) {
    const linger now{1, 0};
    static_cast<void>(::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now));
}

void limit_unacknowledged_time(int descriptor) {
    static_cast<void>(::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
                                   &kUnacknowledgedLimitMs, sizeof kUnacknowledgedLimitMs));
}

}  // namespace boom::net
