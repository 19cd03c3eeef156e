#pragma once
// How many completions a turn waits for. Several at once save wake-ups, but delay the first of
// them by up to a window; so that times stay true it is done only while the loop has no idle time
// (design D2b): then a completion waits for the loop anyway. Or within the delay that the user of
// the loop bears, where enough completes in it. One thread.

#include "base/units.hpp"

#include <cstddef>

namespace boom::net {

using base::Duration;
using base::TimePoint;

class UringBatch {
public:
    // Of a loop without idle time.
    static constexpr Duration kWindow = std::chrono::microseconds(100);

    [[nodiscard]] unsigned at_least() const { return at_least_; }
    // Only so long, then one is enough.
    [[nodiscard]] Duration window() const { return window_; }

    void bear_delay(Duration most) { borne_ = most; }

    struct Turn {
        TimePoint at;  // when its wait ended
        unsigned complete = 0;
        bool has_waited = false;
    };
    void on_turn(const Turn& turn, std::size_t streams);

private:
    static constexpr Duration kPeriod = std::chrono::milliseconds(10);
    static constexpr Duration kRest = std::chrono::milliseconds(100);
    static constexpr std::size_t kFewStreams = 40;
    static constexpr unsigned kMost = 64;
    static constexpr double kWorthwhile = 2;  // completions in a window

    void judge(TimePoint end, std::size_t streams);
    // Has no idle time; and if it was so before, not while windows pass half empty, nor soon after.
    enum class Load { Idle, Busy };
    [[nodiscard]] bool stays_saturated(TimePoint end, Load load);

    unsigned at_least_ = 1;
    Duration window_ = kWindow;
    Duration borne_{};
    // Of this period:
    unsigned complete_ = 0;
    unsigned waits_ = 0;
    unsigned short_waits_ = 0;  // those that the window ended
    TimePoint period_began_{};
    Duration cpu_began_{};

    bool is_saturated_ = false;
    TimePoint resting_until_{};
};

}  // namespace boom::net
