#pragma once
// The injected clock: real in production, set by hand in tests and simulations.

#include "base/units.hpp"

#include <string>

namespace boom::base {

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
};

// Any thread.
class SteadyClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override;
};

// One thread. Moves only when told to.
class ManualClock final : public Clock {
public:
    [[nodiscard]] TimePoint now() const override { return now_; }
    void advance(Duration by) { now_ += by; }
    void set(TimePoint to) { now_ = to; }

private:
    TimePoint now_{};
};

// Wall-clock time as RFC 3339 in UTC with milliseconds. For people and files only.
[[nodiscard]] std::string wall_time_rfc3339();

}  // namespace boom::base
