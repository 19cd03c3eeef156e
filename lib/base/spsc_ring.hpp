#pragma once
// A bounded queue between exactly one producer thread and one consumer thread, without locks.
// When full, push() refuses and the producer keeps its item.

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace boom::base {

template <typename T, std::size_t Capacity>
class SpscRing {
    static_assert(Capacity > 0 && (Capacity & (Capacity - 1)) == 0, "a power of two");

public:
    // Producer thread. False (item untouched) when the ring is full.
    [[nodiscard]] bool push(T&& item) {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_acquire) == Capacity) {
            return false;
        }
        items_[head % Capacity] = std::move(item);
        head_.store(head + 1, std::memory_order_release);
        return true;
    }
    // Consumer thread.
    [[nodiscard]] std::optional<T> pop() {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_.load(std::memory_order_acquire)) {
            return std::nullopt;
        }
        std::optional<T> item(std::move(items_[tail % Capacity]));
        tail_.store(tail + 1, std::memory_order_release);
        return item;
    }

private:
    // Producer and consumer write different cache lines.
    alignas(64) std::atomic<std::size_t> head_{0};
    alignas(64) std::atomic<std::size_t> tail_{0};
    alignas(64) std::array<T, Capacity> items_{};
};

}  // namespace boom::base
