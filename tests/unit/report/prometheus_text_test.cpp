#include "report/output.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::report {
namespace {

TEST_CASE("Gateway address: what people type becomes a URL", "[report]") {
    const auto [text, wanted] = GENERATE(table<std::string, std::string>({
        {":5331", "http://10.0.0.7:5331"},
        {"h:9091/", "http://h:9091"},
        {"http://h:9091/", "http://h:9091"},
        {"https://h:443", "https://h:443"},
        {"h", "http://h:9091"},
        {" [::1]:9 ", "http://[::1]:9"},
        {"h:notaport", ""},
    }));
    CAPTURE(text);
    CHECK(gateway_url(text, "10.0.0.7") == wanted);
}

TEST_CASE("Prometheus text: a run without results is empty of steps and still valid", "[report]") {
    const std::string text = prometheus_text({}, {}, {});
    CHECK(text.find("boom_users 0") != std::string::npos);
    CHECK(text.find("boom_http_requests_total{") == std::string::npos);
}

TEST_CASE("Prometheus text: one line per series, label values escaped", "[report]") {
    test::SampleRun run = test::make_sample_run();
    run.catalog.steps[0].name = "a \"b\"\\\nc";
    const std::string text = prometheus_text(run.totals, run.catalog, run.result);
    // The run's tag comes last.
    const std::string line = R"(boom_http_requests_total{step="a \"b\"\\\nc",method="GET",)"
                             R"(outcome="passed",build="17"} 990)";
    CHECK(text.find(line) != std::string::npos);
    CHECK(text.find("# TYPE boom_http_request_duration_seconds histogram") != std::string::npos);
    CHECK(text.find(R"(boom_iterations_total{outcome="finished",build="17"} 85)") !=
          std::string::npos);
}

}  // namespace
}  // namespace boom::report
