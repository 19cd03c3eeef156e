#include "blocking_client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace boom::test {
namespace {

// The kernel interrupts calls for the work of an io_uring that this process had.
template <typename Call>
ssize_t uninterrupted(const Call& call) {
    ssize_t count = -1;
    do {
        count = call();
    } while (count < 0 && errno == EINTR);
    return count;
}

// Not by Catch: its assertions are for one thread, and these are made in several.
void require(bool holds, const char* what) {
    if (!holds) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

}  // namespace

BlockingClient::BlockingClient(int port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    require(descriptor_ >= 0, "socket");
    // A server that never answers fails the test instead of stopping it.
    const timeval limit{60, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    require(::connect(descriptor_, raw, sizeof address) == 0, "connect");
}

BlockingClient::~BlockingClient() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

BlockingClient::BlockingClient(BlockingClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

void BlockingClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t count = uninterrupted(
            [&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
        require(count > 0, "send");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string BlockingClient::receive_some() const {
    std::string buffer(65536, '\0');
    const ssize_t count =
        uninterrupted([&] { return ::recv(descriptor_, buffer.data(), buffer.size(), 0); });
    buffer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return buffer;
}

std::string BlockingClient::receive(std::size_t size) const {
    std::string all;
    while (all.size() < size) {
        const std::string piece = receive_some();
        if (piece.empty()) {
            break;
        }
        all += piece;
    }
    return all;
}

std::string BlockingClient::receive_all() const {
    return receive(std::numeric_limits<std::size_t>::max());
}

void BlockingClient::end_sending() const {
    ::shutdown(descriptor_, SHUT_WR);
}

}  // namespace boom::test
