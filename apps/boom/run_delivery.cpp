#include "boom/run_delivery.hpp"

#include "stats/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace boom::app {
namespace {

// Users that started this late may have been missing at the peak.
constexpr std::int64_t kLateSpawnUs = 1'000'000;

std::int64_t count_of(const stats::Snapshot& totals, stats::Outcome outcome) {
    std::int64_t count = 0;
    for (const auto& [key, error] : totals.errors) {
        count += key.outcome == outcome ? error.count : 0;
    }
    return count;
}

// The most users that the target has asked for so far.
double asked_users(const cluster::Run& run, base::Duration until) {
    const cluster::RunLoad& load = *run.load;
    double most = static_cast<double>(load.target_users(until));
    for (const load::Stream& stream : load.schedule().streams) {
        for (const load::Point& point : stream.target.points()) {
            if (point.at <= until) {
                const auto before = std::max(point.at - base::Duration(1), base::Duration::zero());
                most = std::max({most, static_cast<double>(load.target_users(point.at)),
                                 static_cast<double>(load.target_users(before))});
            }
        }
    }
    return most;
}

// How long a request took, from sending.
double mean_service_s(const report::Result& result) {
    return result.total.service_time.mean / 1e6;
}

struct Limits {
    std::int64_t port_failures = 0;
    std::int64_t descriptor_failures = 0;
    bool is_cpu_bound = false;
    bool is_network_bound = false;
    std::int64_t dropped = 0;
    std::int64_t without_row = 0;
    std::int64_t never_due = 0;

