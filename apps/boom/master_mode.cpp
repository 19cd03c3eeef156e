#include "boom/master_mode.hpp"

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "boom/process.hpp"
#include "boom/run_outputs.hpp"
#include "boom/run_result.hpp"
#include "boom/worker_mode.hpp"
#include "cluster/master.hpp"
#include "report/console.hpp"
#include "web/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace boom::app {
namespace {

using base::ExitCode;

plan::Bundle load_cases(const std::vector<std::string>& cases, const plan::UrlRequest& url) {
    std::vector<plan::UrlRequest> urls;
    std::vector<std::string> paths;
    for (const std::string& text : cases) {
        if (text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0) {
            plan::UrlRequest request = url;
            request.url = text;
            urls.push_back(std::move(request));
        } else {
            paths.push_back(text);
        }
    }
    if (!urls.empty() && !paths.empty()) {
        throw base::ConfigError(
            base::Mistake{{"CASE"}, "URLs and test case files cannot be mixed in one run", {}});
    }
    return urls.empty() ? plan::load_bundle(paths) : plan::make_url_bundle(urls);
}

cluster::RunRequest compile_request(const std::vector<std::string>& cases,
                                    const plan::UrlRequest& url, const load::Profile& profile) {
    cluster::RunRequest request;
    request.bundle = load_cases(cases, url);
    request.profile = profile;
    request.plan = std::make_shared<const plan::Plan>(plan::compile(request.bundle, profile));
    return request;
}

std::string describe(const load::Profile& profile) {
    std::string text;
    for (const load::Setting& setting : load::settings(profile, load::Which::All)) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", setting.key, setting.text);
    }
    return text;
}

// Owns the master and everything around it. The loop's thread; the web server's thread comes in
// through ask(), which runs a function in the loop's thread.
class MasterShell final : public web::RunControl {
public:
    MasterShell(const Options& options, cluster::Link& link, std::string push_mode);
    ~MasterShell() override;

    // Until the run is over (one run) or quit was asked (API mode). Returns the exit code.
    int loop(std::optional<cluster::RunRequest> first_run);
    void serve_http();

    web::Answer start(const std::string& testcase_path,
                      const std::vector<load::Setting>& settings) override;
    web::Answer rebalance(const std::vector<load::Setting>& settings) override;
    web::Answer stop(StopMode mode) override;
    web::Answer quit() override;
    std::vector<web::WorkerRow> workers() const override;
    web::MasterRow master() const override;
    std::string stats_json() const override;
    std::string metrics_text() const override;
    bool is_healthy() const override { return true; }

private:
    struct Published {
        std::shared_ptr<const report::Result> result;
        std::shared_ptr<const stats::Snapshot> totals;
        std::shared_ptr<const stats::Catalog> catalog;
        std::vector<web::WorkerRow> workers;
        web::MasterRow master;
    };

    web::Answer ask(std::function<web::Answer()> command);
    void run_commands();
    void publish();
    void on_signals();
    bool try_auto_start(std::optional<cluster::RunRequest>& request, base::TimePoint deadline);
    void on_run_start(const cluster::Run& run);
    void on_interval(const cluster::Run& run, const stats::Snapshot& delta, double seconds);
    void on_run_end(const cluster::Run& run);
    [[nodiscard]] report::TextStyle style(int descriptor) const;

    const Options& options_;
    cluster::Link& link_;
    std::string push_mode_;
    base::SteadyClock clock_;
    cluster::Master master_;
    std::unique_ptr<RunOutputs> outputs_;
    std::unique_ptr<web::Server> server_;
    std::optional<int> exit_code_;
    bool is_quitting_ = false;
    int signals_handled_ = 0;

    std::mutex commands_mutex_;
    std::deque<std::packaged_task<web::Answer()>> commands_;
    bool is_closed_ = false;

    mutable std::mutex published_mutex_;
    Published published_;
};

