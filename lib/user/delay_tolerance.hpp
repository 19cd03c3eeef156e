#pragma once
// What delay the recorded times bear: a loop that serves several answers with one wake-up sees the
// first of them late. All but the fastest hundredth of what a generator has measured just before
// are to be long against it. One thread.

#include "base/units.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace boom::user {

using base::Duration;
using base::TimePoint;

class DelayTolerance {
public:
    // Of the time that all but the fastest 1 % take: as the delay is at most that, and half of it
    // in the mean, such times are recorded 1 % too long at most.
    static constexpr double kShare = 0.02;
    static constexpr Duration kPeriod = std::chrono::milliseconds(100);
    static constexpr std::uint32_t kFewest = 100;  // measured in a period; else no delay

    // A time measured at `at`. True when a period is over: tolerance() may be another.
    bool note(TimePoint at, Duration time);
    [[nodiscard]] Duration tolerance() const { return tolerance_; }

private:
    // A quarter of an octave each, of microseconds; longer ones bear any delay that is of use.
    static constexpr std::size_t kBuckets = 64;

    [[nodiscard]] static std::size_t bucket_of(Duration time);
    [[nodiscard]] static Duration lower_bound_of(std::size_t bucket);
    void judge();

    std::array<std::uint32_t, kBuckets> counts_{};
    std::uint32_t total_ = 0;
    TimePoint period_began_{};
    Duration tolerance_{};
};

}  // namespace boom::user
