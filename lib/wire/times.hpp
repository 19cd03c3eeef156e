#pragma once
// Which times a message may carry: whoever decodes one refuses the others.

#include <chrono>
#include <cstdint>

namespace boom::wire {

// Seconds of a run: none lasts longer.
inline constexpr std::int64_t kMaxSecond = std::int64_t{100} * 365 * 86400;

// A delay, or a time since the start, that does not overflow as a Duration nor added to one.
template <typename Unit>
[[nodiscard]] constexpr bool can_be(Unit time) {
    return time >= Unit::zero() && time <= std::chrono::seconds(kMaxSecond);
}

}  // namespace boom::wire
