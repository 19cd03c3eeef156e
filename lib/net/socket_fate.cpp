#include "net/socket_fate.hpp"

// The kernel's own header: glibc's struct tcp_info ends before the byte counters.
#include <algorithm>
#include <cstddef>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace boom::net {
namespace {

constexpr int kTcpEstablished = 1;  // TCP_ESTABLISHED, which that header lacks

}  // namespace

std::optional<SocketBytes> read_socket_bytes(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) {
        return std::nullopt;
    }
    SocketBytes bytes;
    bytes.sent = static_cast<std::int64_t>(info.tcpi_bytes_sent - info.tcpi_bytes_retrans);
    // The SYN counts as one acknowledged byte.
    bytes.acknowledged =
        std::max<std::int64_t>(static_cast<std::int64_t>(info.tcpi_bytes_acked), 1);
    --bytes.acknowledged;
    bytes.is_established = info.tcpi_state == kTcpEstablished;
    return bytes;
}

bool is_surely_unread(int descriptor, std::int64_t bytes) {
    const auto known = read_socket_bytes(descriptor);
    return bytes > 0 && known && !known->is_established &&
           known->sent - known->acknowledged >= bytes;
}

}  // namespace boom::net
