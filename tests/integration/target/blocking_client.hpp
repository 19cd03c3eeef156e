#pragma once
// A TCP client that blocks, for tests of a server with threads of its own; throws what the system
// complains of. One thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace boom::test {

class BlockingClient {
public:
    explicit BlockingClient(int port);
    ~BlockingClient();
    BlockingClient(BlockingClient&& other) noexcept;
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;

    void send(std::string_view bytes) const;
    // At least `size` bytes, or what came until the end.
    [[nodiscard]] std::string receive(std::size_t size) const;
    [[nodiscard]] std::string receive_all() const;
    // Whatever one call gives; empty at the end.
    [[nodiscard]] std::string receive_some() const;
    void end_sending() const;

private:
    int descriptor_;
};

}  // namespace boom::test