MasterShell::MasterShell(const Options& options, cluster::Link& link, std::string push_mode)
    : options_(options),
      link_(link),
      push_mode_(std::move(push_mode)),
      master_({BOOM_VERSION,
               options.is_cluster_open ? cluster::Admission::Everybody
                                       : cluster::Admission::LoopbackOnly,
               0},
              link, clock_,
              {[](const std::string& text) { base::log::info(text); },
               [this](const cluster::Run& run) { on_run_start(run); },
               [this](const cluster::Run& run, const stats::Snapshot& delta, double seconds) {
                   on_interval(run, delta, seconds);
               },
               [this](const cluster::Run& run) { on_run_end(run); }}) {
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

report::TextStyle MasterShell::style(int descriptor) const {
    report::TextStyle result;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets the environment
    const bool has_color = isatty(descriptor) == 1 && std::getenv("NO_COLOR") == nullptr;
    result.color = has_color && !options_.no_color ? report::TextStyle::Color::On
                                                   : report::TextStyle::Color::Off;
    return result;
}

void MasterShell::serve_http() {
    if (options_.http_address.empty()) {
        return;
    }
    web::ServerOptions server;
    server.listen = *base::parse_address(options_.http_address, 9771);
    if (server.listen.host.empty()) {
        server.listen.host = "0.0.0.0";
    }
    server.is_open = options_.is_cluster_open;
    try {
        server_ = std::make_unique<web::Server>(server, *this);
        base::log::info("HTTP control API",
                        {{"address", server.listen.host}, {"port", server_->port()}});
    } catch (const base::ConfigError& error) {
        if (options_.is_http_explicit || !options_.auto_start) {
            throw;
        }
        base::log::warning("no HTTP control API", {{"reason", error.what()}});
    }
}

web::Answer MasterShell::ask(std::function<web::Answer()> command) {
    std::future<web::Answer> answer;
    {
        const std::lock_guard lock(commands_mutex_);
        if (is_closed_) {
            return {2, "the master is quitting"};
        }
        commands_.emplace_back(std::move(command));
        answer = commands_.back().get_future();
    }
    link_.wake();
    try {
        return answer.get();
    } catch (const std::future_error&) {
        return {2, "the master is quitting"};
    }
}

void MasterShell::run_commands() {
    while (true) {
        std::packaged_task<web::Answer()> command;
        {
            const std::lock_guard lock(commands_mutex_);
            if (commands_.empty()) {
                return;
            }
            command = std::move(commands_.front());
            commands_.pop_front();
        }
        command();
        publish();
    }
}

web::Answer MasterShell::start(const std::string& testcase_path,
                               const std::vector<load::Setting>& settings) {
    return ask([this, testcase_path, settings]() -> web::Answer {
        const cluster::State state = master_.state();
        if (state == cluster::State::Spawning || state == cluster::State::Running) {
            return {2, "already started"};
        }
        if (state == cluster::State::Stopping) {
            return {2, "Please wait for all workers to finish"};
        }
        load::Profile profile = options_.profile;
        if (const std::string what = load::apply(profile, settings); !what.empty()) {
            return {2, what};
        }
        std::vector<std::string> cases;
        for (const std::string_view path : base::split_text(testcase_path, ',')) {
            cases.emplace_back(base::trim(path));
        }
        try {
            const std::string what = master_.start(compile_request(cases, options_.url, profile));
            return what.empty() ? web::Answer{} : web::Answer{2, what};
        } catch (const base::ConfigError& error) {
            return {2, error.what()};
        }
    });
}

web::Answer MasterShell::rebalance(const std::vector<load::Setting>& settings) {
    return ask([this, settings]() -> web::Answer {
        if (master_.run() == nullptr) {
            return {2, "no start"};
        }
        load::Profile profile = master_.run()->request.profile;
        if (const std::string what = load::apply(profile, settings); !what.empty()) {
            return {2, what};
        }
        cluster::Master::Adjustment adjustment;
        adjustment.spawn_count = profile.spawn_count;
        adjustment.spawn_rate = profile.spawn_rate;
        adjustment.max_rps = profile.max_rps;
        const std::string what = master_.rebalance(adjustment);
        return what.empty() ? web::Answer{} : web::Answer{2, what};
    });
}

web::Answer MasterShell::stop(StopMode mode) {
    return ask([this, mode]() -> web::Answer {
        const std::string what = master_.stop(mode == StopMode::Force ? user::StopMode::Force
                                                                      : user::StopMode::Graceful);
        return what.empty() ? web::Answer{} : web::Answer{3, what};
    });
}

web::Answer MasterShell::quit() {
    return ask([this]() -> web::Answer {
        is_quitting_ = true;
        master_.quit();
        return {};
    });
}

std::vector<web::WorkerRow> MasterShell::workers() const {
    const std::lock_guard lock(published_mutex_);
    return published_.workers;
}

web::MasterRow MasterShell::master() const {
    const std::lock_guard lock(published_mutex_);
    return published_.master;
}

std::string MasterShell::stats_json() const {
    std::shared_ptr<const report::Result> result;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result;
    }
    return report::to_json(result ? *result : report::Result{});
}

