#include "report/remote.hpp"

#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace boom::report {
namespace {

using Json = nlohmann::json;

TEST_CASE("Influx: a line per step, names escaped, no field without a sample", "[report]") {
    test::SampleRun run = test::make_sample_run();
    run.catalog.steps[0].name = "a, b=c\n";
    const std::string text = influx_lines(test::as_interval(run), run.catalog, 1700000000000000000);
    CHECK(text.find("boom_step,run=20261121-014533-9f3a6c01,build=17,step=a\\,\\ b\\=c_,case=shop,"
                    "method=GET,type=request requests=1005i,failures=15i,interrupted=0i,"
                    "rps=100.5,bytes_sent=100000i,bytes_received=2000000i,min_us=1000i,"
                    "mean_us=500500,p50_us=500223i,") == 0);
    CHECK(text.find(",method=PUT,type=request requests=0i,failures=0i,interrupted=0i,rps=0,"
                    "bytes_sent=0i,bytes_received=0i 1700000000000000000\n") != std::string::npos);
    CHECK(text.find("boom_total,run=20261121-014533-9f3a6c01,build=17 requests=1105i,") !=
          std::string::npos);
    CHECK(text.find("boom_load,run=20261121-014533-9f3a6c01,build=17 users=20i,target_users=20i,"
                    "workers=2i 1700000000000000000\n") != std::string::npos);
}

TEST_CASE("OTLP: cumulative sums and histograms whose buckets add up", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const Json json = Json::parse(otlp_json(test::as_interval(run), run.catalog, 5, 7));
    const Json& resource = json["resourceMetrics"][0];
    CHECK(resource["resource"]["attributes"][0] ==
          Json::parse(R"({"key": "service.name", "value": {"stringValue": "boom"}})"));
    bool has_requests = false;
    bool has_times = false;
    for (const Json& metric : resource["scopeMetrics"][0]["metrics"]) {
        if (metric["name"] == "boom_http_requests_total") {
            has_requests = true;
            CHECK(metric["sum"]["aggregationTemporality"] == 2);
            CHECK(metric["sum"]["isMonotonic"] == true);
            double requests = 0;
            for (const Json& point : metric["sum"]["dataPoints"]) {
                CHECK(point["startTimeUnixNano"] == "5");
                CHECK(point["timeUnixNano"] == "7");
                requests += point["asDouble"].get<double>();
            }
            CHECK(requests == 1105);
        }
        if (metric["name"] == "boom_http_request_duration_seconds") {
            has_times = true;
            for (const Json& point : metric["histogram"]["dataPoints"]) {
                CHECK(point["bucketCounts"].size() == point["explicitBounds"].size() + 1);
                long long count = 0;
                for (const Json& bucket : point["bucketCounts"]) {
                    count += std::stoll(bucket.get<std::string>());
                }
                CHECK(std::to_string(count) == point["count"]);
            }
        }
    }
    CHECK(has_requests);
    CHECK(has_times);
}

}  // namespace
}  // namespace boom::report
