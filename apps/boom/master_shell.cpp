#include "boom/master_shell.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "boom/case_request.hpp"
#include "boom/masking.hpp"
#include "boom/process.hpp"
#include "boom/run_result.hpp"
#include "cluster/file_journal.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::app {
namespace {

using base::ExitCode;

// How often a setup or teardown of the run is looked at.
constexpr base::Duration kPartPause = std::chrono::milliseconds(10);
// After a look at the brief result, the next ones are prepared for so long.
constexpr base::Duration kWatchedFor = std::chrono::seconds(10);

std::string describe(const load::Profile& profile) {
    std::string text;
    for (const load::Setting& setting : load::settings(profile, load::Which::All)) {
        text +=
            fmt::format("{}{}={}", text.empty() ? "" : " ", setting.key, without_secrets(setting));
    }
    return text;
}

cluster::JournalFactory journals_in(const std::string& folder) {
    if (folder.empty()) {
        return {};
    }
    return [folder](const std::string& run_id) {
        return cluster::create_file_journal(folder, run_id);
    };
}

}  // namespace

MasterShell::MasterShell(const Options& options, cluster::Link& link, std::string push_mode,
                         cluster::SharedBundle* shared)
    : options_(options),
      link_(link),
      push_mode_(std::move(push_mode)),
      instance_(options.name, push_mode_),
      terminal_(options.no_color ? Terminal::Color::Forbidden : Terminal::Color::Allowed,
                options.is_quiet ? Terminal::Progress::Hidden : Terminal::Progress::Shown),
      monitors_(make_monitors(options.monitor)),
      master_({BOOM_VERSION,
               options.is_cluster_open || !options.token.empty() ? cluster::Admission::Everybody
                                                                 : cluster::Admission::LoopbackOnly,
               0,
               journals_in(options.run_folder),
               {},
               shared},
              link, clock_,
              {[this](const std::string& text) {
                   terminal_.make_room();
                   base::log::info(text);
               },
               [this](const cluster::Run& run) { on_run_start(run); },
               [this](const cluster::Run& run, const stats::Snapshot& delta, double seconds) {
                   on_interval(run, delta, seconds);
               },
               [this](const cluster::Run& run) { on_run_end(run); }}) {
    if (!options_.run_folder.empty()) {
        run_files_.emplace(options_.run_folder);
    }
    publish();
}

MasterShell::~MasterShell() {
    {
        const std::lock_guard lock(commands_mutex_);
        is_closed_ = true;
        commands_.clear();  // broken promises answer those who wait
    }
    server_.reset();
}

void MasterShell::on_run_start(const cluster::Run& run) {
    const auto working =
        std::ranges::count(run.tallies, cluster::PartState::Started, &cluster::WorkerTally::state);
    base::log::info("run started", {{"run", run.id}, {"workers", working}});
    PushTarget push;
    push.gateway = run.request.profile.prometheus_gateway;
    push.master_host = "127.0.0.1";
    push.instance = instance_.text();
    push.mode = push_mode_;
    outputs_ = std::make_unique<RunOutputs>(run.catalog, push, options_.outputs);
    monitor_log_ = std::make_shared<report::MonitorLog>();
    for (const report::MonitorSource& source : monitors_) {
        outputs_->add(report::make_monitor(source, monitor_log_), run.catalog);
    }
    thresholds_ = RunThresholds(make_thresholds(run.request.profile, run.catalog));
}

void MasterShell::on_interval(const cluster::Run& run, const stats::Snapshot& delta,
                              double seconds) {
    const bool is_public = !options_.http_address.empty();
    report::Result result =
        result_of(run, Signalled::No, is_public ? stats::Payload::With : stats::Payload::Without);
    result.waits = master_.waits();
    thresholds_.judge(result, run.totals, run.catalog);
    if (thresholds_.take_abort()) {
        terminal_.make_room();
        base::log::warning("stopping", {{"reason", result.run.notes.back()}});
        (void)master_.stop(user::StopMode::Graceful);
    }
    auto view = std::make_shared<const report::Result>(std::move(result));
    if (!run.request.profile.disable_console_output) {
        terminal_.show_progress(*view);
    }
    if (!monitors_.empty()) {
        add_worker_figures(*monitor_log_, master_, view->run.duration_s);
    }
    if (outputs_) {
        outputs_->on_interval(view, delta, run.totals, seconds);
    }
    if (!is_public) {
        return;  // nobody can look
    }
    const bool is_watched = clock_.now() - last_look_.load() < kWatchedFor;
    publish_run(
        std::move(view), run,
        is_watched ? interval_json(run.catalog, delta, run.totals, seconds) : std::string());
    run_events_.on_interval(master_, run, delta, seconds);
    for (const report::Event& event : thresholds_.take_events()) {
        run_events_.add(event);
    }
}

void MasterShell::on_run_end(const cluster::Run& run) {
    if (run.teardown == cluster::Run::Teardown::Due) {
        begin_teardown(run);
    } else {
        deliver(run);
    }
}

void MasterShell::deliver(const cluster::Run& run) {
    const Signalled signalled = signals_handled_ > 0 ? Signalled::Yes : Signalled::No;
    report::Result result = result_of(run, signalled, stats::Payload::With);
    thresholds_.judge(result, run.totals, run.catalog);
    if (outputs_) {
        const auto view = std::make_shared<const report::Result>(result);
        for (std::string& complaint : outputs_->finish(view, run.totals)) {
            result.run.notes.push_back(std::move(complaint));
        }
        outputs_.reset();
    }
    if (monitor_log_) {
        result.monitor = monitor_log_->series(result.run.duration_s);
    }
    const std::vector<std::string> unwritten = write_files(options_.outputs, result);
    result.run.notes.insert(result.run.notes.end(), unwritten.begin(), unwritten.end());
    terminal_.show_final(result);
    bool is_written = unwritten.empty();
    if (run_files_ && !run_files_->keep(result)) {
        base::log::error("the run could not be kept", {{"folder", options_.run_folder}});
        is_written = false;
    }
    exit_code_ = is_written ? result.run.exit_code : static_cast<int>(ExitCode::Internal);
    publish_run(std::make_shared<const report::Result>(std::move(result)), run, {});
    run_events_.follow(run);
}

