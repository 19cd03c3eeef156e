#include "report/access_log.hpp"

#include "report/access_summary.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace boom::report {
namespace {

AccessFormat compiled(const std::string& text) {
    auto result = AccessFormat::compile(text);
    if (const auto* what = std::get_if<std::string>(&result)) {
        FAIL(text << ": " << *what);
    }
    return std::get<AccessFormat>(result);
}

constexpr const char* kLine =
    R"(127.0.0.1 - - [21/Nov/2026:01:45:33 +0200] "GET /a/b?x=1 HTTP/1.1" 404 153 "-" "curl/7")";

TEST_CASE("Access log: the combined format, with and without a time behind it", "[report]") {
    const AccessFormat format = AccessFormat::combined();
    const auto line = format.read(kLine);
    REQUIRE(line);
    CHECK(line->path == "/a/b");
    CHECK(line->agent == "curl/7");
    CHECK(line->status == 404);
    CHECK(line->bytes == 153);
    CHECK(line->second == 1'795'218'333);  // date -u -d '2026-11-20 23:45:33' +%s
    CHECK_FALSE(line->time_us);
    CHECK(format.read(std::string(kLine) + " 0.012")->time_us == 12'000);
    CHECK(format.read(std::string(kLine) + " 0.012 more")->time_us == 12'000);
    CHECK_FALSE(format.read(std::string(kLine) + " -")->time_us);
}

TEST_CASE("Access log: formats of users", "[report]") {
    const auto [format, text, path, time_us, second] =
        GENERATE(table<std::string, std::string, std::string, int, std::int64_t>({
            {"$msec|$request_method|$uri|$status|$request_time", "1763724794.123|GET|/p|200|1.5",
             "/p", 1'500'000, 1'763'724'794},
            {R"({"t":"$time_iso8601","u":"$request_uri","s":$status,"a":"$http_user_agent",)"
             R"("d":${request_time}})",
             R"({"t":"2026-11-21T01:45:33+02:00","u":"/q?\"x","s":200,"a":"a\"b","d":0.001})", "/q",
             1000, 1'795'218'333},
            {"$status $upstream_response_time \"$request\"", R"(200 0.010, 0.020 "POST /u HTTP/1")",
             "/u", 20'000, 0},
            {"$status $upstream_response_time $request_time \"$request\"",
             R"(200 - 0.5 "POST /u HTTP/1")", "/u", 500'000, 0},
            {"[$time_local] $status \"$request\"", R"([29/Feb/2024:23:59:60 -0130] 400 "")",
             "(no request)", -1, 1'709'256'600},
            {"$status \"$request\"", R"(400 "\x16\x03")", "(no request)", -1, 0},
        }));
    CAPTURE(format, text);
    const auto line = compiled(format).read(text);
    REQUIRE(line);
    CHECK(line->path == path);
    CHECK(line->time_us.value_or(-1) == time_us);
    CHECK(line->second.value_or(0) == second);
}

TEST_CASE("Access log: formats that cannot be read are refused", "[report]") {
    for (const char* format : {"", "$status", "$request", "$request$status", "$ $request $status",
                               "${request $status", "$request $status $"}) {
        CAPTURE(format);
        CHECK(std::holds_alternative<std::string>(AccessFormat::compile(format)));
    }
}

TEST_CASE("Access log: lines of another form are no requests", "[report]") {
    const AccessFormat format = AccessFormat::combined();
    const std::string whole = kLine;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CHECK_FALSE(format.read(whole.substr(0, length)));
    }
    CHECK_FALSE(compiled("$status \"$request\"").read("200 \"GET / HTTP/1\" more"));
    CHECK_FALSE(compiled("$status \"$request\"").read("20x \"GET / HTTP/1\""));
    CHECK_FALSE(compiled("$status [$time_local] \"$request\"").read("200 [now] \"GET / HTTP/1\""));
}

AccessLine request(std::string_view path, std::string_view agent, std::int64_t second,
                   int status = 200) {
    AccessLine line;
    line.path = path;
    line.agent = agent;
    line.second = second;
    line.status = status;
    line.bytes = 100;
    line.time_us = 2000;
    return line;
}

TEST_CASE("Access summary: the load test's requests stand apart, static files are left out",
          "[report]") {
    AccessSummary summary({});
    for (int second = 0; second < 10; ++second) {
        summary.add(request("/a", "x PerformanceTest/1", 1000 + second, second == 0 ? 500 : 200));
        summary.add(request("/a", "x PerformanceTest/1", 1000 + second));
        summary.add(request("/b", "PerformanceTest", 1000 + second));
    }
    summary.add(request("/a", "Mozilla", 1005, 404));
    summary.add(request("/x.CSS", "Mozilla", 1005));
    summary.add(request("/data.json", "Mozilla", 1005));
    summary.add_unreadable();
    CHECK(summary.lines() == 34);
    const auto json = nlohmann::json::parse(summary.json());
    CHECK(json["static_left_out"] == 1);
    CHECK(json["unreadable"] == 1);
    const auto& load = json["sources"][0];
    CHECK(load["total"]["requests"] == 30);
    CHECK(load["total"]["bytes"] == 3000);
    CHECK(load["seconds"] == 10);
    CHECK(load["paths"][0]["path"] == "/a");
    CHECK(load["paths"][0]["rps"] == 2);
    CHECK(load["paths"][0]["errors"] == 1);
    CHECK(load["paths"][0]["time_us"]["p99"] == 2000);
    CHECK(load["timeline"].size() == 10);
    CHECK(json["sources"][1]["total"]["requests"] == 2);
    CHECK(json["sources"][1]["total"]["errors"] == 1);
}

TEST_CASE("Access summary: bounded in paths and in time, with exact sums", "[report]") {
    AccessSummary summary({});
    constexpr int kLines = 20'000;
    for (int i = 0; i < kLines; ++i) {
        summary.add(request("/" + std::to_string(i), "PerformanceTest", i));
    }
    const auto json = nlohmann::json::parse(summary.json());
    const auto& load = json["sources"][0];
    CHECK(load["paths"].size() == AccessSummary::kMaxPaths + 1);
    CHECK(load["paths"][0]["path"] == "__other__");
    CHECK(load["timeline"].size() <= AccessSummary::kMaxRows);
    std::int64_t paths = 0;
    std::int64_t rows = 0;
    for (const auto& row : load["paths"]) {
        paths += row["requests"].get<std::int64_t>();
    }
    for (const auto& row : load["timeline"]) {
        rows += row["requests"].get<std::int64_t>();
    }
    CHECK(paths == kLines);
    CHECK(rows == kLines);
}

}  // namespace
}  // namespace boom::report
