#pragma once
// Whether the workers of a run are equally near to what they load. Pure.

#include "cluster/run.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace boom::cluster {

// A worker's fastest connect is the way to the target and back, whatever keeps its machine busy.
// Fewer connects than this say little.
inline constexpr std::int64_t kFewestConnects = 3;
// So many times the nearest worker's, and so much more: below it nobody's figures change.
inline constexpr std::int64_t kFarTimes = 3;
inline constexpr base::Duration kFarAtLeast = std::chrono::milliseconds(5);

inline constexpr std::string_view kUnlikeDistances = "workers are unlike far from the target";

// Names those that stand much farther away than the nearest, with figures; empty: none does.
[[nodiscard]] std::string unlike_distances(const std::vector<WorkerTally>& tallies);

}  // namespace boom::cluster
