// What the HTTP API asks of the master. Its calls come from the web server's thread.
#include "base/address.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "boom/case_request.hpp"
#include "boom/master_shell.hpp"
#include "boom/run_result.hpp"
#include "load/schedule.hpp"
#include "report/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::app {
namespace {

web::WorkerRow describe_peer(const cluster::Peer& peer, base::TimePoint now) {
    web::WorkerRow row;
    row.id = peer.hello.id;
    row.name = peer.hello.name;
    row.room = peer.hello.room;
    row.version = peer.hello.version;
    row.ip = peer.address;
    row.os = peer.hello.os;
    row.arch = peer.hello.arch;
    row.state = static_cast<int>(peer.state);
    row.state_name = cluster::name(peer.state);
    const base::Duration silence = now - peer.last_heard;
    row.heartbeat = std::max(-1, 3 - static_cast<int>(silence / std::chrono::seconds(1)));
    row.user_count = peer.last.users;
    row.worker_cpu_usage = peer.last.worker_cpu_percent;
    row.cpu_usage = peer.last.cpu_percent;
    row.cpu_warning_emitted = peer.last.cpu_percent > 90;
    row.worker_memory_usage = peer.last.worker_memory_percent;
    row.memory_usage = peer.last.memory_percent;
    row.max_users = peer.hello.max_users;
    row.rps = peer.requests_per_second;
    row.lag_us = base::to_us(silence);
    row.health = {peer.health, peer.lateness_p99_us};
    return row;
}

std::vector<std::string> split_paths(const std::string& text) {
    std::vector<std::string> paths;
    for (const std::string_view path : base::split_text(text, ',')) {
        paths.emplace_back(base::trim(path));
    }
    return paths;
}

}  // namespace

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
    server.token = options_.token;
    server.certificate = options_.http_keys.certificate;
    server.key = options_.http_keys.key;
    if (options_.mode == Mode::Local) {
        server.option = "--http-address";
    }
    try {
        server_ = std::make_unique<web::Server>(server, *this);
        event_log_.on_change([this] { server_->wake_streams(); });
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

web::Answer MasterShell::start(const web::StartRequest& request) {
    return ask([this, request]() -> web::Answer {
        const cluster::State state = master_.state();
        if (state == cluster::State::Spawning || state == cluster::State::Running ||
            part_ != nullptr) {
            return {2, "already started"};
        }
        if (state == cluster::State::Stopping) {
            return {2, "Please wait for all workers to finish"};
        }
        web::Answer answer;
        const load::Profile profile = profile_of(request, answer);
        if (answer.code != 0) {
            return answer;
        }
        try {
            cluster::RunRequest run =
                compile_request(split_paths(request.testcase_path), options_.url, profile);
            if (pending_ || !request.start_at.empty()) {
                return start_later(request.start_at, std::move(run));
            }
            const std::string what = begin_run(std::move(run));
            return what.empty() ? web::Answer{} : web::Answer{2, what};
        } catch (const base::ConfigError& error) {
            return {2, error.what()};
        }
    });
}

load::Profile MasterShell::profile_of(const web::StartRequest& request, web::Answer& answer) const {
    load::Profile profile = options_.profile;
    if (std::string what = load::apply(profile, request.settings); !what.empty()) {
        answer = {2, std::move(what)};
    }
    return profile;
}

// Needs nothing of the master, so it stays on the web server's thread.
web::PlanAnswer MasterShell::plan(const web::StartRequest& request) {
    web::PlanAnswer plan;
    const load::Profile profile = profile_of(request, plan.answer);
    if (plan.answer.code != 0) {
        return plan;
    }
    try {
        (void)compile_request(split_paths(request.testcase_path), options_.url, profile);
    } catch (const base::ConfigError& error) {
        plan.answer = {2, error.what()};
        return plan;
    }
    const load::Schedule schedule = load::schedule_of(profile);
    const load::Curve& target = schedule.streams.front().target;
    const base::Duration end = schedule.end.value_or(target.end() * 5 / 4);
    plan.unit = schedule.is_open() ? "iterations/s" : "users";
    plan.duration_s = schedule.end ? base::to_seconds(end) : 0;
    for (const load::Point& point : target.points()) {
        const bool is_repeated =
            !plan.points.empty() &&
            plan.points.back() == web::PlanPoint{base::to_seconds(point.at), point.value};
        if (point.at < end && !is_repeated) {
            plan.points.push_back({base::to_seconds(point.at), point.value});
        }
    }
    plan.points.push_back({base::to_seconds(end), target.value(end - base::Duration(1))});
    return plan;
}

web::Answer MasterShell::stop(StopMode mode) {
    return ask([this, mode]() -> web::Answer {
        if (pending_) {
            pending_.reset();
            base::log::info("the start that waited for its time is cancelled");
            return {};
        }
        const std::string what =
            stop_run(mode == StopMode::Force ? user::StopMode::Force : user::StopMode::Graceful);
        return what.empty() ? web::Answer{} : web::Answer{3, what};
    });
}

web::Answer MasterShell::quit() {
    return ask([this]() -> web::Answer {
        is_quitting_ = true;
        if (part_ != nullptr) {
            part_->stop(user::StopMode::Graceful);
        }
        master_.quit();
        return {};
    });
}

web::Answer MasterShell::take_out(const std::string& worker) {
    return ask([this, worker]() -> web::Answer {
        const std::string what = master_.take_out(worker);
        return what.empty() ? web::Answer{}
                            : web::Answer{what.starts_with("no such") ? 4 : 2, what};
    });
}

web::Answer MasterShell::bring_back(const std::string& worker) {
    return ask([this, worker]() -> web::Answer {
        const std::string what = master_.bring_back(worker);
        return what.empty() ? web::Answer{}
                            : web::Answer{what.starts_with("no such") ? 4 : 2, what};
    });
}

std::vector<web::CaseFile> MasterShell::cases() const {
    return web::list_cases(".");
}

std::optional<std::string> MasterShell::case_text(const std::string& path) const {
    return web::read_case(".", path);
}

std::vector<web::RunRow> MasterShell::runs() const {
    std::vector<web::RunRow> rows;
    if (run_files_) {
        rows = run_files_->list();
    }
    for (web::RunRow& row : rows) {
        for (const report::FileFormat& format : report::file_formats()) {
            row.formats.emplace_back(format.kind);
        }
    }
    return rows;
}

std::optional<web::RunDocument> MasterShell::run_document(const std::string& id,
                                                          const std::string& format) const {
    const report::FileFormat* found = report::find_format(format);
    auto text = run_files_ && found != nullptr ? run_files_->read(id) : std::nullopt;
    if (!text) {
        return std::nullopt;
    }
    if (format != "json") {
        try {
            text = found->render(report::parse_result(*text, id));
        } catch (const base::ConfigError&) {
            return std::nullopt;  // written by a version that we cannot read
        }
    }
    return web::RunDocument{std::string(found->media_type), std::move(*text)};
}

std::string MasterShell::report_html() const {
    std::shared_ptr<const report::Result> result;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result;
    }
    return report::to_html(result ? *result : report::Result{});
}

