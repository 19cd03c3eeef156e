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

struct ConnectingSocket {
    int descriptor = -1;
    int error = 0;  // errno when it is already known that it cannot connect
};
// Descriptor -1 with errno set when no socket can be made. A source address is bound without a
// port: that is chosen with the peer in view, so that one local port can serve connections to many
// peers.
[[nodiscard]] ConnectingSocket start_connecting(const EventLoop::Endpoint& to);
// Of a socket to be connected. Else the kernel takes the even ports first: from the moment when
// half of the ports to one peer are in use, each connect() looks through that half in vain,
// milliseconds. Does nothing where the kernel is too old.
void search_ports_evenly(int descriptor);
// The errors of accept() after which waiting for descriptors helps.
[[nodiscard]] bool is_out_of_descriptors(int error);
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