void MasterShell::on_signals() {
    const int seen = signals_seen();
    if (seen == signals_handled_) {
        return;
    }
    signals_handled_ = seen;
    is_quitting_ = true;
    if (!is_run_on()) {
        terminal_.make_room();
        base::log::info("leaving on a signal; no run is on");
        return;
    }
    terminal_.make_room();
    base::log::info(seen == 1 ? "stopping; once more to cut what is in flight"
                              : "cutting what is in flight");
    (void)stop_run(seen == 1 ? user::StopMode::Graceful : user::StopMode::Force);
}

void MasterShell::resume(const std::optional<cluster::RunRequest>& request) {
    if (options_.run_folder.empty()) {
        return;
    }
    auto unfinished = cluster::find_unfinished_run(
        options_.run_folder, [](const std::string& text) { base::log::warning(text); });
    if (!unfinished) {
        return;
    }
    const std::string id = unfinished->header.run_id;
    std::string complaint;
    cluster::RunRequest taken;
    if (request) {
        taken = *request;
        if (load::settings(taken.profile, load::Which::Changed) != unfinished->header.profile ||
            taken.bundle.hash() != plan::without_run_values(unfinished->bundle).hash()) {
            complaint = "its case or profile is another one";
        } else if (plan::run_values(unfinished->bundle) != nullptr) {
            taken = compile_request(unfinished->bundle, taken.profile);
        }
    } else {
        load::Profile profile;
        complaint = load::apply(profile, unfinished->header.profile);
        try {
            taken = compile_request(unfinished->bundle, profile);
        } catch (const base::ConfigError& error) {
            complaint = error.what();
        }
    }
    if (complaint.empty()) {
        setup_ = recorded_setup(taken.bundle);
        complaint = master_.resume(std::move(taken), std::move(*unfinished));
    }
    if (!complaint.empty()) {
        base::log::warning("a run that was not ended is left as it is",
                           {{"run", id}, {"folder", options_.run_folder}, {"reason", complaint}});
        return;
    }
    is_resumed_ = true;
}

// Before the first interval there is no live view that would say it.
void MasterShell::tell_waits() {
    constexpr base::Duration kEvery = std::chrono::seconds(5);
    const cluster::Run* run = master_.run();
    const bool is_silent =
        run == nullptr || run->end != cluster::RunEnd::None || !run->started || options_.is_quiet;
    if (clock_.now() - last_wait_ < kEvery) {
        return;
    }
    last_wait_ = clock_.now();
    for (const std::string& wait : master_.waits()) {
        if (is_silent || wait.find(" for the first byte") != std::string::npos) {
            terminal_.make_room();
            base::log::info("waiting", {{"for", wait}});
        }
    }
}

bool MasterShell::try_auto_start(std::optional<cluster::RunRequest>& request,
                                 base::TimePoint deadline) {
    if (options_.start_at && std::chrono::system_clock::now() < *options_.start_at) {
        return true;  // pending; workers may join, a signal ends it
    }
    if (master_.available_workers() >= options_.expect_workers) {
        const std::string what = begin_run(std::move(*request));
        request.reset();
        if (!what.empty()) {
            base::log::error("the run was refused", {{"reason", what}});
            exit_code_ = static_cast<int>(ExitCode::Refused);
            return false;
        }
    } else if (clock_.now() > deadline) {
        base::log::error("not enough workers", {{"expected", options_.expect_workers},
                                                {"there", master_.available_workers()},
                                                {"after", "--expect-workers-max-wait"}});
        exit_code_ = static_cast<int>(ExitCode::NotEnoughWorkers);
        return false;
    } else if (clock_.now() - last_wait_ > std::chrono::seconds(5)) {
        last_wait_ = clock_.now();
        base::log::info(
            "waiting for workers",
            {{"there", master_.available_workers()},
             {"expected", options_.expect_workers},
             {"left_s", fmt::format("{:.0f}", base::to_seconds(deadline - clock_.now()))}});
    }
    return true;
}

int MasterShell::loop(std::optional<cluster::RunRequest> first_run) {
    const bool is_single = first_run.has_value();
    check_monitors(monitors_);
    const base::TimePoint deadline = clock_.now() + options_.expect_workers_max_wait;
    if (is_single && !options_.is_quiet) {
        base::log::info("profile", {{"effective", describe(first_run->profile)}});
    }
    if (is_resumed_) {
        first_run.reset();
    }
    while (true) {
        const base::TimePoint next = master_.step();
        on_signals();
        run_commands();
        if (first_run && !try_auto_start(first_run, deadline)) {
            break;
        }
        start_when_due();
        tell_waits();
        follow_part();
        publish();
        if (!is_run_on() && (is_quitting_ || (is_single && exit_code_))) {
            break;
        }
        link_.wait(part_ == nullptr ? next - clock_.now() : kPartPause);
    }
    master_.quit();
    if (!is_single) {
        return signals_handled_ > 0 && exit_code_ == static_cast<int>(ExitCode::Signalled)
                   ? *exit_code_
                   : 0;
    }
    return exit_code_.value_or(static_cast<int>(ExitCode::Signalled));
}

}  // namespace boom::app
