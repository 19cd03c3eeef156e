#include "net/socket_fate.hpp"

// The kernel's own header: glibc's struct tcp_info ends before the byte counters.
#include <cstddef>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace boom::net {
namespace {

constexpr int kTcpEstablished = 1;  // TCP_ESTABLISHED, which that header lacks

}  // namespace

bool is_surely_unread(int descriptor, std::int64_t bytes) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (bytes <= 0 || ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) {
        return false;
    }
    // The SYN counts as one acknowledged byte.
    const auto sent = static_cast<std::int64_t>(info.tcpi_bytes_sent - info.tcpi_bytes_retrans) + 1;
    const auto acknowledged = static_cast<std::int64_t>(info.tcpi_bytes_acked);
    return info.tcpi_state != kTcpEstablished && sent - acknowledged >= bytes;
}

}  // namespace boom::net
