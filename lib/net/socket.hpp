#pragma once
// TCP sockets as the loops want them: non-blocking, close-on-exec, without Nagle's delay.
// Any thread. Failures leave errno set.

#include "net/event_loop.hpp"

#include <optional>
#include <sys/socket.h>

namespace boom::net {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* raw() const;
    [[nodiscard]] int family() const { return storage.ss_family; }
};

// A literal IPv4 or IPv6 address with a port; empty (EINVAL) for anything else.
[[nodiscard]] std::optional<SocketAddress> to_socket_address(const EventLoop::Endpoint& endpoint);
[[nodiscard]] AcceptListener::Peer to_peer(const sockaddr_storage& storage);

// -1 on failure.
[[nodiscard]] int open_stream_socket(int family);
// Binds to an address, not yet to a port: that is chosen with the peer in view, so that one local
// port can serve connections to many peers. False with errno on failure.
[[nodiscard]] bool bind_source(int descriptor, const std::string& address);
struct ListeningSocket {
    int descriptor = -1;
    int port = 0;
};
// Empty on failure.
[[nodiscard]] std::optional<ListeningSocket> open_listening_socket(const EventLoop::Endpoint& at,
                                                                   EventLoop::PortSharing sharing);

void disable_nagle(int descriptor);
// The error that a socket holds; reading it clears it.
[[nodiscard]] int take_socket_error(int descriptor);
// Closing will send RST.
void set_reset_on_close(int descriptor);
// A peer that takes nothing any more is given up after a while.
void limit_unacknowledged_time(int descriptor);

}  // namespace boom::net
