#include "target/stall.hpp"

namespace boom::target {

void Stall::set(base::TimePoint from, base::Duration length) {
    // In between there is no pause, never a mixture of two.
    until_ns_.store(0);
    from_ns_.store(from.time_since_epoch().count());
    until_ns_.store((from + length).time_since_epoch().count());
}

base::TimePoint Stall::release(base::TimePoint due) const {
    const std::int64_t until_ns = until_ns_.load();
    const std::int64_t due_ns = due.time_since_epoch().count();
    return due_ns >= from_ns_.load() && due_ns < until_ns
               ? base::TimePoint(base::Duration(until_ns))
               : due;
}

}  // namespace boom::target
