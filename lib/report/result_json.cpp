#include "base/text.hpp"
#include "report/advice.hpp"
#include "report/result_value.hpp"

#include <string_view>

namespace boom::report {
namespace {

std::string_view text(RunState state) {
    switch (state) {
        case RunState::Running:
            return "running";
        case RunState::Finished:
            return "finished";
        case RunState::Stopped:
            return "stopped";
        case RunState::Aborted:
            return "aborted";
    }
    return "";
}

std::string_view text(Verdict verdict) {
    switch (verdict) {
        case Verdict::Passed:
            return "passed";
        case Verdict::Failed:
            return "failed";
        case Verdict::Invalid:
            return "invalid";
    }
    return "";
}

// A number or flag as such, anything else as text.
Json typed(const std::string& value) {
    if (value == "true" || value == "false") {
        return value == "true";
    }
    if (const auto integer = base::parse_integer(value)) {
        return *integer;
    }
    if (const auto real = base::parse_real(value)) {
        return *real;
    }
    return value;
}

Json to_json(const stats::Distribution& d) {
    return {{"count", d.count}, {"min", d.min},   {"mean", d.mean},   {"stddev", d.stddev},
            {"p50", d.p50},     {"p75", d.p75},   {"p90", d.p90},     {"p95", d.p95},
            {"p99", d.p99},     {"p999", d.p999}, {"p9999", d.p9999}, {"max", d.max},
            {"hdr", d.hdr}};
}

Json to_json(const stats::StepSummary& step) {
    Json status = Json::object();
    for (const auto& [code, count] : step.status) {
        status[std::to_string(code)] = count;
    }
    return {{"name", step.info.name},
            {"case", step.info.case_name},
            {"type", step.is_total ? "total" : std::string(stats::name(step.info.kind))},
            {"method", step.info.method},
            {"requests", step.requests},
            {"failures", step.failures},
            {"interrupted", step.interrupted},
            {"error_ratio", step.error_ratio},
            {"rps", step.requests_per_second},
            {"bytes_sent", step.bytes_sent},
            {"bytes_received", step.bytes_received},
            {"status", std::move(status)},
            {"response_time_us", to_json(step.response_time)},
            {"service_time_us", to_json(step.service_time)}};
}

Json run_json(const RunInfo& run) {
    Json cases = Json::array();
    for (const CaseInfo& info : run.cases) {
        cases.push_back({{"name", info.name}, {"path", info.path}, {"sha256", info.sha256}});
    }
    Json profile = Json::object();
    for (const auto& [key, values] : run.profile) {
        if (values.size() == 1) {
            profile[key] = typed(values.front());
        } else {
            profile[key] = values;
        }
    }
    Json tags = Json::object();
    for (const auto& [key, value] : run.tags) {
        tags[key] = value;
    }
    return {{"id", run.id},
            {"cases", std::move(cases)},
            {"started_at", run.started_at},
            {"duration_s", run.duration_s},
            {"state", text(run.state)},
            {"verdict", text(run.verdict)},
            {"exit_code", run.exit_code},
            {"degraded", run.is_degraded},
            {"notes", run.notes},
            {"profile", std::move(profile)},
            {"tags", std::move(tags)}};
}

Json health_json(const stats::Health& health) {
    return {{"loop_busy_percent_max", health.loop_busy_percent},
            {"thread_cpu_percent_max", health.thread_cpu_percent},
            {"loop_lag_us_max", health.loop_lag_us},
            {"sockets_max", health.sockets},
            {"time_wait_max", health.time_wait},
            {"ephemeral_ports", health.ephemeral_ports},
            {"ports_in_use_max", health.ports_in_use},
            {"descriptors_max", health.descriptors},
            {"descriptor_limit", health.descriptor_limit},
            {"queued_bytes_max", health.queued_bytes},
            {"cpu_percents_max", health.cpu_percents},
            {"overhead_percent", health.overhead_percent()},
            {"seconds", health.seconds},
            {"network_seconds", health.network_seconds},
            {"user_us", health.user_us},
            {"occupied_us", health.occupied_us},
            {"cpu_us", health.cpu_us},
            {"function_cpu_us", health.function_cpu_us},
            {"host_deaths", health.host_deaths},
            {"local_connections", health.local_connections}};
}

Json workers_json(const Result& result) {
    Json workers = Json::array();
    for (const WorkerResult& worker : result.workers) {
        workers.push_back({{"id", worker.id},
                           {"name", worker.name},
                           {"room", worker.room},
                           {"users_peak", worker.users_peak},
                           {"requests", worker.requests},
                           {"failures", worker.failures},
                           {"lost", worker.is_lost},
                           {"cpu_percent_max", worker.cpu_percent_max},
                           {"lateness_p99_us", worker.lateness_p99_us},
                           {"health", health_json(worker.health)}});
    }
    return workers;
}

Json errors_json(const Result& result) {
    Json errors = Json::array();
    for (const ErrorRow& row : result.errors) {
        Json workers = Json::array();
        for (const ErrorRow::Worker& worker : row.workers) {
            workers.push_back({{"id", worker.id}, {"count", worker.count}});
        }
        errors.push_back({{"class", row.error_class},
                          {"message", row.message},
                          {"step", row.step},
                          {"count", row.count},
                          {"first_s", row.first_s},
                          {"last_s", row.last_s},
                          {"time_us",
                           {{"count", row.count},
                            {"p50", row.p50_us},
                            {"p99", row.p99_us},
                            {"max", row.max_us}}},
                          {"workers", std::move(workers)},
                          {"more_workers", row.more_workers}});
    }
    return errors;
}

Json stages_json(const Result& result) {
    Json stages = Json::array();
    for (const StageResult& stage : result.stages) {
        stages.push_back({{"name", stage.name},
                          {"from_s", stage.from_s},
                          {"to_s", stage.to_s},
                          {"total", to_json(stage.total)}});
    }
    return stages;
}

Json thresholds_json(const Result& result) {
    Json thresholds = Json::array();
    for (const ThresholdResult& threshold : result.thresholds) {
        thresholds.push_back({{"expr", threshold.expression},
                              {"observed", threshold.observed ? Json(*threshold.observed) : Json()},
                              {"bound", threshold.bound},
                              {"unit", threshold.unit},
                              {"passed", threshold.has_passed}});
    }
    return thresholds;
}

Json timeline_json(const Result& result) {
    Json rows = Json::array();
    for (const stats::TimelineRow& row : result.timeline) {
        rows.push_back({{"t_s", row.t_s},
                        {"users", row.users},
                        {"target_users", row.target_users},
                        {"rps", row.requests_per_second()},
                        {"failures", row.failures},
                        {"p50_us", row.p50_us},
                        {"p95_us", row.p95_us},
                        {"p99_us", row.p99_us},
                        {"bytes_received", row.bytes_received},
                        {"workers", row.workers}});
    }
    return rows;
}

Json main_value(const Result& result) {
    Json steps = Json::array();
    for (const stats::StepSummary& step : result.steps) {
        steps.push_back(to_json(step));
    }
    Json events = Json::array();
    for (const Event& event : result.events) {
        events.push_back({{"t_s", event.t_s},
                          {"kind", event.kind},
                          {"text", event.text},
                          {"worker", event.worker}});
    }
    const stats::Iterations& iterations = result.iterations;
    return {{"schema", 1},
            {"version", result.version},
            {"run", run_json(result.run)},
            {"workers", workers_json(result)},
            {"total", to_json(result.total)},
            {"steps", std::move(steps)},
            {"iterations",
             {{"started", iterations.started},
              {"finished", iterations.finished},
              {"failed", iterations.failed},
              {"dropped", iterations.dropped},
              {"interrupted", iterations.interrupted}}},
            {"transactions",
             {{"passed", result.transactions.passed}, {"failed", result.transactions.failed}}},
            {"errors", errors_json(result)},
            {"events", std::move(events)},
            {"stages", stages_json(result)},
            {"thresholds", thresholds_json(result)},
            {"connections",
             {{"opened", result.connections.opened},
              {"reused", result.connections.reused},
              {"failed", result.connections.failed},
              {"exchanges", result.connections.exchanges}}},
            {"health",
             {{"limited_by", result.health.limited_by ? Json(*result.health.limited_by) : Json()},
              {"asked", result.health.asked},
              {"reached", result.health.reached},
              {"lateness_us", to_json(result.health.lateness)}}},
            {"timeline", timeline_json(result)}};
}

}  // namespace

Json result_value(const Result& result) {
    Json value = main_value(result);
    if (!result.monitor.empty()) {
        Json monitor = Json::array();
        for (const MonitorSeries& series : result.monitor) {
            Json points = Json::array();
            for (const auto& [t_s, figure] : series.points) {
                points.push_back({t_s, figure});
            }
            monitor.push_back({{"name", series.name},
                               {"source", series.source},
                               {"unit", series.unit},
                               {"points", std::move(points)}});
        }
        value["monitor"] = std::move(monitor);
    }
    for (const auto& [key, steps] :
         {std::pair("setup", &result.setup), std::pair("teardown", &result.teardown)}) {
        for (const PartStep& step : *steps) {
            value[key].push_back({{"case", step.case_name},
                                  {"name", step.name},
                                  {"outcome", step.outcome},
                                  {"message", step.message},
                                  {"status", step.status},
                                  {"time_us", step.time_us}});
        }
    }
    return value;
}

std::string dump(const Json& value, int indent) {
    // Server answers may be no UTF-8: shown with replacement characters, never an exception.
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Result& result) {
    return dump(result_value(result), 2);
}

}  // namespace boom::report
