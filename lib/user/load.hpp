#pragma once
// The load of one worker, as the cluster sees it: start, adjust, stop, and deltas of results.
// Implemented by ThreadedLoad with real threads, and by a scripted one in simulated time.

#include "base/units.hpp"
#include "load/curve.hpp"
#include "load/profile.hpp"
#include "load/row_stock.hpp"
#include "plan/plan.hpp"
#include "stats/outcome.hpp"
#include "stats/sample_queue.hpp"
#include "stats/snapshot.hpp"
#include "user/gathering.hpp"
#include "user/shared_variables.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace boom::net {
struct HttpRequest;
struct HttpResponse;
}  // namespace boom::net

namespace boom::user {

using base::Duration;
using base::TimePoint;

// One kind of load of the whole fleet; in the order of load::Schedule's streams.
struct StreamShare {
    load::Curve target;               // users, or iterations per second
    std::vector<std::int64_t> users;  // of every worker: at the peak, or the most in flight
    std::int64_t first_ordinal = 0;   // of its user 0
    bool operator==(const StreamShare&) const = default;
};

// This worker's part of the whole: the users of every worker, and which of them we are.
struct Share {
    std::vector<std::int64_t> users;  // of all streams; the weights of the ceiling
    std::size_t index = 0;
    double spawn_rate = 1;               // of the whole fleet, users per second
    std::optional<load::Curve> ceiling;  // of the whole fleet, requests per second
    // Empty: `users` at `spawn_rate`, closed model.
    std::vector<StreamShare> streams;
    Duration from{};  // since the start of the run: an adjustment holds from then on
    // Of sources that are split but not unique: one who joins a running test must not repeat rows
    // that others were given.
    enum class Rows { OwnBlock, Nothing } rows = Rows::OwnBlock;
    bool operator==(const Share&) const = default;
};

// Sees what a debug run sends and gets. Called from generator threads; may block.
class ExchangeObserver {
public:
    virtual ~ExchangeObserver() = default;
    virtual void on_exchange(const net::HttpRequest& request,
                             const net::HttpResponse& response) noexcept = 0;
    // The step's end; `message` of a failure.
    virtual void on_step(std::string_view name, stats::Outcome outcome,
                         std::string_view message) noexcept = 0;
    // A step begins; its answer is waited for from now on, for its own timeout at most.
    virtual void on_send(std::string_view, base::Duration) noexcept {}
    // The end of an iteration, with the variables as they are then.
    virtual void on_iteration(const plan::CasePlan&, expr::Slots) noexcept {}
};

struct LoadSpec {
    std::uint32_t part = 1;                  // number of the part of the run, over the whole fleet
    std::shared_ptr<const plan::Plan> plan;  // published, never written again
    load::Profile profile;
    std::uint64_t seed = 0;
    Share share;
    std::shared_ptr<stats::SampleQueues> samples;  // null: no log of single requests
    ExchangeObserver* observer = nullptr;          // of a debug run; outlives the load
};

// What happened in one second of the run.
struct LoadDelta {
    std::int64_t second = 0;  // since the start, from 0
    stats::Snapshot snapshot;
    int users = 0;           // active at its end
    stats::Waiting waiting;  // for answers, at its end
};

enum class StopMode { Graceful, Force };

// Called from the worker's control thread only; nothing here blocks.
class Load {
public:
    virtual ~Load() = default;
    // `at` is second 0 of the run, in the past for one who joins late.
    virtual void start(TimePoint at) = 0;
    virtual void adjust(const Share& share) = 0;
    // Graceful: waits for what is in flight up to the profile's stop timeout, then cuts.
    virtual void stop(StopMode mode) = 0;
    // Unique rows: more of them (false: not of this plan), some of them back, how many of each case
    // went out.
    [[nodiscard]] virtual bool add_rows(const load::RowRange& rows) = 0;
    [[nodiscard]] virtual std::vector<load::RowRange> give_back_rows(load::Fraction fraction) = 0;
    [[nodiscard]] virtual std::vector<std::int64_t> rows_taken() const = 0;
    // The next delta that is complete; empty when there is none now.
    virtual std::optional<LoadDelta> poll() = 0;
    [[nodiscard]] virtual int users() const = 0;  // active now
    [[nodiscard]] virtual bool is_all_spawned() const = 0;
    // Variables that users share over the fleet: what was set here since the last call, and what
    // the master gives to all, in its order.
    virtual std::optional<SharedVariable> poll_shared() { return std::nullopt; }
    virtual void give_shared(const SharedVariable&) {}
    // Rendezvous of the whole fleet; without cases where the plan has none.
    [[nodiscard]] virtual Gatherings gatherings() const { return {}; }
    virtual void release(const FleetReleases&) {}
    // No user is left and no further delta will come.
    [[nodiscard]] virtual bool is_done() const = 0;
};

// The catalog of results that a plan's steps give.
[[nodiscard]] stats::Catalog catalog_of(const plan::Plan& plan);

}  // namespace boom::user
