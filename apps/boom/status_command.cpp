// `boom status`: asks a master's HTTP API what it does.
#include "base/address.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "boom/preflight.hpp"
#include "expr/value.hpp"
#include "net/fetch.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

namespace boom::app {
namespace {

using base::ExitCode;
using expr::Value;

// A member as text; empty when it is not there.
std::string text_of(const Value* map, std::string_view key) {
    const Value* value = map == nullptr ? nullptr : map->member(key);
    return value == nullptr || value->is_null() ? std::string() : value->text();
}

class Api {
public:
    explicit Api(const Options& options) : options_(options) {
        base::Address address = *base::parse_address(options.http_address, 9771);
        if (address.host.empty() || address.host == "0.0.0.0" || options.is_master_named) {
            address.host = options.master_host;
        }
        url_ = fmt::format("http://{}", address.text());
    }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] const std::string& problem() const { return problem_; }

    std::optional<Value> get(const std::string& path) {
        net::FetchRequest request;
        request.url = url_ + path;
        if (!options_.token.empty()) {
            request.headers.push_back("Authorization: Bearer " + options_.token);
        }
        const net::FetchResult result = net::fetch(request);
        if (!result.is_success()) {
            problem_ = result.status == 0 ? result.error
                       : result.status == 401
                           ? "it wants a token: --token, --token-file, BOOM_TOKEN"
                           : fmt::format("status {}", result.status);
            return std::nullopt;
        }
        std::optional<Value> value = expr::parse_json(result.body);
        problem_ = value ? "" : "its answer is no JSON";
        return value;
    }

private:
    const Options& options_;
    std::string url_, problem_;
};

void print_workers(const Value& answer) {
    const Value* rows = answer.member("data");
    if (rows == nullptr || rows->kind() != Value::Kind::List) {
        return;
    }
    for (const Value& row : rows->as_list()) {
        const std::string room = text_of(&row, "room");
        fmt::print("worker {}{}: {}, {}/{} users, {} req/s\n", text_of(&row, "id"),
                   room.empty() ? "" : " in room " + room, text_of(&row, "state_name"),
                   text_of(&row, "user_count"), text_of(&row, "target_users"),
                   text_of(&row, "rps"));
    }
}

}  // namespace

int run_status(const Options& options) {
    Api api(options);
    const auto master = api.get("/master");
    const Value* data = master ? master->member("data") : nullptr;
    if (data == nullptr) {
        fmt::print(stderr, "no master answers at {}: {}\n", api.url(), api.problem());
        return static_cast<int>(ExitCode::NotEnoughWorkers);
    }
    const std::string state = text_of(data, "state_name");
    fmt::print("master {}: {}, {} workers, {}/{} users{}\n", api.url(), state,
               text_of(data, "workers"), text_of(data, "current_users"),
               text_of(data, "target_users"),
               text_of(data, "degraded") == "true" ? ", degraded" : "");
    const Value* waits = data->member("waits");
    if (waits != nullptr && waits->kind() == Value::Kind::List) {
        for (const Value& wait : waits->as_list()) {
            fmt::print("waits: {}\n", wait.text());
        }
    }
    if (const auto workers = api.get("/workers")) {
        print_workers(*workers);
    }
    const auto there = base::parse_integer(text_of(data, "workers")).value_or(0);
    if (there < options.expect_workers) {
        fmt::print(stderr, "{} of {} expected workers are there\n", there, options.expect_workers);
        return static_cast<int>(ExitCode::NotEnoughWorkers);
    }
    const auto stats = api.get("/stats?brief=1");
    const Value* run = stats ? stats->member("run") : nullptr;
    const std::string id = text_of(run, "id");
    if (id.empty()) {
        return 0;
    }
    fmt::print("run {}: {}, {} s, verdict {}\n", id, text_of(run, "state"),
               text_of(run, "duration_s"), text_of(run, "verdict"));
    const Value* code = run->member("exit_code");
    const bool is_over = text_of(run, "state") != "running";
    return is_over && code != nullptr && code->kind() == Value::Kind::Integer
               ? static_cast<int>(code->as_integer())
               : 0;
}

}  // namespace boom::app
