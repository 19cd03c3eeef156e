#pragma once
// A ceiling on requests per second, spread evenly inside the second: a pure function of time.

#include "base/units.hpp"

#include <cstdint>
#include <optional>

namespace boom::load {

// One share of a global ceiling: slot k lies at start + (k + phase) / rate. A slot may be used
// until the next one is due, then it is lost: slots do not accumulate. So one share passes at most
// rate·t + 2 in any window of length t, and all shares together at most ceiling·t + 1 since the
// start when their phases are spread evenly and nothing was adjusted. One thread.
class Pacer {
public:
    struct Share {
        double requests_per_second = 0;  // 0 = nothing may pass
        double phase = 0;                // [0, 1): position of the first slot, in own intervals
        bool operator==(const Share&) const = default;
    };
    Pacer(Share share, base::TimePoint start);

    // The time from which the next request may be sent; it takes that slot. Empty: never.
    // Calls must not go back in time.
    [[nodiscard]] std::optional<base::TimePoint> take_slot(base::TimePoint now);
    // Changes the share; slots already given stay given, the next one keeps the new distance from
    // the last one that is not in the future.
    void adjust(Share share, base::TimePoint now);

private:
    // How many own slots after the origin, less the phase: slot k is at position k.
    [[nodiscard]] double slot_position(base::TimePoint time) const;

    Share share_;
    base::TimePoint origin_;
    std::int64_t next_slot_ = 0;
    std::optional<base::TimePoint> last_given_;
};

}  // namespace boom::load
