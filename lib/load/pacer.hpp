#pragma once
// A ceiling on requests per second, spread evenly inside the second: a pure function of time.

#include "base/units.hpp"
#include "load/curve.hpp"
#include "load/striping.hpp"

#include <cstdint>
#include <optional>

namespace boom::load {

// The send slots of one thread. Slot k of the fleet lies where the integral of the ceiling reaches
// k; a thread has the slots of its stripe, so all threads together have the slots of one. A slot
// may be used until the next own one is due, then it is lost: slots do not accumulate. Times count
// from the start of the run. One thread.
class Pacer {
public:
    struct Share {
        Curve ceiling;    // of the fleet, requests per second
        Striping stripe;  // empty = nothing may pass
    };
    explicit Pacer(Share share);

    // The time from which the next request may be sent; it takes that slot. Empty: never.
    // Calls must not go back in time.
    [[nodiscard]] std::optional<base::Duration> take_slot(base::Duration now);
    // Changes the share. Slots given for later than `now` are void: who holds one asks again.
    void adjust(Share share, base::Duration now);

private:
    // How many slots of the fleet lie at or before that time.
    [[nodiscard]] std::int64_t slots_until(base::Duration time) const;

    Share share_;
    std::int64_t next_own_ = 0;
};

}  // namespace boom::load
