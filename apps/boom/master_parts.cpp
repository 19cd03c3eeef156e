// A whole run: its setup before the load, its teardown behind it, and then the report.
#include "base/error.hpp"
#include "base/log.hpp"
#include "boom/case_request.hpp"
#include "boom/master_shell.hpp"
#include "boom/run_result.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::app {
namespace {

constexpr base::Duration kTellEvery = std::chrono::seconds(5);

}  // namespace

bool MasterShell::is_run_on() const {
    const cluster::Run* run = master_.run();
    return part_ != nullptr || (run != nullptr && run->end == cluster::RunEnd::None);
}

std::string MasterShell::begin_run(cluster::RunRequest request) {
    if (part_ != nullptr) {
        return "already started";
    }
    if (!request.plan->has_run_setup) {
        std::string what = master_.start(std::move(request));
        if (what.empty()) {
            setup_.clear();
            teardown_.clear();
            has_setup_failed_ = false;
        }
        return what;
    }
    if (std::string what = master_.why_not_now(); !what.empty()) {
        return what;
    }
    setup_.clear();
    teardown_.clear();
    has_setup_failed_ = false;
    base::log::info("setup of the run");
    last_told_ = clock_.now();
    part_ = std::make_unique<RunPart>(plan::Part::RunSetup, request, clock_);
    set_up_ = std::move(request);
    return {};
}

std::string MasterShell::stop_run(user::StopMode mode) {
    if (part_ == nullptr) {
        return master_.stop(mode);
    }
    if (part_->part() == plan::Part::RunTeardown && mode == user::StopMode::Graceful) {
        return "already stopped";
    }
    part_->stop(mode);
    return {};
}

void MasterShell::follow_part() {
    if (part_ == nullptr) {
        return;
    }
    tell_part();
    if (!part_->step()) {
        return;
    }
    if (part_->part() == plan::Part::RunSetup) {
        finish_setup();
    } else {
        finish_teardown();
    }
}

void MasterShell::tell_part() {
    if (clock_.now() - last_told_ >= kTellEvery) {
        last_told_ = clock_.now();
        terminal_.make_room();
        base::log::info("waiting", {{"for", part_->waiting()}});
    }
}

void MasterShell::finish_setup() {
    const std::unique_ptr<RunPart> part = std::move(part_);
    setup_ = part->steps();
    std::string failure = part->failure();
    try {
        // What it has given until then, for the teardown too.
        set_up_ = part->complete(set_up_);
    } catch (const base::ConfigError& error) {
        failure = error.what();
    }
    if (part->is_stopped()) {
        abandon(cluster::RunEnd::Stopped, "stopped in its setup: no load was sent");
        return;
    }
    if (!failure.empty()) {
        has_setup_failed_ = true;
        abandon(cluster::RunEnd::Aborted, failure);
        return;
    }
    base::log::info("setup of the run is over", {{"steps", setup_.size()}});
    cluster::RunRequest request = set_up_;  // a refused run has a teardown too
    if (const std::string what = master_.start(std::move(request)); !what.empty()) {
        abandon(cluster::RunEnd::Aborted, "refused behind its setup: " + what);
    }
}

// What the setup has begun the teardown ends, as in JMeter: whatever came of the setup.
void MasterShell::abandon(cluster::RunEnd end, const std::string& why) {
    terminal_.make_room();
    base::log::error("no load is sent", {{"reason", why}});
    cluster::Run& run = abandoned_.emplace();
    run.id = cluster::make_run_id(base::random_seed());
    run.catalog = user::catalog_of(*set_up_.plan);
    run.load.emplace(set_up_.profile);
    run.started_at = base::wall_time_rfc3339();
    run.events = set_up_.events;
    run.notes = set_up_.plan->warnings;
    run.notes.push_back(why);
    run.end = end;
    run.request = std::move(set_up_);
    set_up_ = {};
    thresholds_ = RunThresholds({});
    monitor_log_.reset();
    if (run.request.plan->has_run_teardown) {
        begin_teardown(run);
    } else {
        const cluster::Run over = std::move(*abandoned_);
        abandoned_.reset();
        deliver(over);
    }
}

void MasterShell::begin_teardown(const cluster::Run& run) {
    terminal_.make_room();
    base::log::info("teardown of the run");
    last_told_ = clock_.now();
    cluster::RunRequest request = run.request;
    request.shared = run.shared;
    part_ = std::make_unique<RunPart>(plan::Part::RunTeardown, request, clock_);
}

void MasterShell::finish_teardown() {
    const std::unique_ptr<RunPart> part = std::move(part_);
    teardown_ = part->steps();
    cluster::Run run = abandoned_ ? std::move(*abandoned_) : *master_.run();
    const bool was_on_master = !abandoned_;
    abandoned_.reset();
    if (const std::string failure = part->failure(); !failure.empty()) {
        terminal_.make_room();
        base::log::error("the load's results are complete", {{"but", failure}});
        run.notes.push_back(failure);
    }
    if (part->is_stopped()) {
        run.notes.emplace_back("the teardown of the run was cut off");
    }
    deliver(run);
    if (was_on_master) {
        master_.close_run();
    }
}

report::Result MasterShell::result_of(const cluster::Run& run, Signalled signalled,
                                      stats::Payload payload) const {
    report::Result result = make_result(master_, run, signalled, payload);
    result.setup = setup_;
    result.teardown = teardown_;
    if (has_setup_failed_ && run.end != cluster::RunEnd::None) {
        result.run.exit_code = static_cast<int>(base::ExitCode::SetupFailed);
        result.run.verdict = report::Verdict::Invalid;
    }
    return result;
}

}  // namespace boom::app
