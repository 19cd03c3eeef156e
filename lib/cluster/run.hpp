#pragma once
// A run as the master sees it: what was asked, what has come in, what happened. Plain data.

#include "base/units.hpp"
#include "cluster/fleet_rendezvous.hpp"
#include "cluster/row_ledger.hpp"
#include "cluster/run_load.hpp"
#include "cluster/state.hpp"
#include "load/profile.hpp"
#include "plan/bundle.hpp"
#include "plan/plan.hpp"
#include "stats/snapshot.hpp"
#include "stats/timeline.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

// Bundle transfer and compilation; after that a silent worker is left behind. What is large is
// read from the disk at this speed at least.
inline constexpr base::Duration kPrepareDeadline = std::chrono::seconds(30);
inline constexpr std::uint64_t kLeastBytesPerSecond = std::uint64_t{50} << 20U;

// How long the end of a run waits for workers that were lost, and a run without any worker for
// somebody to come.
inline constexpr base::Duration kReturnGrace = std::chrono::seconds(10);

struct RunEvent {
    base::Duration at{};  // since the start; 0 before it
    // start, stage, adjust, joined, lost, returned, drained, stop, gap, setup, teardown
    std::string kind;
    std::string text;
    std::string worker;
};

struct RunRequest {
    plan::Bundle bundle;
    std::shared_ptr<const plan::Plan> plan;  // compiled from the bundle with this profile
    load::Profile profile;
    // What a setup before the run has left: events, and variables of the whole fleet.
    std::vector<RunEvent> events;
    std::map<std::string, wire::Shared> shared;
};

enum class RunEnd { None, Finished, Stopped, Aborted };

// The life of one worker's part in a run.
enum class PartState {
    Preparing,  // asked to fetch and compile the bundle
    Prepared,   // waits for the barrier
    Started,    // carries a share of the load
    Leaving,    // carries no share any more, but delivers results
    Lost,       // nothing heard; may come back and deliver
    Delivered,  // every result is here, and its own sums agreed
    Dropped,    // never started
};

// What one worker did in the run: one part of it. Stays when the worker is gone.
struct WorkerTally {
    std::string id, name, room;
    std::optional<std::int64_t> max_users;
    PartState state = PartState::Preparing;
    wire::Prepare prepare;            // as it was sent
    wire::Share share;                // as it was last sent
    base::TimePoint since{};          // when the state changed
    std::uint32_t bundle_parts = 0;   // that it has got, as far as it said
    bool is_start_confirmed = false;  // a heartbeat said so
    bool was_lost = false;
    bool has_finished = false;  // its users had nothing left to do
    bool is_gone = false;       // lost, and the worker itself said that nothing more will come
    bool has_hole = false;      // acknowledged results were lost with the end of a journal
    std::uint64_t last_sequence = 0;
    std::int64_t told_until = 0;  // seconds of the run that it has told of
    std::int64_t users_peak = 0;
    wire::Final sums;  // of the intervals that were accepted
    stats::Histogram lateness;
    stats::Health health;
    double cpu_percent_max = 0;

    // The last demand for rows, until it is answered, and for which part.
    struct Recall {
        load::Fraction give;
        std::size_t to = 0;
        base::TimePoint since{};
    };
    std::optional<Recall> recall;
    std::uint64_t recalls = 0;        // demands so far
    bool is_recalled = false;         // a leaver: all its rows were asked back
    bool has_asked_for_rows = false;  // a newcomer: others were asked to give some

    // Variables of the whole fleet: how many it set, and up to which order of the run's it was
    // told, and has them for sure.
    std::uint64_t shared_accepted = 0, shared_told = 0, shared_known = 0;
    base::TimePoint shared_sent{};

    [[nodiscard]] bool is_lost() const { return state == PartState::Lost; }
    // It may still carry load, and its results are waited for.
    [[nodiscard]] bool is_live() const {
        return state == PartState::Preparing || state == PartState::Prepared ||
               state == PartState::Started || state == PartState::Leaving;
    }
};

struct AppliedAdjustment {
    Adjustment adjustment;
    base::Duration from{};  // since the start
};

struct Run {
    std::string id;
    std::string bundle_hash;
    RunRequest request;
    std::optional<RunLoad> load;  // always there once the run is prepared
    // What differs from the defaults, as it was asked for; and what has changed it since.
    std::vector<load::Setting> settings;
    std::vector<AppliedAdjustment> adjustments;
    std::string started_at;  // RFC 3339
    stats::Catalog catalog;
    std::uint64_t seed = 0;
    std::optional<base::TimePoint> started;  // the barrier
    std::optional<base::TimePoint> stop_asked;
    std::optional<base::TimePoint> resumed;  // by a master that took it up from a journal
    base::TimePoint prepared{};
    base::Duration duration{};  // from the barrier to the last result
    stats::Snapshot totals;
    stats::Timeline timeline;
    std::vector<RunEvent> events;
    base::Duration stages_told{-1};  // those that began until then are among the events
    std::vector<std::string> notes;
    std::vector<WorkerTally> tallies;  // in the order of joining the run; part n is [n - 1]
    std::uint64_t revision = 0;        // of the shares
    RowLedger rows{{}};                // unique ones; parts as in `tallies`
    std::map<std::string, wire::Shared> shared;  // variables of the whole fleet, as last set
    std::uint64_t shared_order = 0;              // of the last one
    bool is_stop_forced = false;
    bool is_degraded = false;
    bool is_worker_lost_abort = false;  // the policy says so, or nobody is left
    FleetRendezvous rendezvous;
    RunEnd end = RunEnd::None;
    // The cases' run_teardown, once the run has ended.
    enum class Teardown { None, Due, BegunBefore } teardown = Teardown::None;

    [[nodiscard]] base::Duration prepare_deadline() const;
};

// Variables of the fleet that were set after that order, in theirs.
[[nodiscard]] std::vector<wire::Shared> variables_since(const Run& run, std::uint64_t order);

// A new run's id: sortable by time ("20261121-014533-9f3a6c01"). 32 random bits: a worker takes a
// part of a run that it knows for a late repetition, so runs of one second must not share an id.
[[nodiscard]] std::string make_run_id(std::uint64_t random);

}  // namespace boom::cluster