std::string MasterShell::metrics_text() const {
    Published view;
    {
        const std::lock_guard lock(published_mutex_);
        view = published_;
    }
    if (!view.result) {
        return report::prometheus_text({}, {}, {});
    }
    return report::prometheus_text(*view.totals, *view.catalog, *view.result);
}

void MasterShell::publish() {
    Published next;
    next.master.state = static_cast<int>(master_.state());
    next.master.state_name = cluster::name(master_.state());
    next.master.workers = master_.available_workers();
    next.master.target_users = master_.target_users();
    next.master.current_users = master_.current_users();
    for (const auto& peer : master_.peers()) {
        web::WorkerRow row;
        row.id = peer->hello.id;
        row.name = peer->hello.name;
        row.room = peer->hello.room;
        row.version = peer->hello.version;
        row.ip = peer->address;
        row.os = peer->hello.os;
        row.arch = peer->hello.arch;
        row.state = static_cast<int>(peer->state);
        row.state_name = cluster::name(peer->state);
        const base::Duration silence = clock_.now() - peer->last_heard;
        row.heartbeat = std::max(-1, 3 - static_cast<int>(silence / std::chrono::seconds(1)));
        row.user_count = peer->last.users;
        row.worker_cpu_usage = peer->last.worker_cpu_percent;
        row.cpu_usage = peer->last.cpu_percent;
        row.cpu_warning_emitted = peer->last.cpu_percent > 90;
        row.worker_memory_usage = peer->last.worker_memory_percent;
        row.memory_usage = peer->last.memory_percent;
        row.max_users = peer->hello.max_users;
        row.rps = peer->requests_per_second;
        row.lag_us = base::to_us(silence);
        next.master.rps += row.rps;
        next.workers.push_back(std::move(row));
    }
    if (const cluster::Run* run = master_.run()) {
        next.master.run_id = run->id;
        next.master.elapsed_s = base::to_seconds(master_.elapsed());
        next.master.is_degraded = run->is_degraded;
    }
    const std::lock_guard lock(published_mutex_);
    next.result = std::move(published_.result);
    next.totals = std::move(published_.totals);
    next.catalog = std::move(published_.catalog);
    if (next.result) {
        next.master.error_ratio = next.result->total.error_ratio;
    }
    published_ = std::move(next);
}

void MasterShell::on_run_start(const cluster::Run& run) {
    base::log::info("run started", {{"run", run.id}, {"workers", run.tallies.size()}});
    PushTarget push;
    push.gateway = run.request.profile.prometheus_gateway;
    push.master_host = "127.0.0.1";
    push.instance = base::host_name();
    push.mode = push_mode_;
    outputs_ = std::make_unique<RunOutputs>(run.catalog, push);
}

void MasterShell::on_interval(const cluster::Run& run, const stats::Snapshot& delta,
                              double seconds) {
    auto view = std::make_shared<const report::Result>(make_result(master_, run, Signalled::No));
    if (!options_.is_quiet && !run.request.profile.disable_console_output) {
        fmt::print(stderr, "{}\n", report::progress_line(*view, style(STDERR_FILENO)));
    }
    if (outputs_) {
        outputs_->on_interval(view, delta, run.totals, seconds);
    }
    const std::lock_guard lock(published_mutex_);
    published_.result = std::move(view);
    published_.totals = std::make_shared<const stats::Snapshot>(run.totals);
    published_.catalog = std::make_shared<const stats::Catalog>(run.catalog);
}