    [[nodiscard]] bool is_data_bound() const { return 2 * without_row > dropped; }
    // Nothing was in the way of what was never due but the generator.
    [[nodiscard]] bool has_cpu_cause() const { return is_cpu_bound || 2 * never_due > dropped; }
};

Limits limits_of(const stats::Snapshot& totals) {
    const stats::Health& health = totals.health;
    Limits limits;
    limits.port_failures = count_of(totals, stats::Outcome::LocalPorts);
    limits.descriptor_failures = count_of(totals, stats::Outcome::LocalDescriptors);
    limits.is_cpu_bound = 2 * health.busy_thread_seconds > health.thread_seconds;
    limits.is_network_bound = 2 * health.network_seconds > health.seconds;
    limits.dropped = totals.iterations.dropped;
    limits.without_row = health.without_row;
    limits.never_due = health.never_due;
    return limits;
}

void name_limit(report::Result& result, const cluster::Run& run, const Limits& limits) {
    const stats::Health& health = run.totals.health;
    std::vector<std::string>& notes = result.run.notes;
    if (limits.port_failures > 0) {
        result.health.limited_by = "ports";
        notes.push_back(fmt::format(
            "client: local ports exhausted: {} requests found none of {} local ports free ({} in "
            "use, {} in TIME_WAIT at most); keep connections alive, widen "
            "net.ipv4.ip_local_port_range, or send from several addresses (--source-ip)",
            limits.port_failures, health.ephemeral_ports, health.ports_in_use, health.time_wait));
    } else if (limits.descriptor_failures > 0) {
        result.health.limited_by = "descriptors";
        notes.push_back(fmt::format(
            "client: descriptors exhausted: {} requests found none free ({} open of {} at most); "
            "raise `ulimit -n`",
            limits.descriptor_failures, health.descriptors, health.descriptor_limit));
    } else if (limits.is_data_bound()) {
        result.health.limited_by = "data";
        notes.push_back(
            fmt::format("the rows of the parameters were used up: {} {} found none; "
                        "add rows, or let them be used again (at_end: recycle)",
                        limits.without_row, limits.dropped > 0 ? "arrivals" : "users"));
    } else if (limits.has_cpu_cause()) {
        result.health.limited_by = "cpu";
        notes.push_back(fmt::format(
            "the generator had no time left: its loops were busy for {:.0f} % and used {:.0f} % of "
            "a core; add threads, cores or workers",
            health.loop_busy_percent, health.thread_cpu_percent));
    } else if (limits.is_network_bound) {
        result.health.limited_by = "network";
        notes.push_back(fmt::format(
            "the network took no more in {} of {} seconds: {} bytes waited for an interface at "
            "most, or many segments were sent again; look at the link between worker and target",
            health.network_seconds, health.seconds, health.queued_bytes));
    } else if (limits.dropped > 0) {
        result.health.limited_by = "users";
    }
}

// Throughput × (response time + think time) must give the users. Where it does not, they waited
// for the generator: a closed model then offers less than as many users would.
void note_overhead(report::Result& result, const cluster::Run& run) {
    const stats::Health& health = run.totals.health;
    const double overhead = health.overhead_percent();
    if (overhead > stats::kOverheadPercent) {
        result.run.notes.push_back(fmt::format(
            "client overhead: users waited {:.0f} % of their time for the generator itself "
            "(functions, CPU), not for requests or think times",
            overhead));
    }
}

// Arrivals that nobody answered for: a worker that leaves and those that take over its part do not
// meet to the millisecond, and one that is lost tells nothing. They were due, and are not hidden.
void add_unanswered_arrivals(report::Result& result, const cluster::Run& run) {
    const load::Schedule& schedule = run.load->schedule();
    const bool is_all_open = std::ranges::all_of(schedule.streams, [](const load::Stream& stream) {
        return stream.model == load::Model::Open;
    });
    if (run.end != cluster::RunEnd::Finished || !schedule.end || !is_all_open ||
        run.load->has_own_parts()) {
        return;  // what was due is not known to the arrival
    }
    std::int64_t due = 0;
    for (std::size_t s = 0; s < schedule.streams.size(); ++s) {
        const load::Stream& stream = schedule.streams[s];
        const auto before = [&](base::Duration time) {
            return load::arrivals_before(time, stream.target, stream.arrival, run.seed + s);
        };
        due += before(*schedule.end) - before(schedule.warm_up);
    }
    const std::int64_t missing = due - result.iterations.started - result.iterations.dropped;
    if (missing > 0) {
        result.iterations.dropped += missing;
        result.run.notes.push_back(fmt::format(
            "{} arrivals were due on workers that left or were lost, before others took over",
            missing));
    }
}

// The users that there are look like fewer than were asked for when the first of a long ramp are
// through before the last begin.
void note_ramp(report::Result& result, const cluster::Run& run) {
    constexpr double kLongRamp = 2;  // seconds
    const load::Profile& profile = run.request.profile;
    const auto asked = static_cast<double>(profile.spawn_count);
    const double ramp = asked / load::effective_spawn_rate(profile);
    std::int64_t peak = 0;
    for (const cluster::WorkerTally& tally : run.tallies) {
        peak += tally.users_peak;
    }
    const bool is_over = run.end == cluster::RunEnd::Finished;
    if (profile.loop_count && is_over && ramp > kLongRamp && static_cast<double>(peak) < asked) {
        result.run.notes.push_back(fmt::format(
            "at most {} of {} users were there at one time: the first had done their {} loops "
            "before the last of the {:g} s ramp began; raise --spawn-rate or --loop-count",
            peak, profile.spawn_count, *profile.loop_count, ramp));
    }
}

// Users of a lost worker begin anew elsewhere, or find nobody who has time left: a number of loops
// that was asked for does not survive that to the iteration.
void note_loops(report::Result& result, const cluster::Run& run) {
    const load::Profile& profile = run.request.profile;
    if (!profile.loop_count || !run.is_degraded || run.end != cluster::RunEnd::Finished ||
        !profile.scenarios.empty() || !run.adjustments.empty()) {
        return;
    }
    const std::int64_t asked = profile.spawn_count * *profile.loop_count;
    const std::int64_t done = result.iterations.finished + result.iterations.failed;
    if (done != asked) {
        result.run.notes.push_back(fmt::format(
            "degraded: {} iterations were asked for ({} users, {} loops each), {} were done and {} "
            "cut off: users of a lost worker do not go on elsewhere where they were",
            asked, profile.spawn_count, *profile.loop_count, done, result.iterations.interrupted));
    }
}

// What the functions of the case cost is no cost of the load (MS-25).
void note_functions(report::Result& result, const stats::Health& health) {
    constexpr double kLargePercent = 20;
    constexpr std::int64_t kLeastUs = 100'000;
    if (health.cpu_us >= kLeastUs && health.function_cpu_percent() >= kLargePercent) {
        result.run.notes.push_back(fmt::format(
            "functions of the case (debugtalk) took {:.0f} % of the generator's CPU time: use "
            "built-in functions, debugtalk.cpp or fewer calls, or add workers",
            health.function_cpu_percent()));
    }
}

void note_dropped(report::Result& result, const cluster::Run& run) {
    const stats::Iterations& iterations = run.totals.iterations;
    const double needed = std::ceil(run.load->schedule().target_rate(run.load->schedule().warm_up) *
                                    mean_service_s(result));
    result.run.notes.push_back(fmt::format(
        "{} of {} arrivals were dropped: all of at most {} users were busy (rate times response "
        "time asks for about {:g}; raise --spawn-count)",
        iterations.dropped, iterations.started + iterations.dropped, run.load->schedule().users(),
        needed));
}

}  // namespace

