#include "load/spawn.hpp"

#include "base/assert.hpp"

#include <cmath>

namespace boom::load {
namespace {

// No run lasts this long; a rate close to zero must not overflow the duration.
constexpr base::Duration kLatest = std::chrono::hours(24 * 365 * 100);

}  // namespace

base::Duration spawn_due(std::int64_t ordinal, double users_per_second) {
    BOOM_ASSERT(ordinal >= 0);
    BOOM_ASSERT(users_per_second > 0);
    const double due_ns = static_cast<double>(ordinal) / users_per_second * 1e9;
    if (due_ns >= static_cast<double>(kLatest.count())) {
        return kLatest;
    }
    return base::Duration(std::llround(due_ns));
}

}  // namespace boom::load
