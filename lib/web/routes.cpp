#include "web/routes.hpp"

#include "base/text.hpp"
#include "web/assets.hpp"
#include "web/body.hpp"
#include "web/policy.hpp"
#include "web/worker_routes.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <optional>

namespace boom::web {
namespace {

using Json = nlohmann::ordered_json;

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

// One call: the request, and what the pattern's star stood for.
struct Call {
    const ApiRequest& request;
    RunControl& control;
    std::string_view part;
};

ApiResponse not_found() {
    return text_response(404, "Not Found");
}

ApiResponse start(const Call& call) {
    const CommandBody body = parse_command_body(call.request.body, Command::Start);
    return to_response(body.complaint.empty()
                           ? call.control.start({body.testcase_path, body.settings, body.start_at})
                           : Answer{2, body.complaint});
}

ApiResponse plan(const Call& call) {
    const CommandBody body = parse_command_body(call.request.body, Command::Start);
    if (!body.complaint.empty()) {
        return to_response({2, body.complaint});
    }
    const PlanAnswer answer = call.control.plan({body.testcase_path, body.settings, body.start_at});
    if (answer.answer.code != 0) {
        return to_response(answer.answer);
    }
    Json points = Json::array();
    for (const PlanPoint& point : answer.points) {
        points.push_back({{"t_s", point.t_s}, {"target", point.target}});
    }
    return with_data({{"unit", answer.unit},
                      {"duration_s", answer.duration_s > 0 ? Json(answer.duration_s) : Json()},
                      {"points", std::move(points)}});
}

ApiResponse rebalance(const Call& call) {
    const CommandBody body = parse_command_body(call.request.body, Command::Rebalance);
    return to_response(body.complaint.empty() ? call.control.rebalance(body.settings, body.worker)
                                              : Answer{2, body.complaint});
}

ApiResponse stop(const Call& call) {
    const StopBody body =
        call.request.method == "POST" ? parse_stop_body(call.request.body) : StopBody{};
    if (!body.complaint.empty()) {
        return to_response({2, body.complaint});
    }
    return to_response(call.control.stop(body.is_forced ? RunControl::StopMode::Force
                                                        : RunControl::StopMode::Graceful));
}

ApiResponse quit(const Call& call) {
    return to_response(call.control.quit());
}

constexpr int kUnknownWorker = 4;

ApiResponse no_worker_named() {
    return json_response(404, kUnknownWorker,
                         "the path names no worker: /workers/{id}/…, with an id of GET /workers");
}

ApiResponse about_worker(const Answer& answer) {
    return answer.code == kUnknownWorker ? json_response(404, answer.code, answer.message)
                                         : to_response(answer);
}

ApiResponse stop_worker(const Call& call) {
    return call.part.empty() ? no_worker_named()
                             : about_worker(call.control.take_out(std::string(call.part)));
}

ApiResponse start_worker(const Call& call) {
    return call.part.empty() ? no_worker_named()
                             : about_worker(call.control.bring_back(std::string(call.part)));
}

ApiResponse cases(const Call& call) {
    Json rows = Json::array();
    for (const CaseFile& file : call.control.cases()) {
        rows.push_back({{"path", file.path}, {"bytes", file.bytes}});
    }
    return with_data(std::move(rows));
}

ApiResponse one_case(const Call& call) {
    auto content = call.control.case_text(std::string(call.part));
    return content ? text_response(200, std::move(*content)) : not_found();
}

Json to_json(const RunRow& row) {
    return {{"id", row.id},
            {"started_at", row.started_at},
            {"duration_s", row.duration_s},
            {"cases", row.cases},
            {"state", row.state},
            {"verdict", row.verdict},
            {"requests", row.requests},
            {"rps", row.rps},
            {"error_ratio", row.error_ratio},
            {"p95_us", row.p95_us},
            {"tags", row.tags},
            {"formats", row.formats}};
}

ApiResponse runs(const Call& call) {
    Json rows = Json::array();
    for (const RunRow& row : call.control.runs()) {
        rows.push_back(to_json(row));
    }
    return with_data(std::move(rows));
}

ApiResponse one_run(const Call& call) {
    const std::size_t slash = call.part.find('/');
    const std::string id(call.part.substr(0, slash));
    const std::string format(slash == std::string_view::npos ? "json"
                                                             : call.part.substr(slash + 1));
    auto document = call.control.run_document(id, format);
    if (!document) {
        return not_found();
    }
    ApiResponse response;
    response.content_type = std::move(document->content_type);
    response.body = std::move(document->text);
    return response;
}

ApiResponse workers(const Call& call) {
    return workers_response(call.request, call.control);
}

ApiResponse one_worker(const Call& call) {
    return worker_response(std::string(call.part), call.control);
}

ApiResponse worker_log(const Call& call) {
    return call.part.empty() ? no_worker_named()
                             : worker_log_response(std::string(call.part), call.control);
}

// Every room with its workers, and how many of them do nothing.
Json rooms_of(const std::vector<WorkerRow>& workers) {
    struct Room {
        int workers = 0, idle = 0;
    };
    std::map<std::string, Room> rooms;
    for (const WorkerRow& row : workers) {
        if (row.state_name != "missing" && row.state_name != "quitting") {
            Room& room = rooms[row.room];
            ++room.workers;
            room.idle += row.state_name == "ready" || row.state_name == "stopped" ? 1 : 0;
        }
    }
    Json list = Json::array();
    for (const auto& [name, room] : rooms) {
        list.push_back({{"room", name}, {"workers", room.workers}, {"idle", room.idle}});
    }
    return list;
}

ApiResponse master(const Call& call) {
    const MasterRow row = call.control.master();
    Json refused = Json::array();
    for (const RefusedPeer& peer : row.refused) {
        refused.push_back(
            {{"address", peer.address}, {"reason", peer.reason}, {"count", peer.count}});
    }
    return with_data({{"state", row.state},
                      {"workers", row.workers},
                      {"target_users", row.target_users},
                      {"current_users", row.current_users},
                      {"state_name", row.state_name},
                      {"run_id", row.run_id},
                      {"elapsed_s", row.elapsed_s},
                      {"rps", row.rps},
                      {"error_ratio", row.error_ratio},
                      {"degraded", row.is_degraded},
                      {"starts_in_s", row.starts_in_s ? Json(*row.starts_in_s) : Json()},
                      {"waits", row.waits},
                      {"rooms", rooms_of(call.control.workers())},
                      {"refused", std::move(refused)},
                      {"refused_count", row.refused_count}});
}

ApiResponse stats(const Call& call) {
    ApiResponse response;
    response.body =
        call.control.stats_json(call.request.query.count("brief") > 0 ? RunControl::Detail::Brief
                                                                      : RunControl::Detail::Whole);
    return response;
}

ApiResponse report(const Call& call) {
    ApiResponse response;
    response.content_type = "text/html; charset=utf-8";
    response.body = call.control.report_html();
    response.content_policy = policy_by_hash(response.body);
    return response;
}

ApiResponse metrics(const Call& call) {
    ApiResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = call.control.metrics_text();
    return response;
}

ApiResponse health(const Call& call) {
    const bool is_healthy = call.control.is_healthy();
    return json(is_healthy ? 200 : 503, {{"status", is_healthy ? "ok" : "failing"}});
}

ApiResponse events(const Call&) {
    ApiResponse response;
    response.kind = ApiResponse::Kind::EventStream;
    response.content_type = "text/event-stream; charset=utf-8";
    return response;
}

ApiResponse asset(std::string_view name) {
    const Asset* found = find_asset(name);
    if (found == nullptr) {
        return not_found();
    }
    ApiResponse response;
    response.content_type = std::string(found->content_type) + "; charset=utf-8";
    response.body = found->text;
    // No inline script or style, nothing from elsewhere, in nobody's frame.
    response.content_policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return response;
}

ApiResponse home(const Call&) {
    return asset("index.html");
}

ApiResponse page(const Call& call) {
    return asset(call.part);
}

struct Route {
    std::string_view pattern;  // at most one star: any text
    std::string_view allow;    // methods, comma-separated; HEAD only where nothing happens
    ApiResponse (*handle)(const Call&);
    Effect effect = Effect::None;
    Door door = Door::Guarded;
};
constexpr std::array<Route, 22> kRoutes{{
    {"/start", "POST", &start, Effect::Acts},
    {"/plan", "POST", &plan},
    {"/rebalance", "POST", &rebalance, Effect::Acts},
    {"/stop", "GET, POST", &stop, Effect::Acts},
    {"/quit", "GET, POST", &quit, Effect::Acts},
    {"/workers", "GET, HEAD", &workers},
    {"/workers/*/stop", "POST", &stop_worker, Effect::Acts},
    {"/workers/*/start", "POST", &start_worker, Effect::Acts},
    {"/workers/*/log", "GET, HEAD", &worker_log},
    {"/workers/*", "GET, HEAD", &one_worker},
    {"/master", "GET, HEAD", &master},
    {"/stats", "GET, HEAD", &stats},
    {"/report", "GET, HEAD", &report},
    {"/events", "GET", &events},
    {"/cases", "GET, HEAD", &cases},
    {"/cases/*", "GET, HEAD", &one_case},
    {"/runs", "GET, HEAD", &runs},
    {"/runs/*", "GET, HEAD", &one_run},
    {"/metrics", "GET, HEAD", &metrics},
    {"/healthz", "GET, HEAD", &health, Effect::None, Door::Public},
    {"/", "GET, HEAD", &home, Effect::None, Door::Public},
    {"/page/*", "GET, HEAD", &page, Effect::None, Door::Public},
}};

// What the star stands for; nothing when the path does not fit. Without a star: empty text. Before
// more text a star may be empty too, so that "/workers//stop" is about a worker without a name.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
    }
    const std::string_view before = pattern.substr(0, star);
    const std::string_view after = pattern.substr(star + 1);
    const std::size_t least = before.size() + after.size() + (after.empty() ? 1 : 0);
    if (path.size() < least || path.substr(0, star) != before ||
        path.substr(path.size() - after.size()) != after) {
        return std::nullopt;
    }
    return path.substr(star, path.size() - before.size() - after.size());
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
    std::string_view part;
    for (const Route& candidate : kRoutes) {
        if (const auto found = match(candidate.pattern, request.path)) {
            route = &candidate;
            part = *found;
            break;
        }
    }
    const Door door = route == nullptr ? Door::Guarded : route->door;
    const Effect effect = route == nullptr ? Effect::None : route->effect;
    if (auto refusal = refuse_access(request, rules, door, effect)) {
        return *refusal;
    }
    if (route == nullptr) {
        return not_found();
    }
    if (!allows(route->allow, request.method)) {
        ApiResponse response =
            text_response(405, fmt::format("method {} not allowed", request.method));
        response.allow = route->allow;
        return response;
    }
    return route->handle({request, control, part});
}

}  // namespace boom::web
