#include "boom/worker_mode.hpp"

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/content.hpp"
#include "base/log.hpp"
#include "boom/preflight.hpp"
#include "boom/process.hpp"
#include "boom/run_outputs.hpp"
#include "boom/run_result.hpp"
#include "boom/sample_log.hpp"
#include "cluster/worker.hpp"
#include "user/threaded_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace boom::app {
namespace {

// Without a connection for this long the worker says so (and keeps trying).
constexpr base::Duration kComplainAfter = std::chrono::seconds(2);

enum class Place { OwnProcess, InMaster };

// A worker with its outputs, on one thread.
class WorkerShell {
public:
    WorkerShell(cluster::Link& link, const Options& options, Place place,
                const cluster::SharedBundle* shared = nullptr);
    void loop();
    // From any thread: the worker leaves at once, whatever its master does.
    void abandon() {
        is_abandoned_ = true;
        link_.wake();
    }

private:
    cluster::WorkerEvents make_events();
    void listen_to_log();
    void report_warnings();
    void check_sink(const std::string& gateway);
    std::unique_ptr<user::Load> make_load(user::LoadSpec spec);
    void on_interval(const stats::Snapshot& delta, int users, cluster::State state);
    void finish_outputs();

    cluster::Link& link_;
    const Options& options_;
    Place place_;
    base::SteadyClock clock_;
    UsageMeter usage_;
    stats::Catalog catalog_;
    stats::Snapshot totals_;
    std::string run_id_;
    std::map<std::string, std::string> tags_;
    base::TimePoint started_{};
    base::TimePoint last_interval_{};
    int users_ = 0;
    int logged_runs_ = 0;
    std::unique_ptr<RunOutputs> outputs_;
    std::optional<StableInstance> instance_;  // of a process of its own
    cluster::Worker worker_;
    std::atomic<bool> is_abandoned_{false};
    // Warnings and errors of any thread of this process, for the people at the master. Full: the
    // oldest stay, the rest is in this process's own log.
    static constexpr std::size_t kMostWarnings = 100;
    struct Warning {
        cluster::Worker::Severity severity;
        std::string text;
    };
    std::atomic<bool> is_connected_{false};
    std::mutex warnings_mutex_;
    std::deque<Warning> warnings_;
    std::jthread sink_check_;
};

WorkerShell::WorkerShell(cluster::Link& link, const Options& options, Place place,
                         const cluster::SharedBundle* shared)
    : link_(link),
      options_(options),
      place_(place),
      worker_(
          {describe_worker(place == Place::InMaster ? "local" : options.name, options.room,
                           options.max_users),
           options.ignore_quit ? cluster::OnQuit::Stay : cluster::OnQuit::Leave,
           place == Place::InMaster || base::is_loopback(options.master_host) ||
                   !options.token.empty()
               ? cluster::WorkerOptions::Scripts::Run
               : cluster::WorkerOptions::Scripts::Refuse,
           shared},
          link, clock_, [this](user::LoadSpec spec) { return make_load(std::move(spec)); },
          make_events()) {}

std::unique_ptr<user::Load> WorkerShell::make_load(user::LoadSpec spec) {
    const auto make = [](user::LoadSpec whole) -> std::unique_ptr<user::Load> {
        return std::make_unique<user::ThreadedLoad>(std::move(whole));
    };
    for (const OutputFile& output : options_.outputs) {
        if (output.kind == "samples") {
            SampleLogOptions log{sample_path(output.path, ++logged_runs_),
                                 place_ == Place::InMaster ? "local" : instance_->text(),
                                 [this](const std::string& what) { worker_.tell_master(what); }};
            return make_logged_load(std::move(spec), std::move(log), make);
        }
    }
    return make(std::move(spec));
}

cluster::WorkerEvents WorkerShell::make_events() {
    cluster::WorkerEvents events;
    events.fill_usage = [this](wire::Heartbeat& beat) { usage_.fill(beat, clock_.now()); };
    if (place_ == Place::InMaster) {
        return events;  // the master of the same process shows and pushes everything
    }
    instance_.emplace(options_.name, "worker");
    events.on_prepared = [this](const cluster::WorkerEvents::RunInfo& run) {
        check_sink(run.profile.prometheus_gateway);
    };
    events.on_notice = [](const std::string& text) { base::log::info(text); };
    events.on_run_start = [this](const cluster::WorkerEvents::RunInfo& run) {
        catalog_ = user::catalog_of(*run.plan);
        totals_ = {};
        run_id_ = run.run_id;
        tags_ = run.profile.tag;
        started_ = clock_.now();
        last_interval_ = started_;
        PushTarget push;
        push.gateway = run.profile.prometheus_gateway;
        push.master_host = options_.master_host == "0.0.0.0" ? "127.0.0.1" : options_.master_host;
        push.instance = instance_->text();
        push.mode = "worker";
        outputs_ = std::make_unique<RunOutputs>(catalog_, push);
        base::log::info("run started", {{"run", run.run_id}});
    };
    events.on_interval = [this](const stats::Snapshot& delta, int users, cluster::State state) {
        on_interval(delta, users, state);
    };
    events.on_run_end = [this] { finish_outputs(); };
    return events;
}

void WorkerShell::listen_to_log() {
    base::log::listen([this](base::log::Level level, const std::string& text) {
        const std::lock_guard lock(warnings_mutex_);
        // What was said before there was a master is of no use to one.
        if (is_connected_ && warnings_.size() < kMostWarnings) {
            warnings_.push_back({level == base::log::Level::Error
                                     ? cluster::Worker::Severity::Error
                                     : cluster::Worker::Severity::Warning,
                                 text});
        }
    });
}

void WorkerShell::report_warnings() {
    std::deque<Warning> warnings;
    {
        const std::lock_guard lock(warnings_mutex_);
        warnings.swap(warnings_);
    }
    for (const Warning& warning : warnings) {
        worker_.report(warning.severity, warning.text);
    }
}

// From here, because the gateway may be reachable from the master and not from this machine.
void WorkerShell::check_sink(const std::string& gateway) {
    const std::string url = gateway_from_here(gateway, options_.master_host);
    if (url.empty()) {
        return;
    }
    sink_check_ = std::jthread([url] {
        if (const std::string problem = sink_problem(url); !problem.empty()) {
            base::log::warning("the Pushgateway does not answer from here",
                               {{"url", url}, {"reason", problem}});
        }
    });
}

void WorkerShell::on_interval(const stats::Snapshot& delta, int users, cluster::State state) {
    totals_.add(delta);
    users_ = users;
    const base::TimePoint now = clock_.now();
    const double seconds = base::to_seconds(now - last_interval_);
    last_interval_ = now;
    WorkerView view{run_id_, &catalog_, &totals_, now - started_, users, state, tags_};
    outputs_->on_interval(std::make_shared<const report::Result>(make_result(view)), delta, totals_,
                          std::max(seconds, 0.001));
}

void WorkerShell::finish_outputs() {
    WorkerView view{
        run_id_, &catalog_, &totals_, clock_.now() - started_, 0, cluster::State::Stopped, tags_};
    for (const std::string& complaint :
         outputs_->finish(std::make_shared<const report::Result>(make_result(view)), totals_)) {
        base::log::warning(complaint);
    }
    outputs_.reset();
    base::log::info("run over", {{"run", run_id_}});
}

void WorkerShell::loop() {
    const base::TimePoint begun = clock_.now();
    bool has_complained = false;
    int signals_handled = 0;
    if (place_ == Place::OwnProcess) {
        listen_to_log();
    }
    while (!worker_.has_left() && !is_abandoned_) {
        const base::TimePoint next = worker_.step();
        is_connected_ = worker_.is_connected();
        report_warnings();
        if (place_ == Place::OwnProcess && signals_seen() != signals_handled) {
            signals_handled = signals_seen();
            worker_.leave(signals_handled == 1 ? user::StopMode::Graceful : user::StopMode::Force);
            continue;
        }
        // Whoever had one is told by the worker itself what became of it.
        has_complained = has_complained || worker_.is_connected();
        if (!has_complained && !worker_.is_rejected() && clock_.now() - begun > kComplainAfter) {
            has_complained = true;
            base::log::warning(
                "no master answers; trying on",
                {{"host", options_.master_host},
                 {"port", options_.master_port},
                 {"next", "boom check with the same --master-host and --master-port"}});
        }
        link_.wait(next - clock_.now());
    }
    if (place_ == Place::OwnProcess) {
        base::log::listen({});
    }
}

}  // namespace

int run_worker(const Options& options) {
    const auto link =
        cluster::connect_worker_link(options.master_host, options.master_port, options.token);
    base::log::info("connecting to the master", {{"host", options.master_host},
                                                 {"port", options.master_port},
                                                 {"work folder", base::content_folder()}});
    check_writable(options.outputs);
    WorkerShell shell(*link, options, Place::OwnProcess);
    shell.loop();
    return 0;
}

struct InProcessWorker::State {
    State(cluster::Link& link, const Options& options, const cluster::SharedBundle& shared)
        : shell(link, options, Place::InMaster, &shared) {}
    WorkerShell shell;
    std::thread thread;
};

InProcessWorker::InProcessWorker(cluster::Link& link, const Options& options,
                                 const cluster::SharedBundle& shared)
    : state_(std::make_unique<State>(link, options, shared)) {
    state_->thread = std::thread([shell = &state_->shell] { shell->loop(); });
}

void InProcessWorker::join() {
    state_->thread.join();
}

InProcessWorker::~InProcessWorker() {
    if (state_->thread.joinable()) {
        state_->shell.abandon();
        state_->thread.join();
    }
}

}  // namespace boom::app
