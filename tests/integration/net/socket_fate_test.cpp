#include "net/socket_fate.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace boom::test {
namespace {

// Both ends of a connection through the loopback interface.
class Connection {
public:
    Connection() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* raw = static_cast<sockaddr*>(static_cast<void*>(&address));
        socklen_t size = sizeof address;
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        REQUIRE(::bind(listener, raw, size) == 0);
        REQUIRE(::listen(listener, 1) == 0);
        REQUIRE(::getsockname(listener, raw, &size) == 0);
        client = ::socket(AF_INET, SOCK_STREAM, 0);
        REQUIRE(::connect(client, raw, size) == 0);
        server = ::accept(listener, nullptr, nullptr);
        REQUIRE(server >= 0);
        ::close(listener);
    }
    ~Connection() {
        ::close(client);
        close_server();
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void close_server() {
        if (server >= 0) {
            ::close(server);
            server = -1;
        }
    }
    static void send(int from, const std::string& text) {
        REQUIRE(::send(from, text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }
    static void receive(int to, std::size_t bytes) {
        std::string text(bytes, '\0');
        REQUIRE(::recv(to, text.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes));
    }
    // Waits until the end of the connection has arrived.
    void await_end() const {
        pollfd wanted{client, POLLRDHUP, 0};
        REQUIRE(::poll(&wanted, 1, 10'000) == 1);
    }

    int client = -1;
    int server = -1;
};

constexpr std::int64_t kRequest = 100;

TEST_CASE("socket fate: bytes sent after the peer's end are surely unread", "[net]") {
    const bool is_used_before = GENERATE(false, true);
    Connection connection;
    if (is_used_before) {
        Connection::send(connection.client, std::string(1000, 'r'));
        Connection::receive(connection.server, 1000);
        Connection::send(connection.server, std::string(2000, 'a'));
        Connection::receive(connection.client, 2000);
    }
    connection.close_server();
    connection.await_end();
    Connection::send(connection.client, std::string(kRequest, 'r'));
    CHECK(net::is_surely_unread(connection.client, kRequest));
    CHECK_FALSE(net::is_surely_unread(connection.client, kRequest + 1));
}

TEST_CASE("socket fate: bytes that the peer took before its end may be read", "[net]") {
    Connection connection;
    Connection::send(connection.client, std::string(kRequest, 'r'));
    Connection::receive(connection.server, kRequest);
    connection.close_server();
    connection.await_end();
    CHECK_FALSE(net::is_surely_unread(connection.client, kRequest));
}

TEST_CASE("socket fate: nothing is sure while the connection lives", "[net]") {
    const Connection connection;
    CHECK_FALSE(net::is_surely_unread(connection.client, kRequest));
    Connection::send(connection.client, std::string(kRequest, 'r'));
    CHECK_FALSE(net::is_surely_unread(connection.client, kRequest));
    CHECK_FALSE(net::is_surely_unread(-1, kRequest));
    CHECK_FALSE(net::is_surely_unread(connection.client, 0));
}

}  // namespace
}  // namespace boom::test
