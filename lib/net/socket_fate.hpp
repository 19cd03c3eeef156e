#pragma once
// What became of the last bytes that were sent on a TCP socket. Any thread.

#include <cstdint>

namespace boom::net {

// True when the peer had ended the connection before it got the last `bytes` that were sent: it
// cannot have read them. False as well when the kernel does not tell.
[[nodiscard]] bool is_surely_unread(int descriptor, std::int64_t bytes);

}  // namespace boom::net