void MasterShell::on_run_end(const cluster::Run& run) {
    const Signalled signalled = signals_handled_ > 0 ? Signalled::Yes : Signalled::No;
    report::Result result = make_result(master_, run, signalled);
    if (outputs_) {
        const auto view = std::make_shared<const report::Result>(result);
        for (std::string& complaint : outputs_->finish(view, run.totals)) {
            result.run.notes.push_back(std::move(complaint));
        }
        outputs_.reset();
    }
    fmt::print("{}", report::final_report(result, style(STDOUT_FILENO)));
    std::fflush(stdout);
    const bool is_written = write_files(options_.outputs, result);
    exit_code_ = is_written ? result.run.exit_code : static_cast<int>(ExitCode::Internal);
    const std::lock_guard lock(published_mutex_);
    published_.result = std::make_shared<const report::Result>(std::move(result));
    published_.totals = std::make_shared<const stats::Snapshot>(run.totals);
    published_.catalog = std::make_shared<const stats::Catalog>(run.catalog);
}

void MasterShell::on_signals() {
    const int seen = signals_seen();
    if (seen == signals_handled_) {
        return;
    }
    signals_handled_ = seen;
    const cluster::Run* run = master_.run();
    const bool is_on = run != nullptr && run->end == cluster::RunEnd::None;
    is_quitting_ = true;
    if (!is_on) {
        return;
    }
    base::log::info(seen == 1 ? "stopping; once more to cut what is in flight"
                              : "cutting what is in flight");
    (void)master_.stop(seen == 1 ? user::StopMode::Graceful : user::StopMode::Force);
}

bool MasterShell::try_auto_start(std::optional<cluster::RunRequest>& request,
                                 base::TimePoint deadline) {
    if (master_.available_workers() >= options_.expect_workers) {
        const std::string what = master_.start(std::move(*request));
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
    }
    return true;
}

int MasterShell::loop(std::optional<cluster::RunRequest> first_run) {
    const bool is_single = first_run.has_value();
    const base::TimePoint deadline = clock_.now() + options_.expect_workers_max_wait;
    if (is_single && !options_.is_quiet) {
        base::log::info("profile", {{"effective", describe(first_run->profile)}});
    }
    while (true) {
        const base::TimePoint next = master_.step();
        on_signals();
        run_commands();
        if (first_run && !try_auto_start(first_run, deadline)) {
            break;
        }
        publish();
        const cluster::Run* run = master_.run();
        const bool is_on = run != nullptr && run->end == cluster::RunEnd::None;
        if (!is_on && (is_quitting_ || (is_single && exit_code_))) {
            break;
        }
        link_.wait(next - clock_.now());
    }
    master_.quit();
    if (!is_single) {
        return signals_handled_ > 0 && exit_code_ == static_cast<int>(ExitCode::Signalled)
                   ? *exit_code_
                   : 0;
    }
    return exit_code_.value_or(static_cast<int>(ExitCode::Signalled));
}

}  // namespace

int run_master(const Options& options) {
    check_writable(options.outputs);
    std::optional<cluster::RunRequest> request;
    if (options.auto_start) {
        request = compile_request(options.cases, options.url, options.profile);
    }
    const cluster::BoundLink bound =
        cluster::bind_master_link(options.master_bind_host, options.master_bind_port);
    base::log::info("waiting for workers",
                    {{"host", options.master_bind_host},
                     {"port", bound.port},
                     {"join", fmt::format("boom --worker --master-host {} --master-port {}",
                                          base::host_name(), bound.port)}});
    MasterShell shell(options, *bound.link, "master");
    shell.serve_http();
    return shell.loop(std::move(request));
}

int run_local(const Options& options) {
    check_writable(options.outputs);
    Options local = options;
    local.expect_workers = 1;
    local.auto_start = true;
    cluster::RunRequest request = compile_request(local.cases, local.url, local.profile);
    cluster::LoopbackPair links = cluster::make_loopback_links();
    int code = 0;
    {
        const InProcessWorker worker(*links.worker, local);
        MasterShell shell(local, *links.master, "standalone");
        shell.serve_http();
        code = shell.loop(std::move(request));
    }
    return code;
}

}  // namespace boom::app
