#include "cluster/distance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace boom::cluster {
namespace {

constexpr std::size_t kMostNamed = 8;

struct Way {
    std::string name;
    std::int64_t us = 0;
};

// Of each worker, whatever the number of its parts; the nearest first.
std::vector<Way> ways_of(const std::vector<WorkerTally>& tallies) {
    std::map<std::string, stats::Health> by_worker;
    for (const WorkerTally& tally : tallies) {
        by_worker[tally.name.empty() ? tally.id : tally.name].add(tally.health);
    }
    std::vector<Way> ways;
    for (const auto& [name, health] : by_worker) {
        if (health.connects >= kFewestConnects) {
            ways.push_back({name, health.connect_min_us});
        }
    }
    std::ranges::stable_sort(ways, {}, &Way::us);
    return ways;
}

std::string text_of(const Way& way) {
    return fmt::format("{} {:.1f} ms", way.name, static_cast<double>(way.us) / 1000);
}

}  // namespace

std::string unlike_distances(const std::vector<WorkerTally>& tallies) {
    const std::vector<Way> ways = ways_of(tallies);
    if (ways.empty()) {
        return {};
    }
    const std::int64_t limit_us =
        std::max(kFarTimes * ways.front().us, ways.front().us + base::to_us(kFarAtLeast));
    const auto far = std::ranges::lower_bound(ways, limit_us, {}, &Way::us);
    if (far == ways.end()) {
        return {};
    }
    std::string text;
    std::size_t named = 0;
    for (auto way = ways.end(); way != far && named < kMostNamed; ++named) {
        text += (text.empty() ? "" : ", ") + text_of(*--way);
    }
    const auto count = static_cast<std::size_t>(ways.end() - far);
    if (count > named) {
        text += fmt::format(" and {} more", count - named);
    }
    return fmt::format(
        "{}: a connection takes {} at least, {} where it is nearest; the response times hold both",
        kUnlikeDistances, text, text_of(ways.front()));
}

}  // namespace boom::cluster
