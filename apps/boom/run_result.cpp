#include "boom/run_result.hpp"

#include "base/error.hpp"
#include "boom/masking.hpp"
#include "boom/run_delivery.hpp"
#include "stats/rows.hpp"
#include "user/load.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::app {
namespace {

using base::ExitCode;

void add_steps(report::Result& result, const stats::Catalog& catalog, const stats::Snapshot& totals,
               base::Duration measured, stats::Payload payload) {
    static const stats::StepStats kNothing;
    for (const auto& [info, step] : stats::rows_of(catalog, totals)) {
        // Every known step is there, zeros included.
        result.steps.push_back(
            stats::summarize(info, step == nullptr ? kNothing : *step, measured, payload));
    }
    stats::StepInfo info;
    info.name = "Total";
    result.total =
        stats::summarize(info, totals.total(stats::kMainPhase, catalog), measured, payload);
    result.total.is_total = true;
    result.iterations = totals.iterations;
    result.transactions = totals.transactions;
    result.connections = totals.connections;
    result.health.lateness = stats::summarize(totals.lateness, payload);
}

// Says whose failures were: by worker, not by its parts.
class Workers {
public:
    explicit Workers(std::span<const cluster::WorkerTally> tallies) {
        std::map<std::string_view, std::size_t> known;
        for (const cluster::WorkerTally& tally : tallies) {
            const auto [place, is_new] = known.try_emplace(tally.id, ids_.size());
            if (is_new) {
                ids_.push_back(tally.id);
            }
            worker_of_part_.push_back(place->second);
        }
    }

    void name(report::ErrorRow& row, const stats::ErrorStats& error) const {
        if (ids_.size() < 2) {
            return;
        }
        std::vector<std::pair<std::int64_t, std::size_t>> counts(ids_.size());
        for (const auto& [part, count] : error.parts) {
            counts[worker_of_part_[part - 1]].first -= count;  // so that the most come first
        }
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            counts[i].second = i;
        }
        std::erase_if(counts, [](const auto& one) { return one.first == 0; });
        const std::size_t named = std::min(counts.size(), report::kMaxErrorWorkers);
        std::partial_sort(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(named),
                          counts.end());
        for (std::size_t i = 0; i < named; ++i) {
            row.workers.push_back({std::string(ids_[counts[i].second]), -counts[i].first});
        }
        row.more_workers = static_cast<std::int64_t>(counts.size() - named);
    }

private:
    std::vector<std::string_view> ids_;
    std::vector<std::size_t> worker_of_part_;  // [number - 1]
};

void add_errors(report::Result& result, const stats::Catalog& catalog,
                const stats::Snapshot& totals, const Workers& workers) {
    for (const auto& [key, error] : totals.errors) {
        report::ErrorRow row;
        row.error_class = stats::name(key.outcome);
        row.message = key.message;
        row.step = key.step.is_valid() ? catalog.at(key.step).name : "";
        row.count = error.count;
        row.first_s = base::to_seconds(error.first);
        row.last_s = base::to_seconds(error.last);
        row.p50_us = error.time.percentile_us(50);
        row.p99_us = error.time.percentile_us(99);
        row.max_us = error.time.moments().max_us;
        workers.name(row, error);
        result.errors.push_back(std::move(row));
    }
    std::stable_sort(result.errors.begin(), result.errors.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
}

void add_workers(report::Result& result, const cluster::Run& run) {
    for (const cluster::WorkerTally& tally : run.tallies) {
        report::WorkerResult worker;
        worker.id = tally.id;
        worker.name = tally.name;
        worker.room = tally.room;
        worker.users_peak = tally.users_peak;
        worker.requests = tally.sums.requests;
        worker.failures = tally.sums.failures;
        worker.is_lost = tally.is_lost();
        worker.cpu_percent_max = tally.cpu_percent_max;
        worker.lateness_p99_us = tally.lateness.percentile_us(99);
        worker.health = tally.health;
        result.workers.push_back(std::move(worker));
    }
}

// The first that holds, in the documented order.
ExitCode exit_code(const cluster::Run& run, const report::Result& result, Signalled signalled) {
    if (run.is_worker_lost_abort) {
        return ExitCode::WorkerLost;
    }
    if (run.end == cluster::RunEnd::Aborted && !run.started) {
        return ExitCode::Refused;
    }
    if (signalled == Signalled::Yes) {
        return ExitCode::Signalled;
    }
    if (result.total.requests - result.total.failures <= 0) {
        return ExitCode::NoSuccess;
    }
    if (is_short(result, run.request.profile)) {
        return ExitCode::LoadNotDelivered;
    }
    return ExitCode::Passed;
}

report::RunState run_state(cluster::RunEnd end) {
    switch (end) {
        case cluster::RunEnd::None:
            return report::RunState::Running;
        case cluster::RunEnd::Finished:
            return report::RunState::Finished;
        case cluster::RunEnd::Stopped:
            return report::RunState::Stopped;
        case cluster::RunEnd::Aborted:
            return report::RunState::Aborted;
    }
    return report::RunState::Aborted;
}

report::Verdict verdict_of(ExitCode code) {
    if (code == ExitCode::Passed) {
        return report::Verdict::Passed;
    }
    return code == ExitCode::NoSuccess || code == ExitCode::ThresholdFailed
               ? report::Verdict::Failed
               : report::Verdict::Invalid;
}

// How far it is, where the end is known: by time, or by iterations.
void add_progress(report::Result& result, const load::Profile& profile) {
    const std::optional<base::Duration> end = load::schedule_of(profile).end;
    if (end) {
        const double planned = std::max(base::to_seconds(*end), 1e-3);
        result.progress = std::min(result.run.duration_s / planned, 1.0);
        result.left_s = std::max(planned - result.run.duration_s, 0.0);
    } else if (profile.loop_count) {
        const double planned = static_cast<double>(*profile.loop_count) *
                               static_cast<double>(std::max<std::int64_t>(profile.spawn_count, 1));
        const stats::Iterations& done = result.iterations;
        result.progress = static_cast<double>(done.finished + done.failed) / planned;
    }
}

}  // namespace

