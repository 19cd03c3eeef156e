#include "load/striping.hpp"

#include "base/assert.hpp"
#include "load/split.hpp"

#include <algorithm>
#include <numeric>

namespace boom::load {
namespace {

// Longer periods cost memory and say nothing more: weights are then rounded to parts of this.
constexpr std::int64_t kLongestPeriod = 100'000;

std::vector<std::int64_t> shortest(std::span<const std::int64_t> weights) {
    std::vector<std::int64_t> result(weights.begin(), weights.end());
    std::int64_t divisor = 0;
    std::int64_t sum = 0;
    for (const std::int64_t weight : result) {
        divisor = std::gcd(divisor, weight);
        sum += weight;
    }
    if (divisor == 0) {
        return result;
    }
    for (std::int64_t& weight : result) {
        weight /= divisor;
    }
    return sum / divisor > kLongestPeriod ? split(kLongestPeriod, result) : result;
}

}  // namespace

Striping::Striping(std::span<const std::int64_t> weights, std::size_t index) {
    BOOM_ASSERT(index < weights.size());
    const std::vector<std::int64_t> parts = shortest(weights);
    positions_ = ordinals_of(parts, index);
    period_ =
        std::max<std::int64_t>(1, std::accumulate(parts.begin(), parts.end(), std::int64_t{0}));
}

Striping Striping::everything() {
    Striping result;
    result.positions_ = {0};
    return result;
}

Striping Striping::within(const Striping& outer) const {
    Striping result;
    if (is_empty() || outer.is_empty()) {
        return result;
    }
    // Both patterns begin again together after this many of the outer's own events.
    const auto outer_count = static_cast<std::int64_t>(outer.positions_.size());
    const std::int64_t events = std::lcm(period_, outer_count);
    result.period_ = events / outer_count * outer.period_;
    const auto own = events / period_ * static_cast<std::int64_t>(positions_.size());
    result.positions_.reserve(static_cast<std::size_t>(own));
    for (std::int64_t n = 0; n < own; ++n) {
        result.positions_.push_back(outer.global(global(n)));
    }
    return result;
}

std::int64_t Striping::global(std::int64_t n) const {
    BOOM_ASSERT(n >= 0 && !positions_.empty());
    const auto count = static_cast<std::int64_t>(positions_.size());
    return n / count * period_ + positions_[static_cast<std::size_t>(n % count)];
}

std::int64_t Striping::first_from(std::int64_t number) const {
    BOOM_ASSERT(!positions_.empty());
    if (number <= 0) {
        return 0;
    }
    const auto place = std::lower_bound(positions_.begin(), positions_.end(), number % period_);
    return number / period_ * static_cast<std::int64_t>(positions_.size()) +
           (place - positions_.begin());
}

double Striping::fraction() const {
    return static_cast<double>(positions_.size()) / static_cast<double>(period_);
}

}  // namespace boom::load
