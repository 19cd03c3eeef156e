#pragma once
// When iterations start in the open model.

#include "base/rng.hpp"
#include "load/curve.hpp"
#include "load/stages.hpp"
#include "load/striping.hpp"

#include <cstdint>
#include <optional>

namespace boom::load {

// Constant: arrival k of the fleet is due when the integral of the rate reaches k. Poisson: when it
// reaches the sum of k exponential steps, drawn from a seed that is the same everywhere. A worker
// takes the arrivals of its stripe; the union over any split is the schedule of one. One thread.
class ArrivalSchedule {
public:
    ArrivalSchedule(Curve rate, Striping stripe, Arrival arrival, std::uint64_t seed);

    // Due time of our next arrival since the start of the run; empty when there is none any more.
    [[nodiscard]] std::optional<base::Duration> next() const { return next_; }
    void take();
    // A changed curve or stripe holds for arrivals that are due from `from` on.
    void adjust(Curve rate, Striping stripe, base::Duration from);

private:
    void find_next();
    [[nodiscard]] double area_of(std::int64_t arrival);  // never called for an earlier one

    // Poisson: the sum of the steps up to and with one arrival.
    struct Walk {
        base::Rng rng;
        std::int64_t arrival = -1;
        double area = 0;
    };

    Curve rate_;
    Striping stripe_;
    Arrival arrival_;
    Walk walk_;
    Walk taken_;            // at the last arrival that was taken: every walk passes there
    std::int64_t own_ = 0;  // the next own arrival within the stripe
    std::optional<base::Duration> next_;
};

// How many arrivals of the whole fleet are due before that time.
[[nodiscard]] std::int64_t arrivals_before(base::Duration time, const Curve& rate, Arrival arrival,
                                           std::uint64_t seed);

}  // namespace boom::load
