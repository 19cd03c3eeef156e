#include "web/routes.hpp"

#include "base/address.hpp"
#include "base/digest.hpp"
#include "base/process_usage.hpp"
#include "base/text.hpp"
#include "web/body.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace boom::web {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHomePage =
    "<!doctype html><meta charset=utf-8><title>boom</title><h1>boom master</h1>"
    "<p>Control API: POST /start, POST /rebalance, GET|POST /stop, GET|POST /quit, GET /workers, "
    "GET /master, GET /stats, GET /metrics, GET /healthz.</p>";

ApiResponse json(int status, const Json& body) {
    ApiResponse response;
    response.status = status;
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return response;
}

ApiResponse to_response(const Answer& answer) {
    return json(200, {{"code", answer.code}, {"message", answer.message}});
}

ApiResponse with_data(Json data) {
    return json(200, {{"code", 0}, {"message", "success"}, {"data", std::move(data)}});
}

ApiResponse text(int status, std::string body) {
    ApiResponse response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

ApiResponse start(const ApiRequest& request, RunControl& control) {
    const CommandBody body = parse_command_body(request.body, Command::Start);
    return to_response(body.complaint.empty() ? control.start(body.testcase_path, body.settings)
                                              : Answer{2, body.complaint});
}

ApiResponse rebalance(const ApiRequest& request, RunControl& control) {
    const CommandBody body = parse_command_body(request.body, Command::Rebalance);
    return to_response(body.complaint.empty() ? control.rebalance(body.settings)
                                              : Answer{2, body.complaint});
}

ApiResponse stop(const ApiRequest& request, RunControl& control) {
    const bool is_forced = request.method == "POST" && asks_for_force(request.body);
    return to_response(
        control.stop(is_forced ? RunControl::StopMode::Force : RunControl::StopMode::Graceful));
}

ApiResponse quit(const ApiRequest&, RunControl& control) {
    return to_response(control.quit());
}

ApiResponse workers(const ApiRequest&, RunControl& control) {
    Json rows = Json::array();
    for (const WorkerRow& row : control.workers()) {
        rows.push_back({{"id", row.id},
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
                        {"rps", row.rps},
                        {"lag_us", row.lag_us},
                        {"version", row.version}});
    }
    return with_data(std::move(rows));
}

ApiResponse master(const ApiRequest&, RunControl& control) {
    const MasterRow row = control.master();
    return with_data({{"state", row.state},
                      {"workers", row.workers},
                      {"target_users", row.target_users},
                      {"current_users", row.current_users},
                      {"state_name", row.state_name},
                      {"run_id", row.run_id},
                      {"elapsed_s", row.elapsed_s},
                      {"rps", row.rps},
                      {"error_ratio", row.error_ratio},
                      {"degraded", row.is_degraded}});
}

ApiResponse stats(const ApiRequest&, RunControl& control) {
    ApiResponse response;
    response.body = control.stats_json();
    return response;
}

ApiResponse metrics(const ApiRequest&, RunControl& control) {
    ApiResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = control.metrics_text();
    return response;
}

ApiResponse health(const ApiRequest&, RunControl& control) {
    const bool is_healthy = control.is_healthy();
    return json(is_healthy ? 200 : 503, {{"status", is_healthy ? "ok" : "failing"}});
}

ApiResponse home(const ApiRequest&, RunControl&) {
    ApiResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.body = kHomePage;
    return response;
}

struct Route {
    std::string_view path;
    std::string_view allow;  // methods, comma-separated; HEAD only where nothing happens
    ApiResponse (*handle)(const ApiRequest&, RunControl&);
    bool is_public = false;  // needs no token
};
constexpr std::array<Route, 10> kRoutes{{
    {"/start", "POST", &start},
    {"/rebalance", "POST", &rebalance},
    {"/stop", "GET, POST", &stop},
    {"/quit", "GET, POST", &quit},
    {"/workers", "GET, HEAD", &workers},
    {"/master", "GET, HEAD", &master},
    {"/stats", "GET, HEAD", &stats},
    {"/metrics", "GET, HEAD", &metrics},
    {"/healthz", "GET, HEAD", &health, true},
    {"/", "GET, HEAD", &home, true},
}};

std::string header(const ApiRequest& request, const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string() : found->second;
}

bool is_local_name(const std::string& host) {
    const auto address = base::parse_address(host, 80);
    if (!address) {
        return false;
    }
    const std::string& name = address->host;
    const bool is_literal = name.find_first_not_of("0123456789.") == std::string::npos ||
                            name.find(':') != std::string::npos;
    return is_literal || base::equals_ignoring_case(name, "localhost") ||
           base::equals_ignoring_case(name, base::host_name());
}

// Empty status 200 body: access is granted.
std::optional<ApiResponse> refuse_access(const ApiRequest& request, const AccessRules& rules,
                                         bool is_public) {
    const std::string host = header(request, "host");
    const std::string origin = header(request, "origin");
    if (!origin.empty()) {
        const std::size_t scheme = origin.find("://");
        if (scheme == std::string::npos || origin.substr(scheme + 3) != host) {
            return json(403, {{"code", 403}, {"message", "requests of other sites are refused"}});
        }
    }
    if (!rules.token.empty()) {
        constexpr std::string_view kBearer = "Bearer ";
        const std::string given = header(request, "authorization");
        const bool fits = base::equals_ignoring_case(given.substr(0, kBearer.size()), kBearer) &&
                          base::equals_in_constant_time(given.substr(kBearer.size()), rules.token);
        if (!fits && !is_public) {
            ApiResponse response =
                json(401, {{"code", 401}, {"message", "a valid bearer token is needed"}});
            response.is_challenge = true;
            return response;
        }
        return std::nullopt;
    }
    if (!rules.is_open && !base::is_loopback(request.peer)) {
        return json(403, {{"code", 403},
                          {"message",
                           "only this machine is served: start the master with --token, or with "
                           "--insecure-cluster to open it to everybody"}});
    }
    if (!host.empty() && !is_local_name(host)) {
        return json(403, {{"code", 403}, {"message", "unknown Host: use an address or localhost"}});
    }
    return std::nullopt;
}

bool allows(std::string_view allowed, std::string_view method) {
    for (const std::string_view one : base::split_text(allowed, ',')) {
        if (base::trim(one) == method) {
            return true;
        }
    }
    return false;
}

}  // namespace

ApiResponse respond(const ApiRequest& request, const AccessRules& rules, RunControl& control) {
    const Route* route = nullptr;
    for (const Route& candidate : kRoutes) {
        if (candidate.path == request.path) {
            route = &candidate;
        }
    }
    if (auto refusal = refuse_access(request, rules, route != nullptr && route->is_public)) {
        return *refusal;
    }
    if (route == nullptr) {
        return text(404, "Not Found");
    }
    if (!allows(route->allow, request.method)) {
        ApiResponse response = text(405, fmt::format("method {} not allowed", request.method));
        response.allow = route->allow;
        return response;
    }
    return route->handle(request, control);
}

}  // namespace boom::web
