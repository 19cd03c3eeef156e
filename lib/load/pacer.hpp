#pragma once
// A ceiling on requests per second, spread evenly inside the second: a pure function of time.

#include "base/units.hpp"

#include <cstdint>
#include <optional>

namespace boom::load {

using base::Duration;
using base::TimePoint;

// One share of a global ceiling: the slots `phase`, `phase + 1`, … of an own rate. The slots of
// all shares together are those of the global ceiling: in any window of length t at most
// ceiling·t + shares pass, and over a run at most ceiling·t + 1 when the phases are spread.
// Unused slots do not accumulate. One thread.
class Pacer {
public:
    struct Share {
        double requests_per_second = 0;  // 0 = nothing may pass
        double phase = 0;                // [0, 1): position of the first slot, in own intervals
    };
    Pacer(Share share, TimePoint start);

    // The time from which the next request may be sent; it takes that slot. Empty: never.
    // Calls must not go back in time.
    [[nodiscard]] std::optional<TimePoint> take_slot(TimePoint now);
    // Changes the share; slots already given stay given.
    void adjust(Share share, TimePoint now);

private:
    Share share_;
    TimePoint next_{};
};

}  // namespace boom::load
