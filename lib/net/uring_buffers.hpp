#pragma once
// The receive buffers of an io_uring: most are with the kernel, which fills them in turn, the spare
// ones are not. One thread.

#include "net/uring_demand.hpp"

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
    void end_turn();
    // A receive found no buffer.
    void note_shortage() { demand_.on_shortage(); }

private:
    static constexpr unsigned kBuffers = UringDemand::kMost;
    static constexpr std::size_t kBytes = 4096;

    void provide(std::uint16_t index);

    io_uring_buf_ring* ring_ = nullptr;  // mapped
    std::vector<char> memory_;
    UringDemand demand_;
    std::vector<std::uint16_t> spare_;
    unsigned provided_ = 0;
    unsigned filled_ = 0;  // in this turn
};

}  // namespace boom::net
