// What the HTTP API asks of the master. Its calls come from the web server's thread.
#include "base/address.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "boom/case_request.hpp"
#include "boom/master_shell.hpp"
#include "boom/preflight.hpp"
#include "boom/run_result.hpp"
#include "load/schedule.hpp"
#include "report/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace boom::app {
namespace {

std::vector<std::string> split_paths(const std::string& text) {
    std::vector<std::string> paths;
    for (const std::string_view path : base::split_text(text, ',')) {
        if (!base::trim(path).empty()) {
            paths.emplace_back(base::trim(path));
        }
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
        commands_.emplace_back([this, command = std::move(command)] {
            web::Answer result = command();
            publish();  // who is answered can see what was done
            return result;
        });
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
    }
}

// Why the paths of a /start are not for its sender to read, or empty.
std::string MasterShell::check_paths(const std::string& testcase_path) const {
    namespace fs = std::filesystem;
    if (split_paths(testcase_path).empty()) {
        return "missing testcases path";
    }
    if (options_.is_any_path_allowed) {
        return {};
    }
    std::error_code failure;
    const fs::path here = fs::canonical(".", failure);
    for (const std::string& path : split_paths(testcase_path)) {
        if (path.starts_with("http://") || path.starts_with("https://")) {
            continue;
        }
        // Links are followed first: what counts is where the file really is.
        const fs::path inside = fs::weakly_canonical(here / path, failure).lexically_relative(here);
        if (failure || inside.empty() || *inside.begin() == "..") {
            return fmt::format(
                "'{}' is outside of the master's folder: start it with "
                "--any-testcase-path to allow that",
                path);
        }
    }
    return {};
}

web::Answer MasterShell::start(const web::StartRequest& request) {
    if (std::string what = check_paths(request.testcase_path); !what.empty()) {
        return {2, std::move(what)};
    }
    web::Answer checked;
    const load::Profile wanted = profile_of(request, checked);
    if (checked.code == 0) {
        warn_of_sinks(wanted.prometheus_gateway, options_.outputs);
    }
    const auto why_not = [this]() -> web::Answer {
        const cluster::State state = master_.state();
        if (state == cluster::State::Spawning || state == cluster::State::Running ||
            part_ != nullptr) {
            return {2, "already started"};
        }
        if (state == cluster::State::Stopping) {
            return {2, "Please wait for all workers to finish"};
        }
        return {};
    };
    if (web::Answer answer = ask(why_not); answer.code != 0 || checked.code != 0) {
        return answer.code != 0 ? answer : checked;
    }
    std::optional<cluster::RunRequest> run;
    try {
        // Here, on the web server's thread: to read large files takes longer than workers wait.
        run = compile_request(split_paths(request.testcase_path), options_.url, wanted);
    } catch (const base::ConfigError& error) {
        return {2, error.what()};
    }
    return ask([this, &request, &run, &why_not]() -> web::Answer {
        if (web::Answer answer = why_not(); answer.code != 0) {
            return answer;
        }
        if (pending_ || !request.start_at.empty()) {
            return start_later(request.start_at, std::move(*run));
        }
        const std::string what = begin_run(std::move(*run));
        return what.empty() ? web::Answer{} : web::Answer{2, what};
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
    if (std::string what = check_paths(request.testcase_path); !what.empty()) {
        plan.answer = {2, std::move(what)};
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

std::optional<std::string> MasterShell::worker_log(const std::string& id) {
    std::optional<std::string> log;
    (void)ask([&]() -> web::Answer {
        if (const cluster::Peer* peer = master_.find_worker(id); peer != nullptr) {
            log = peer->diary.text();
        }
        return {};
    });
    return log;
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

void MasterShell::refused(const std::string& address, const std::string& reason) {
    const std::lock_guard lock(refusals_mutex_);
    if (refusals_.note(address, reason) == base::Refusals::News::First) {
        base::log::warning("refused; repetitions are only counted",
                           {{"peer", address}, {"reason", reason}});
    }
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

}  // namespace boom::app
