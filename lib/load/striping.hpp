#pragma once
// Which of a sequence of events (arrivals, send slots) belong to one worker and one thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace boom::load {

// The n-th own event is number global(n) of the whole; all owners together have each number once,
// and each owner's are spread evenly. Immutable; any thread.
class Striping {
public:
    Striping() = default;  // nothing is ours
    // REQUIRES: index < weights.size(), weights >= 0. A weight of 0 gets nothing.
    Striping(std::span<const std::int64_t> weights, std::size_t index);
    [[nodiscard]] static Striping everything();

    // The events of one part of ours, split again by weight.
    [[nodiscard]] Striping within(const Striping& outer) const;

    [[nodiscard]] bool is_empty() const { return positions_.empty(); }
    // REQUIRES: n >= 0, not empty.
    [[nodiscard]] std::int64_t global(std::int64_t n) const;
    // The first own event whose number is at least `number`.
    [[nodiscard]] std::int64_t first_from(std::int64_t number) const;
    // Our part of the whole, 0 to 1.
    [[nodiscard]] double fraction() const;

private:
    std::int64_t period_ = 1;
    std::vector<std::int64_t> positions_;  // in [0, period_), ascending
};

}  // namespace boom::load
