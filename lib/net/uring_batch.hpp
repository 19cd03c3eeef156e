#pragma once
// How many completions a turn waits for. Several at once save wake-ups, but delay the first of
// them by up to a window; so that times stay true it is done only while the loop has no idle time
// (design D2b): then a completion waits for the loop anyway. One thread.

#include "base/units.hpp"

#include <cstddef>

namespace boom::net {

using base::Duration;
using base::TimePoint;

class UringBatch {
public:
    static constexpr Duration kWindow = std::chrono::microseconds(100);

    [[nodiscard]] unsigned at_least() const { return at_least_; }
    // After each wait: when it began and ended, how many were complete, of how many streams.
    void on_waited(TimePoint end, unsigned complete, std::size_t streams);

private:
    static constexpr Duration kPeriod = std::chrono::milliseconds(10);
    static constexpr Duration kRest = std::chrono::milliseconds(100);
    static constexpr std::size_t kFewStreams = 40;
    static constexpr unsigned kMost = 64;

    void judge(TimePoint end, std::size_t streams);

    unsigned at_least_ = 1;
    unsigned waits_ = 0;        // of this period
    unsigned short_waits_ = 0;  // those that the window ended
    TimePoint period_began_{};
    Duration cpu_began_{};
    TimePoint resting_until_{};
};

}  // namespace boom::net
