#pragma once
// The timers of one loop: a quaternary heap whose entries know their place, so that starting and
// cancelling cost O(log n) and nothing dead is kept. Equal due times keep their order of starting.
// One thread. Pure: the time comes from outside.

#include "base/units.hpp"
#include "net/event_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace boom::net {

class TimerQueue {
public:
    struct Expired {
        TimerListener* listener = nullptr;
        std::uint64_t key = 0;
    };

    TimerId start(TimePoint due, TimerListener& listener, std::uint64_t key);
    // One that is due already: O(1), it fires behind those that were started so before it.
    TimerId start_due(TimerListener& listener, std::uint64_t key);
    // False for a timer that fired, was cancelled or never was.
    bool cancel(TimerId timer);
    // Something was started with start_due().
    [[nodiscard]] bool has_due() const { return !line_.empty(); }
    // Of the others; empty when there is none.
    [[nodiscard]] std::optional<TimePoint> next_due() const;
    // Takes the earliest of the others out when it is due at `now`.
    [[nodiscard]] std::optional<Expired> take_due(TimePoint now);
    // Fires what is due. What a callback starts waits for the next call, so that it always ends.
    void fire_due(TimePoint now);
    [[nodiscard]] std::size_t size() const { return heap_.size(); }  // of the others

private:
    static constexpr std::uint32_t kNoSlot = 0xffffffff;
    static constexpr std::uint32_t kInLine = kNoSlot - 1;  // a position

    struct Node {
        TimePoint due{};
        std::uint64_t sequence = 0;
        std::uint32_t slot = 0;
    };
    struct Slot {
        TimerListener* listener = nullptr;
        std::uint64_t key = 0;
        std::uint32_t generation = 1;
        std::uint32_t position = 0;  // in the heap, or kInLine; the next free slot while unused
    };

    [[nodiscard]] TimerId take_slot(TimerListener& listener, std::uint64_t key);
    [[nodiscard]] Slot* find(TimerId timer);
    void free_slot(Slot& slot);
    [[nodiscard]] static bool is_before(const Node& a, const Node& b);
    void place(std::size_t position, const Node& node);
    void sift_up(std::size_t position, const Node& node);
    void sift_down(std::size_t position, const Node& node);
    void remove_at(std::size_t position);

    std::vector<Node> heap_;
    // Those that were due when they were started; some may be cancelled.
    std::vector<TimerId> line_, firing_;
    std::vector<Slot> slots_;
    std::uint32_t first_free_ = kNoSlot;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace boom::net