std::vector<web::WorkerRow> MasterShell::workers() const {
    const std::lock_guard lock(published_mutex_);
    return published_.workers;
}

web::MasterRow MasterShell::master() const {
    const std::lock_guard lock(published_mutex_);
    return published_.master;
}

std::string MasterShell::stats_json(Detail detail) const {
    static const auto kNothing = std::make_shared<const report::Result>();
    std::shared_ptr<const report::Result> result;
    std::string interval;
    {
        const std::lock_guard lock(published_mutex_);
        result = published_.result ? published_.result : kNothing;
        interval = published_.interval;
    }
    StatsText& kept = stats_texts_[detail == Detail::Brief ? 1 : 0];
    if (detail == Detail::Brief) {
        last_look_ = clock_.now();
    }
    if (kept.of != result) {
        kept = {result,
                detail == Detail::Brief ? brief_json(*result, interval) : report::to_json(*result)};
    }
    return kept.text;
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

void MasterShell::publish_run(std::shared_ptr<const report::Result> result, const cluster::Run& run,
                              std::string interval) {
    auto totals = std::make_shared<const stats::Snapshot>(run.totals);
    auto catalog = std::make_shared<const stats::Catalog>(run.catalog);
    const std::lock_guard lock(published_mutex_);
    published_.result = std::move(result);
    published_.totals = std::move(totals);
    published_.catalog = std::move(catalog);
    published_.interval = std::move(interval);
}

void MasterShell::publish() {
    if (const cluster::Run* run = master_.run(); run != nullptr && server_ != nullptr) {
        run_events_.follow(*run);
    }
    if (server_ != nullptr && clock_.now() - last_tick_ > std::chrono::seconds(1)) {
        last_tick_ = clock_.now();
        server_->tick();
    }
    Published next;
    next.master.state = static_cast<int>(master_.state());
    next.master.state_name = cluster::name(master_.state());
    next.master.workers = master_.available_workers();
    next.master.target_users = master_.target_users();
    next.master.current_users = master_.current_users();
    if (part_ != nullptr) {
        const bool is_setup = part_->part() == plan::Part::RunSetup;
        next.master.state =
            static_cast<int>(is_setup ? cluster::State::Spawning : cluster::State::Stopping);
        next.master.state_name = is_setup ? "setup" : "teardown";
    }
    if (pending_) {
        const auto wait = pending_->at - std::chrono::system_clock::now();
        next.master.starts_in_s = std::max(0.0, base::to_seconds(wait));
    }
    for (const auto& peer : master_.peers()) {
        web::WorkerRow row = describe_peer(*peer, clock_.now());
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
    next.interval = std::move(published_.interval);
    if (next.result) {
        next.master.error_ratio = next.result->total.error_ratio;
    }
    published_ = std::move(next);
}

}  // namespace boom::app
