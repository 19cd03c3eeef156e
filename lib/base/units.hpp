#pragma once
// Strong types for what would otherwise be bare numbers, shared by all modules.

#include <chrono>
#include <compare>
#include <cstdint>

namespace boom::base {

// All durations are nanoseconds inside the program; files and messages name their unit.
using Duration = std::chrono::nanoseconds;
// A point on the steady clock of this process. Never compared between machines.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

// Events per second. Zero means "none at all", never "unlimited".
struct Rate {
    double per_second = 0;
    auto operator<=>(const Rate&) const = default;
};

// Index of a row in the catalog of a run (a step, a transaction); dense from 0.
struct StepId {
    std::int32_t value = -1;
    auto operator<=>(const StepId&) const = default;
    [[nodiscard]] bool is_valid() const { return value >= 0; }
};

[[nodiscard]] constexpr std::int64_t to_us(Duration d) {
    return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}
[[nodiscard]] constexpr std::int64_t to_ms(Duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}
[[nodiscard]] constexpr double to_seconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}
[[nodiscard]] constexpr Duration from_seconds(double seconds) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace boom::base
