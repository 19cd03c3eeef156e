#include "integration/report/silent_port.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace boom::test {
namespace {

// Whole request: head and as many bytes as it announces.
bool is_complete(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) {
        return false;
    }
    const std::string lower = base::to_lower(request.substr(0, head));
    const std::size_t length = lower.find("content-length: ");
    if (length == std::string::npos) {
        return true;
    }
    const std::size_t begin = length + 16;
    const auto size = base::parse_integer(
        std::string_view(lower).substr(begin, lower.find("\r\n", begin) - begin));
    return size && request.size() >= head + 4 + static_cast<std::size_t>(*size);
}

}  // namespace

SilentPort::SilentPort() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
    socklen_t size = sizeof address;
    BOOM_ASSERT(::bind(descriptor_, raw, size) == 0);
    BOOM_ASSERT(::listen(descriptor_, 10) == 0);
    BOOM_ASSERT(::getsockname(descriptor_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
}

SilentPort::~SilentPort() {
    ::close(descriptor_);
}

std::string SilentPort::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

OneAnswerServer::OneAnswerServer(int status) : status_(status), thread_([this] { serve(); }) {}

OneAnswerServer::~OneAnswerServer() {
    (void)stop();
}

std::string OneAnswerServer::stop() {
    is_stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
    return received_;
}

void OneAnswerServer::serve() {
    while (!is_stopping_) {
        pollfd waiting{descriptor_, POLLIN, 0};
        if (::poll(&waiting, 1, 20) != 1) {
            continue;
        }
        const int client = ::accept(descriptor_, nullptr, nullptr);
        std::string request;
        std::array<char, 65536> buffer{};
        while (!is_complete(request)) {
            const ssize_t size = ::recv(client, buffer.data(), buffer.size(), 0);
            if (size <= 0) {
                break;
            }
            request.append(buffer.data(), static_cast<std::size_t>(size));
        }
        received_ += request + "\n";
        const std::string answer =
            fmt::format("HTTP/1.1 {} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status_);
        (void)::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(client);
        ++requests_;
    }
}

}  // namespace boom::test
