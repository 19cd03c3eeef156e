#pragma once
// The receive buffers of an io_uring: the kernel has them and fills them in turn. One thread.

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace boom::net {

class UringBuffers {
public:
    static constexpr std::uint16_t kGroup = 0;

    UringBuffers() = default;
    ~UringBuffers();
    UringBuffers(const UringBuffers&) = delete;
    UringBuffers& operator=(const UringBuffers&) = delete;
    // False where the kernel refuses. The ring is closed before its buffers end.
    [[nodiscard]] bool set_up(io_uring& ring);

    // The bytes of a receive; give_back() when they have been used.
    [[nodiscard]] std::string_view received(const io_uring_cqe& completion) const;
    void give_back(const io_uring_cqe& completion);

private:
    static constexpr unsigned kBuffers = 1024;
    static constexpr std::size_t kBytes = 4096;

    void provide(std::uint16_t index);

    io_uring_buf_ring* ring_ = nullptr;  // mapped
    std::vector<char> memory_;
};

}  // namespace boom::net
