#pragma once
// What a load box said of itself in its last second, for /workers and /events. Plain data.

#include "stats/health.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace boom::web {

// Of several boxes: the worst.
struct HealthRow {
    stats::Health health;
    std::int64_t lateness_p99_us = 0;

    // Every figure under its name in JSON; the threads' CPU stands beside them.
    [[nodiscard]] std::vector<std::pair<std::string_view, double>> figures() const;
};

}  // namespace boom::web
