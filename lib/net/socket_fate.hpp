#pragma once
// What became of the last bytes that were sent on a TCP socket. Any thread.

#include <cstdint>
#include <optional>

namespace boom::net {

// True when the peer had ended the connection before it got the last `bytes` that were sent: it
// cannot have read them. False as well when the kernel does not tell.
[[nodiscard]] bool is_surely_unread(int descriptor, std::int64_t bytes);

// What a TCP connection did with the bytes of its life.
struct SocketBytes {
    std::int64_t sent = 0;  // left this machine, each byte counted once
    std::int64_t acknowledged = 0;
    bool is_established = false;  // neither side has ended it
};
// Empty when the kernel does not tell.
[[nodiscard]] std::optional<SocketBytes> read_socket_bytes(int descriptor);

}  // namespace boom::net
