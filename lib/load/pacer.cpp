#include "load/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::load {

Pacer::Pacer(Share share) : share_(std::move(share)) {}

std::int64_t Pacer::slots_until(base::Duration time) const {
    // Slot 0 lies at the start; the rounding of the integral must not lose a slot at `time` itself.
    return static_cast<std::int64_t>(std::floor(share_.ceiling.integral(time) + 1e-6)) + 1;
}

std::optional<base::Duration> Pacer::take_slot(base::Duration now) {
    if (share_.stripe.is_empty()) {
        return std::nullopt;
    }
    // The latest slot that is due may still be used; those before it are lost.
    next_own_ = std::max(next_own_, share_.stripe.first_from(slots_until(now)) - 1);
    const auto due = share_.ceiling.when(static_cast<double>(share_.stripe.global(next_own_)));
    if (!due) {
        return std::nullopt;
    }
    ++next_own_;
    return std::max(*due, now);
}

void Pacer::adjust(Share share, base::Duration now) {
    share_ = std::move(share);
    // The ceiling's base continues the count, so frequent changes give no slot for nothing.
    next_own_ = share_.stripe.is_empty() ? 0 : share_.stripe.first_from(slots_until(now));
}

}  // namespace boom::load
