#include "load/arrival_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::load {

ArrivalSchedule::ArrivalSchedule(Curve rate, Striping stripe, Arrival arrival, std::uint64_t seed)
    : rate_(std::move(rate)),
      stripe_(std::move(stripe)),
      arrival_(arrival),
      walk_{base::Rng(seed)},
      taken_(walk_) {
    find_next();
}

double ArrivalSchedule::area_of(std::int64_t arrival) {
    if (arrival_ == Arrival::Constant) {
        return static_cast<double>(arrival);
    }
    // Everybody draws everybody's steps: a few nanoseconds each, and no split can change them.
    while (walk_.arrival < arrival) {
        walk_.area -= std::log1p(-walk_.rng.unit());
        ++walk_.arrival;
    }
    return walk_.area;
}

void ArrivalSchedule::find_next() {
    next_.reset();
    if (!stripe_.is_empty()) {
        next_ = rate_.when(area_of(stripe_.global(own_)));
    }
}

void ArrivalSchedule::take() {
    taken_ = walk_;
    ++own_;
    find_next();
}

void ArrivalSchedule::adjust(Curve rate, Striping stripe, base::Duration from) {
    rate_ = std::move(rate);
    stripe_ = std::move(stripe);
    next_.reset();
    if (stripe_.is_empty()) {
        return;
    }
    const double area = rate_.integral(from);
    // The rounding of the integral must not skip an arrival at `from` itself.
    auto first = static_cast<std::int64_t>(std::ceil(area - 1e-6));
    if (arrival_ == Arrival::Poisson) {
        walk_ = taken_;
        first = std::max<std::int64_t>(walk_.arrival, 0);
        while (area_of(first) < area) {
            ++first;
        }
    }
    own_ = stripe_.first_from(first);
    find_next();
}

std::int64_t arrivals_before(base::Duration time, const Curve& rate, Arrival arrival,
                             std::uint64_t seed) {
    const auto is_due = [&](double area) {
        const auto due = rate.when(area);
        return due && *due < time;
    };
    std::int64_t count = 0;
    if (arrival == Arrival::Constant) {
        // Rounding decides about the last one or two only.
        count = std::max<std::int64_t>(static_cast<std::int64_t>(rate.integral(time)) - 2, 0);
        while (is_due(static_cast<double>(count))) {
            ++count;
        }
        return count;
    }
    base::Rng rng(seed);
    for (double area = -std::log1p(-rng.unit()); is_due(area); area -= std::log1p(-rng.unit())) {
        ++count;
    }
    return count;
}

}  // namespace boom::load
