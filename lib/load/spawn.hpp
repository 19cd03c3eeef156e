#pragma once
// When users start in the closed model.

#include "base/units.hpp"

#include <cstdint>

namespace boom::load {

// The n-th user of the whole fleet (from 0) is due n / rate after the start, whatever the split.
// REQUIRES: rate > 0.
[[nodiscard]] base::Duration spawn_due(std::int64_t ordinal, double users_per_second);

}  // namespace boom::load
