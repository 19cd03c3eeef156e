#include "user/delay_tolerance.hpp"

#include <algorithm>
#include <bit>

namespace boom::user {

using std::chrono::duration_cast;
using std::chrono::microseconds;

bool DelayTolerance::note(TimePoint at, Duration time) {
    ++counts_[bucket_of(time)];
    ++total_;
    if (at - period_began_ < kPeriod) {
        return false;
    }
    judge();
    counts_.fill(0);
    total_ = 0;
    period_began_ = at;
    return true;
}

// Two bits below the highest one choose the quarter.
std::size_t DelayTolerance::bucket_of(Duration time) {
    const auto micros = static_cast<std::uint64_t>(
        std::max(duration_cast<microseconds>(time).count(), Duration::rep{4}));
    const auto octave = static_cast<std::size_t>(std::bit_width(micros)) - 3;
    return std::min(octave * 4 + ((micros >> octave) & 3), kBuckets - 1);
}

Duration DelayTolerance::lower_bound_of(std::size_t bucket) {
    return microseconds((4 + bucket % 4) << (bucket / 4));
}

void DelayTolerance::judge() {
    tolerance_ = Duration::zero();
    if (total_ < kFewest) {
        return;
    }
    std::uint32_t faster = 0;
    std::size_t bucket = 0;
    while ((faster += counts_[bucket]) * 100 <= total_) {
        ++bucket;
    }
    tolerance_ = duration_cast<Duration>(lower_bound_of(bucket) * kShare);
}

}  // namespace boom::user
