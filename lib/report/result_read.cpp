// The result file, read back.
#include "base/error.hpp"
#include "report/result_value.hpp"

#include <fmt/format.h>

#include <array>

namespace boom::report {
namespace {

stats::Distribution read_distribution(const Json& value) {
    stats::Distribution d;
    value.at("count").get_to(d.count);
    value.at("min").get_to(d.min);
    value.at("mean").get_to(d.mean);
    value.at("stddev").get_to(d.stddev);
    value.at("p50").get_to(d.p50);
    value.at("p75").get_to(d.p75);
    value.at("p90").get_to(d.p90);
    value.at("p95").get_to(d.p95);
    value.at("p99").get_to(d.p99);
    value.at("p999").get_to(d.p999);
    value.at("p9999").get_to(d.p9999);
    value.at("max").get_to(d.max);
    value.at("hdr").get_to(d.hdr);
    return d;
}

stats::StepSummary read_step(const Json& value) {
    stats::StepSummary step;
    value.at("name").get_to(step.info.name);
    value.at("case").get_to(step.info.case_name);
    value.at("method").get_to(step.info.method);
    const auto type = value.at("type").get<std::string>();
    step.is_total = type == "total";
    for (const auto kind : {stats::StepKind::Request, stats::StepKind::Transaction,
                            stats::StepKind::Testcase, stats::StepKind::WebSocket}) {
        if (stats::name(kind) == type) {
            step.info.kind = kind;
        }
    }
    value.at("requests").get_to(step.requests);
    value.at("failures").get_to(step.failures);
    value.at("interrupted").get_to(step.interrupted);
    value.at("error_ratio").get_to(step.error_ratio);
    value.at("rps").get_to(step.requests_per_second);
    value.at("bytes_sent").get_to(step.bytes_sent);
    value.at("bytes_received").get_to(step.bytes_received);
    for (const auto& [code, count] : value.at("status").items()) {
        step.status[std::stoi(code)] = count.get<std::int64_t>();
    }
    step.response_time = read_distribution(value.at("response_time_us"));
    step.service_time = read_distribution(value.at("service_time_us"));
    return step;
}

template <typename Value, std::size_t N>
Value read_word(const Json& value, const std::array<std::string_view, N>& words) {
    const auto text = value.get<std::string>();
    for (std::size_t i = 0; i < N; ++i) {
        if (words[i] == text) {
            return static_cast<Value>(i);
        }
    }
    throw std::invalid_argument(fmt::format("'{}' is not known here", text));
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

RunInfo read_run(const Json& value) {
    RunInfo run;
    value.at("id").get_to(run.id);
    for (const Json& one : value.at("cases")) {
        run.cases.push_back({one.at("name").get<std::string>(), one.at("path").get<std::string>(),
                             one.at("sha256").get<std::string>()});
    }
    value.at("started_at").get_to(run.started_at);
    value.at("duration_s").get_to(run.duration_s);
    run.state =
        read_word<RunState, 4>(value.at("state"), {"running", "finished", "stopped", "aborted"});
    run.verdict = read_word<Verdict, 3>(value.at("verdict"), {"passed", "failed", "invalid"});
    value.at("exit_code").get_to(run.exit_code);
    value.at("degraded").get_to(run.is_degraded);
    value.at("notes").get_to(run.notes);
    for (const auto& [key, one] : value.at("profile").items()) {
        std::vector<std::string> texts;
        if (one.is_array()) {
            for (const Json& text : one) {
                texts.push_back(text_of(text));
            }
        } else {
            texts.push_back(text_of(one));
        }
        run.profile.emplace_back(key, std::move(texts));
    }
    for (const auto& [key, one] : value.at("tags").items()) {
        run.tags[key] = text_of(one);
    }
    return run;
}

stats::Health read_health(const Json& value) {
    stats::Health health;
    value.at("loop_busy_percent_max").get_to(health.loop_busy_percent);
    value.at("thread_cpu_percent_max").get_to(health.thread_cpu_percent);
    value.at("loop_lag_us_max").get_to(health.loop_lag_us);
    value.at("sockets_max").get_to(health.sockets);
    value.at("time_wait_max").get_to(health.time_wait);
    value.at("ephemeral_ports").get_to(health.ephemeral_ports);
    value.at("descriptors_max").get_to(health.descriptors);
    value.at("descriptor_limit").get_to(health.descriptor_limit);
    health.ports_in_use = value.value("ports_in_use_max", health.ports_in_use);
    health.queued_bytes = value.value("queued_bytes_max", health.queued_bytes);
    health.cpu_percents = value.value("cpu_percents_max", health.cpu_percents);
    health.seconds = value.value("seconds", health.seconds);
    health.network_seconds = value.value("network_seconds", health.network_seconds);
    health.user_us = value.value("user_us", health.user_us);
    health.occupied_us = value.value("occupied_us", health.occupied_us);
    health.cpu_us = value.value("cpu_us", std::int64_t{0});  // not in files of older versions
    health.function_cpu_us = value.value("function_cpu_us", std::int64_t{0});
    health.host_deaths = value.value("host_deaths", std::int64_t{0});
    health.local_connections = value.value("local_connections", std::int64_t{0});
    return health;
}

void read_rows(const Json& file, Result& result) {
    for (const Json& value : file.at("workers")) {
        WorkerResult& worker = result.workers.emplace_back();
        value.at("id").get_to(worker.id);
        value.at("name").get_to(worker.name);
        value.at("room").get_to(worker.room);
        value.at("users_peak").get_to(worker.users_peak);
        value.at("requests").get_to(worker.requests);
        value.at("failures").get_to(worker.failures);
        value.at("lost").get_to(worker.is_lost);
        value.at("cpu_percent_max").get_to(worker.cpu_percent_max);
        value.at("lateness_p99_us").get_to(worker.lateness_p99_us);
        if (value.contains("health")) {
            worker.health = read_health(value["health"]);
        }
    }
    for (const Json& value : file.at("errors")) {
        const Json& time = value.at("time_us");
        result.errors.push_back(
            {value.at("class").get<std::string>(), value.at("message").get<std::string>(),
             value.at("step").get<std::string>(), value.at("count").get<std::int64_t>(),
             value.at("first_s").get<double>(), value.at("last_s").get<double>(),
             time.at("p50").get<std::int64_t>(), time.at("p99").get<std::int64_t>(),
             time.at("max").get<std::int64_t>()});
        // Not in files of older versions.
        for (const Json& worker : value.value("workers", Json::array())) {
            result.errors.back().workers.push_back(
                {worker.at("id").get<std::string>(), worker.at("count").get<std::int64_t>()});
        }
        result.errors.back().more_workers = value.value("more_workers", std::int64_t{0});
    }
    for (const Json& value : file.at("events")) {
        result.events.push_back({value.at("t_s").get<double>(), value.at("kind").get<std::string>(),
                                 value.at("text").get<std::string>(),
                                 value.at("worker").get<std::string>()});
    }
    for (const Json& value : file.at("stages")) {
        result.stages.push_back({value.at("name").get<std::string>(),
                                 value.at("from_s").get<double>(), value.at("to_s").get<double>(),
                                 read_step(value.at("total"))});
    }
    for (const Json& value : file.at("thresholds")) {
        ThresholdResult& one = result.thresholds.emplace_back();
        value.at("expr").get_to(one.expression);
        one.bound = value.value("bound", 0.0);
        one.unit = value.value("unit", "");
        if (!value.at("observed").is_null()) {
            one.observed = value.at("observed").get<double>();
        }
        value.at("passed").get_to(one.has_passed);
    }
}

void read_timeline(const Json& rows, Result& result) {
    for (const Json& value : rows) {
        stats::TimelineRow& row = result.timeline.emplace_back();
        value.at("t_s").get_to(row.t_s);
        value.at("users").get_to(row.users);
        value.at("target_users").get_to(row.target_users);
        value.at("failures").get_to(row.failures);
        value.at("p50_us").get_to(row.p50_us);
        value.at("p95_us").get_to(row.p95_us);
        value.at("p99_us").get_to(row.p99_us);
        value.at("bytes_received").get_to(row.bytes_received);
        value.at("workers").get_to(row.workers);
    }
    // Rows have no gaps: each is as long as the time to the next.
    for (std::size_t i = 0; i < result.timeline.size(); ++i) {
        stats::TimelineRow& row = result.timeline[i];
        row.length_s = i + 1 < result.timeline.size() ? result.timeline[i + 1].t_s - row.t_s
                       : i > 0                        ? result.timeline[i - 1].length_s
                                                      : 1;
        row.requests = std::llround(rows[i].at("rps").get<double>() * row.length_s);
    }
}

std::vector<PartStep> read_part(const Json& steps) {
    std::vector<PartStep> result;
    for (const Json& value : steps) {
        PartStep& step = result.emplace_back();
        value.at("case").get_to(step.case_name);
        value.at("name").get_to(step.name);
        value.at("outcome").get_to(step.outcome);
        value.at("message").get_to(step.message);
        value.at("status").get_to(step.status);
        value.at("time_us").get_to(step.time_us);
    }
    return result;
}

Result read(const Json& file) {
    if (file.at("schema") != 1) {
        throw std::invalid_argument("only schema 1 is known here");
    }
    Result result;
    file.at("version").get_to(result.version);
    result.run = read_run(file.at("run"));
    read_rows(file, result);
    result.total = read_step(file.at("total"));
    for (const Json& step : file.at("steps")) {
        result.steps.push_back(read_step(step));
    }
    const Json& iterations = file.at("iterations");
    iterations.at("started").get_to(result.iterations.started);
    iterations.at("finished").get_to(result.iterations.finished);
    iterations.at("failed").get_to(result.iterations.failed);
    iterations.at("dropped").get_to(result.iterations.dropped);
    iterations.at("interrupted").get_to(result.iterations.interrupted);
    file.at("transactions").at("passed").get_to(result.transactions.passed);
    file.at("transactions").at("failed").get_to(result.transactions.failed);
    const Json& connections = file.at("connections");
    connections.at("opened").get_to(result.connections.opened);
    connections.at("reused").get_to(result.connections.reused);
    connections.at("failed").get_to(result.connections.failed);
    connections.at("exchanges").get_to(result.connections.exchanges);
    const Json& health = file.at("health");
    if (!health.at("limited_by").is_null()) {
        result.health.limited_by = health.at("limited_by").get<std::string>();
    }
    health.at("asked").get_to(result.health.asked);
    health.at("reached").get_to(result.health.reached);
    result.health.lateness = read_distribution(health.at("lateness_us"));
    read_timeline(file.at("timeline"), result);
    for (const Json& value : file.value("monitor", Json::array())) {
        MonitorSeries& series = result.monitor.emplace_back();
        value.at("name").get_to(series.name);
        value.at("source").get_to(series.source);
        value.at("unit").get_to(series.unit);
        value.at("points").get_to(series.points);
    }
    result.setup = read_part(file.value("setup", Json::array()));
    result.teardown = read_part(file.value("teardown", Json::array()));
    return result;
}

}  // namespace

Result parse_result(std::string_view json, const std::string& path) {
    try {
        return read(Json::parse(json));
    } catch (const std::exception& error) {
        // nlohmann's texts begin with its own name in brackets.
        const std::string_view what = error.what();
        const std::size_t end = what.find("] ");
        throw base::ConfigError(
            base::Mistake{{path},
                          fmt::format("is no result file of boom: {}",
                                      what.substr(end == std::string_view::npos ? 0 : end + 2)),
                          "written by --out json=PATH"});
    }
}

}  // namespace boom::report
