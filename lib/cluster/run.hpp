#pragma once
// A run as the master sees it: what was asked, what has come in, what happened. Plain data.

#include "base/units.hpp"
#include "cluster/run_load.hpp"
#include "cluster/state.hpp"
#include "load/profile.hpp"
#include "plan/bundle.hpp"
#include "plan/plan.hpp"
#include "stats/snapshot.hpp"
#include "stats/timeline.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

struct RunRequest {
    plan::Bundle bundle;
    std::shared_ptr<const plan::Plan> plan;  // compiled from the bundle with this profile
    load::Profile profile;
};

struct RunEvent {
    base::Duration at{};  // since the start; 0 before it
    std::string kind;     // start, stage, adjust, joined, lost, returned, drained, stop, gap
    std::string text;
    std::string worker;
};

enum class RunEnd { None, Finished, Stopped, Aborted };

// What one worker did in the run. Stays when the worker is gone.
struct WorkerTally {
    std::string id, name, room;
    std::int64_t users_peak = 0;
    wire::Final sums;  // of the intervals that were accepted
    stats::Histogram lateness;
    stats::Health health;
    double cpu_percent_max = 0;
    bool is_lost = false;
    bool is_final = false;  // delivered, and its own sums agreed
};

struct Run {
    std::string id;
    std::string bundle_hash;
    RunRequest request;
    std::optional<RunLoad> load;  // always there once the run is prepared
    std::string started_at;       // RFC 3339
    stats::Catalog catalog;
    std::uint64_t seed = 0;
    std::optional<base::TimePoint> started;  // the barrier
    std::optional<base::TimePoint> stop_asked;
    base::TimePoint prepared{};
    base::Duration duration{};  // from the barrier to the last result
    stats::Snapshot totals;
    stats::Timeline timeline;
    std::vector<RunEvent> events;
    std::vector<std::string> notes;
    std::vector<WorkerTally> tallies;  // in the order of joining the run
    bool is_degraded = false;
    bool is_worker_lost_abort = false;  // the policy says so, or nobody is left
    RunEnd end = RunEnd::None;
};

// A new run's id: sortable by time, unique enough for people ("20261121-014533-9f3a").
[[nodiscard]] std::string make_run_id(std::uint64_t random);

}  // namespace boom::cluster
