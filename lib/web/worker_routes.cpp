#include "web/worker_routes.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace boom::web {
namespace {

using Json = nlohmann::ordered_json;

ApiResponse with_data(Json data) {
    ApiResponse response;
    const Json body{{"code", 0}, {"message", "success"}, {"data", std::move(data)}};
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return response;
}

ApiResponse no_such_worker(const std::string& id) {
    constexpr int kUnknownWorker = 4;
    return json_response(404, kUnknownWorker, "no such worker: " + id);
}

// `?state=ready`: by name, or by the reference's number.
bool is_wanted(const WorkerRow& row, const ApiRequest& request) {
    const auto state = request.query.find("state");
    return state == request.query.end() || state->second == row.state_name ||
           state->second == std::to_string(row.state);
}

Json to_json(const WorkerRow& row) {
    Json health = {{"cpu_percents", row.health.health.cpu_percents}};
    for (const auto& [name, figure] : row.health.figures()) {
        health[name] = figure;
    }
    return {{"id", row.id},
            {"ip", row.ip},
            {"os", row.os},
            {"arch", row.arch},
            {"state", row.state},
            {"heartbeat", row.heartbeat},
            {"user_count", row.user_count},
            {"worker_cpu_usage", row.worker_cpu_usage},
            {"cpu_usage", row.cpu_usage},
            {"cpu_warning_emitted", row.cpu_warning_emitted},
            {"worker_memory_usage", row.worker_memory_usage},
            {"memory_usage", row.memory_usage},
            {"name", row.name},
            {"state_name", row.state_name},
            {"max_users", row.max_users ? Json(*row.max_users) : Json()},
            {"room", row.room},
            {"target_users", row.target_users},
            {"rps", row.rps},
            {"lag_us", row.lag_us},
            {"health", std::move(health)},
            {"version", row.version}};
}

Json to_json(const WorkerTotals& totals) {
    return {{"run_id", totals.run_id},
            {"requests", totals.requests},
            {"failures", totals.failures},
            {"users_peak", totals.users_peak},
            {"cpu_percent_max", totals.cpu_percent_max},
            {"lateness_p99_us", totals.lateness_p99_us},
            {"connect_min_us", totals.connect_min_us ? Json(*totals.connect_min_us) : Json()},
            {"lost", totals.is_lost}};
}

}  // namespace

ApiResponse workers_response(const ApiRequest& request, const RunControl& control) {
    Json rows = Json::array();
    for (const WorkerRow& row : control.workers()) {
        if (is_wanted(row, request)) {
            rows.push_back(to_json(row));
        }
    }
    return with_data(std::move(rows));
}

ApiResponse worker_response(const std::string& id, const RunControl& control) {
    const std::vector<WorkerRow> rows = control.workers();
    const auto row = std::ranges::find(rows, id, &WorkerRow::id);
    if (row == rows.end()) {
        return no_such_worker(id);
    }
    Json data = to_json(*row);
    const std::optional<WorkerTotals> totals = control.worker_totals(id);
    data["run"] = totals ? to_json(*totals) : Json();
    return with_data(std::move(data));
}

ApiResponse worker_log_response(const std::string& id, RunControl& control) {
    std::optional<std::string> log = control.worker_log(id);
    return log ? text_response(200, std::move(*log)) : no_such_worker(id);
}

}  // namespace boom::web
