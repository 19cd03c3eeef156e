#pragma once
// One io_uring with receive buffers: what the kernel offers, without knowing streams.
// Created in any thread; from the first wait on it belongs to the thread that waits.
// Needs Linux 6.1 (DEFER_TASKRUN, multishot receive); see io_uring(7), io_uring_enter(2).

#include "base/units.hpp"
#include "net/uring_buffers.hpp"

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace boom::net {

using base::Duration;

class Uring {
public:
    // Null where the kernel, or who set up this machine, does not allow it.
    [[nodiscard]] static std::unique_ptr<Uring> create();
    ~Uring();
    Uring(const Uring&) = delete;
    Uring& operator=(const Uring&) = delete;

    // To be filled by an io_uring_prep_…(), then given its user_data. Goes to the kernel with the
    // next wait, or earlier when the queue is full: what it points to must stay until completed.
    [[nodiscard]] io_uring_sqe& next_entry();
    // Counts the hand-overs to the kernel, from 1: entries of the present batch are still ours.
    [[nodiscard]] std::uint32_t batch() const { return batch_; }
    // The entries of the present batch with that user_data do nothing any more.
    void withdraw(std::uint64_t user_data);

    struct Wait {
        unsigned at_least = 1;  // completions; 0 = do not sleep
        // Besides these, which come with the hand-over. Needs has_min_wait().
        unsigned at_once = 0;
        // Wait this long for all of them, then be content with one. Needs has_min_wait().
        Duration window = Duration::zero();
        Duration timeout = Duration::max();
    };
    void submit_and_wait(const Wait& wait);
    [[nodiscard]] bool has_min_wait() const { return has_min_wait_; }

    [[nodiscard]] unsigned ready() const { return io_uring_cq_ready(&ring_); }
    // The user_data of the one that take() gives after `index` others. REQUIRES: ready() > index.
    [[nodiscard]] std::uint64_t peek(unsigned index) const {
        return ring_.cq.cqes[(*ring_.cq.khead + index) & *ring_.cq.kring_mask].user_data;
    }
    // REQUIRES: ready() > 0. A copy: its place is the kernel's again.
    [[nodiscard]] io_uring_cqe take();

    [[nodiscard]] UringBuffers& buffers() { return buffers_; }

private:
    static constexpr unsigned kEntries = 2048;
    static constexpr unsigned kCompletions = 16384;

    Uring() = default;
    [[nodiscard]] bool set_up();
    void enable();
    void queue_waiting();
    // Returns what io_uring_enter() did: a count, or a negative errno.
    int enter(unsigned at_least, unsigned flags, const void* argument, std::size_t size);

    io_uring ring_{};
    UringBuffers buffers_;
    std::deque<io_uring_sqe> waiting_;  // asked for before the ring has its thread or has room
    std::uint32_t batch_ = 1;
    bool is_set_up_ = false;
    bool is_enabled_ = false;
    bool has_min_wait_ = false;
};

}  // namespace boom::net
