#pragma once
// How the rendezvous of the whole fleet stand: what a worker tells its master, and what that
// decides. Plain data.

#include <cstdint>
#include <utility>
#include <vector>

namespace boom::user {

// One case's rendezvous on one worker. They are reached in order: the number of releases says
// which of them gathers.
struct Gathering {
    std::int32_t case_index = 0;
    std::uint32_t generation = 0;  // releases so far
    std::int64_t waiting = 0;
    std::uint64_t arrivals = 0;  // so far
    bool operator==(const Gathering&) const = default;
};
struct Gatherings {
    bool is_open = false;      // users wait; before that they pass
    bool is_complete = false;  // all users of this worker have come
    std::int64_t users = 0;    // active
    std::vector<Gathering> cases;
    bool operator==(const Gatherings&) const = default;
};

struct FleetReleases {
    bool is_open = false;
    std::vector<std::pair<std::int32_t, std::uint32_t>> generations;  // by case
    bool operator==(const FleetReleases&) const = default;
};

}  // namespace boom::user