void add_stages(report::Result& result, const cluster::Run& run) {
    const std::vector<load::NamedSpan>& stages = run.load->schedule().stages;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const stats::PhaseId phase = stats::kFirstStagePhase + static_cast<int>(i);
        const base::Duration until = std::min(stages[i].to, std::max(run.duration, stages[i].from));
        report::StageResult& row = result.stages.emplace_back();
        row.name = stages[i].name;
        row.from_s = base::to_seconds(stages[i].from);
        row.to_s = base::to_seconds(stages[i].to);
        row.total =
            stats::summarize_total(run.totals.total(phase, run.catalog), until - stages[i].from);
    }
}

void add_delivery(report::Result& result, const cluster::Run& run) {
    add_unanswered_arrivals(result, run);
    const stats::Iterations& iterations = result.iterations;
    const Limits limits = limits_of(run.totals);
    if (run.load->schedule().is_open()) {
        result.health.asked = static_cast<double>(iterations.started + iterations.dropped);
        result.health.reached = static_cast<double>(iterations.started);
        if (iterations.dropped > limits.without_row + limits.never_due) {
            note_dropped(result, run);
        }
    } else {
        result.health.asked = asked_users(run, run.duration);
        for (const cluster::WorkerTally& tally : run.tallies) {
            result.health.reached += static_cast<double>(tally.users_peak);
        }
        // Peaks are sampled once a second; users that started in time were all there.
        const bool was_late = run.totals.lateness.percentile_us(99) > kLateSpawnUs;
        if (!run.is_degraded && !(was_late && limits.is_cpu_bound)) {
            result.health.reached = result.health.asked;
        }
        if (run.load->schedule().end) {
            // Without an end, the rows decide when a run is over.
            result.health.reached -= static_cast<double>(limits.without_row);
        }
        result.health.reached = std::min(result.health.reached, result.health.asked);
        note_ramp(result, run);
        note_loops(result, run);
    }
    note_functions(result, run.totals.health);
    const std::int64_t own_failures = limits.port_failures + limits.descriptor_failures;
    if (own_failures > 0 && result.total.requests > 0) {
        result.health.reached *=
            1 - static_cast<double>(own_failures) / static_cast<double>(result.total.requests);
    }
    note_overhead(result, run);
    if (is_short(result, run.request.profile)) {
        name_limit(result, run, limits);
    }
}

bool is_short(const report::Result& result, const load::Profile& profile) {
    // Users that end by themselves need not all be there at one time.
    const bool is_counted = profile.rate || !profile.scenarios.empty() || !profile.loop_count;
    return is_counted &&
           result.health.reached < result.health.asked * profile.min_delivery_percent / 100;
}

}  // namespace boom::app
