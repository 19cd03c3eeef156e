#include "load/pacer.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace boom::load {
namespace {

constexpr double kNsPerSecond = 1e9;
// The clock counts nanoseconds: slots cannot be closer than that.
constexpr double kMaxRequestsPerSecond = 1e9;
// A slot further away than any run lasts is never reached, and must not overflow.
constexpr double kNeverNs = 100.0 * 365 * 86400 * 1e9;

Pacer::Share checked(Pacer::Share share) {
    BOOM_ASSERT(share.requests_per_second >= 0);
    BOOM_ASSERT(share.phase >= 0);
    BOOM_ASSERT(share.phase < 1);
    share.requests_per_second = std::min(share.requests_per_second, kMaxRequestsPerSecond);
    return share;
}

}  // namespace

Pacer::Pacer(Share share, base::TimePoint start) : share_(checked(share)), origin_(start) {}

double Pacer::slot_position(base::TimePoint time) const {
    return static_cast<double>((time - origin_).count()) * share_.requests_per_second /
               kNsPerSecond -
           share_.phase;
}

std::optional<base::TimePoint> Pacer::take_slot(base::TimePoint now) {
    if (share_.requests_per_second <= 0) {
        return std::nullopt;
    }
    // The latest slot that is due may still be used; those before it are lost.
    next_slot_ = std::max(next_slot_, static_cast<std::int64_t>(std::floor(slot_position(now))));
    // Computed from the origin every time, so that rounding does not add up to a drift.
    const double offset_ns = std::ceil((static_cast<double>(next_slot_) + share_.phase) *
                                       kNsPerSecond / share_.requests_per_second);
    if (offset_ns > kNeverNs) {
        return std::nullopt;
    }
    ++next_slot_;
    last_given_ = std::max(origin_ + base::Duration(static_cast<std::int64_t>(offset_ns)), now);
    return last_given_;
}

void Pacer::adjust(Share share, base::TimePoint now) {
    share = checked(share);
    if (share == share_) {
        return;
    }
    share_ = share;
    next_slot_ = 0;
    if (share_.requests_per_second <= 0) {
        return;
    }
    // Without the distance to the last slot, frequent changes would each give a slot for nothing.
    // A slot already given in the future does not hold up the new rate.
    double position = slot_position(now);
    if (last_given_) {
        position = std::max(position, slot_position(std::min(*last_given_, now)) + 1);
    }
    next_slot_ = std::max(next_slot_, static_cast<std::int64_t>(std::ceil(position)));
}

}  // namespace boom::load