report::Result make_result(const cluster::Master& master, const cluster::Run& run,
                           Signalled signalled, stats::Payload payload) {
    report::Result result;
    result.version = BOOM_VERSION;
    result.run.id = run.id;
    for (const plan::CasePlan& test_case : run.request.plan->cases) {
        result.run.cases.push_back({test_case.name, test_case.path, test_case.sha256});
    }
    result.run.started_at = run.started_at;
    const base::Duration measured =
        run.end == cluster::RunEnd::None ? master.elapsed() : run.duration;
    result.run.duration_s = base::to_seconds(measured);
    result.run.state = run_state(run.end);
    result.run.is_degraded = run.is_degraded;
    result.run.notes = run.notes;
    result.run.tags = run.request.profile.tag;
    for (const load::Setting& setting : load::settings(run.request.profile, load::Which::All)) {
        auto& profile = result.run.profile;
        if (profile.empty() || profile.back().first != setting.key) {
            profile.emplace_back(setting.key, std::vector<std::string>{});
        }
        profile.back().second.push_back(without_secrets(setting));
    }
    add_workers(result, run);
    add_steps(result, run.catalog, run.totals,
              std::max(measured - run.request.profile.warm_up, base::Duration::zero()), payload);
    add_errors(result, run.catalog, run.totals, Workers(run.tallies));
    for (const cluster::RunEvent& event : run.events) {
        result.events.push_back({base::to_seconds(event.at), event.kind, event.text, event.worker});
    }
    add_stages(result, run);
    add_delivery(result, run);
    result.timeline = run.timeline.rows();
    if (run.end != cluster::RunEnd::None) {
        const ExitCode code = exit_code(run, result, signalled);
        result.run.exit_code = static_cast<int>(code);
        result.run.verdict = verdict_of(code);
    }
    add_progress(result, run.request.profile);
    result.users = static_cast<int>(master.current_users());
    result.target_users = static_cast<int>(master.target_users());
    result.workers_active = master.available_workers();
    result.state_name = cluster::name(master.state());
    result.state_number = static_cast<int>(master.state());
    return result;
}

report::Result make_result(const WorkerView& view) {
    report::Result result;
    result.version = BOOM_VERSION;
    result.run.id = view.run_id;
    result.run.tags = view.tags;
    result.run.duration_s = base::to_seconds(view.elapsed);
    add_steps(result, *view.catalog, *view.totals, view.elapsed, stats::Payload::Without);
    add_errors(result, *view.catalog, *view.totals, Workers({}));
    result.users = view.users;
    result.target_users = view.users;
    result.workers_active = 1;
    result.state_name = cluster::name(view.state);
    result.state_number = static_cast<int>(view.state);
    return result;
}

}  // namespace boom::app
