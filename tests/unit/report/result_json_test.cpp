#include "base/text.hpp"
#include "report/result.hpp"
#include "stats/histogram.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace boom::report {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys(const Json& object) {
    std::vector<std::string> result;
    for (const auto& item : object.items()) {
        result.push_back(item.key());
    }
    return result;
}

Json sample() {
    return Json::parse(to_json(test::make_sample_run().result));
}

using Keys = std::vector<std::string>;

TEST_CASE("Result file: the keys are those of the contract, in its order", "[report]") {
    const Json file = sample();
    CHECK(keys(file) == Keys{"schema", "version", "run", "workers", "total", "steps", "iterations",
                             "transactions", "errors", "events", "stages", "thresholds",
                             "connections", "health", "timeline"});
    CHECK(keys(file["run"]) == Keys{"id", "cases", "started_at", "duration_s", "state", "verdict",
                                    "exit_code", "degraded", "notes", "profile", "tags"});
    CHECK(keys(file["steps"][0]) == Keys{"name", "case", "type", "method", "requests", "failures",
                                         "interrupted", "error_ratio", "rps", "bytes_sent",
                                         "bytes_received", "status", "response_time_us",
                                         "service_time_us"});
    CHECK(keys(file["total"]["response_time_us"]) == Keys{"count", "min", "mean", "stddev", "p50",
                                                          "p75", "p90", "p95", "p99", "p999",
                                                          "p9999", "max", "hdr"});
    CHECK(keys(file["timeline"][0]) == Keys{"t_s", "users", "target_users", "rps", "failures",
                                            "p50_us", "p95_us", "p99_us", "bytes_received",
                                            "workers"});
    CHECK(keys(file["errors"][0]) == Keys{"class", "message", "step", "count", "first_s", "last_s",
                                          "time_us", "workers", "more_workers"});
}

TEST_CASE("Result file: figures are those of the samples", "[report]") {
    const Json file = sample();
    const Json& get = file["steps"][0];
    CHECK(get["requests"] == 1005);
    CHECK(get["failures"] == 15);
    CHECK(get["status"] == Json::parse(R"({"200": 990, "503": 10})"));
    CHECK(get["response_time_us"]["count"] == 1000);  // refused ones never enter as 0
    CHECK(get["response_time_us"]["min"] == 1000);
    CHECK(get["response_time_us"]["max"] == 1'000'000);
    CHECK(get["rps"] == 100.5);
    CHECK(file["steps"][2]["requests"] == 0);  // every known step, zeros included
    CHECK(file["steps"][3]["type"] == "transaction");
    CHECK(file["total"]["requests"] == 1105);  // transactions are not in it
    CHECK(file["total"]["type"] == "total");
    CHECK(file["iterations"]["started"] == 102);
    CHECK(file["errors"][1]["time_us"]["p99"] == 3000);
    CHECK(file["errors"][0]["workers"] == Json::array());
    CHECK(file["errors"][1]["workers"][0] == Json{{"id", "box1-4711"}, {"count", 4}});
}

TEST_CASE("Result file: the encoded histogram gives the same percentiles", "[report]") {
    const Json times = sample()["steps"][0]["response_time_us"];
    const auto bytes = base::decode_base64(times["hdr"].get<std::string>());
    REQUIRE(bytes);
    stats::Histogram::Moments moments;
    moments.min_us = times["min"];
    moments.max_us = times["max"];
    const auto histogram = stats::Histogram::decode(*bytes, moments);
    REQUIRE(histogram);
    CHECK(histogram->count() == 1000);
    CHECK(histogram->percentile_us(95) == times["p95"]);
}

TEST_CASE("Result file: the profile keeps numbers, flags and lists as such", "[report]") {
    const Json profile = sample()["run"]["profile"];
    CHECK(profile["spawn-count"] == 20);
    CHECK(profile["run-time"] == "10s");
    CHECK(profile["no-verify"] == false);
    CHECK(profile["header"] == Json::parse(R"(["A: 1", "B: 2"])"));
}

TEST_CASE("Result file: a threshold without data has no observed value", "[report]") {
    Result result;
    result.thresholds = {{"p95<200ms", 200, "ms", 150.0, true},
                         {"login:p99<1s", 1, "s", std::nullopt, false}};
    result.stages = {{"1", 0, 5, {}}};
    const Json file = Json::parse(to_json(result));
    CHECK(file["thresholds"] ==
          Json::parse(R"([{"expr": "p95<200ms", "observed": 150.0, "bound": 200.0, "unit": "ms",
                           "passed": true},
                          {"expr": "login:p99<1s", "observed": null, "bound": 1.0, "unit": "s",
                           "passed": false}])"));
    CHECK(file["stages"][0]["to_s"] == 5.0);
    CHECK(file["health"]["limited_by"].is_null());
}

TEST_CASE("Result file: bytes that are no UTF-8 are replaced, never thrown at", "[report]") {
    Result result;
    result.errors.push_back({"check", "got \xff\xfe", "a", 1, 0, 0, 0, 0, 0});
    const Json file = Json::parse(to_json(result));
    CHECK(file["errors"][0]["message"] == "got \xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace boom::report
