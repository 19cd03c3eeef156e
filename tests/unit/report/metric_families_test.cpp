#include "report/metric_families.hpp"

#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>

namespace boom::report {
namespace {

using Labels = std::map<std::string, std::string>;
using Families = std::vector<prometheus::MetricFamily>;

const prometheus::ClientMetric& find(const Families& families, const std::string& name,
                                     const Labels& wanted) {
    for (const auto& family : families) {
        for (const auto& metric : family.metric) {
            Labels labels;
            for (const auto& label : metric.label) {
                labels[label.name] = label.value;
            }
            if (family.name == name && labels == wanted) {
                return metric;
            }
        }
    }
    FAIL("no such series: " << name);
    throw std::logic_error("unreachable");
}

Families reference(const test::SampleRun& run) {
    return reference_families(run.totals, 10, run.totals, run.catalog, run.result);
}

TEST_CASE("Reference metrics: exactly the reference's names", "[report]") {
    std::set<std::string> names;
    for (const auto& family : reference(test::make_sample_run())) {
        CHECK(names.insert(family.name).second);
    }
    // hrp-boom.md 4.4, PROM-3.
    CHECK(names == std::set<std::string>{"num_requests",
                                         "num_failures",
                                         "median_response_time",
                                         "average_response_time",
                                         "min_response_time",
                                         "max_response_time",
                                         "average_content_length",
                                         "current_rps",
                                         "current_fail_per_sec",
                                         "errors",
                                         "total_num_requests",
                                         "total_num_failures",
                                         "response_time",
                                         "users",
                                         "state",
                                         "duration",
                                         "total_average_response_time",
                                         "total_min_response_time",
                                         "total_max_response_time",
                                         "total_rps",
                                         "fail_ratio",
                                         "total_fail_per_sec",
                                         "transactions_passed",
                                         "transactions_failed"});
}

TEST_CASE("Reference metrics: values in milliseconds, labels method and name", "[report]") {
    const Families families = reference(test::make_sample_run());
    const Labels get{{"method", "request-GET"}, {"name", "get item"}};
    CHECK(find(families, "num_requests", get).gauge.value == 1005);
    CHECK(find(families, "num_failures", get).gauge.value == 15);
    CHECK(find(families, "min_response_time", get).gauge.value == 1);
    CHECK(find(families, "max_response_time", get).gauge.value == 1000);
    CHECK(find(families, "average_response_time", get).gauge.value == Approx(500.5));
    CHECK(find(families, "current_rps", get).gauge.value == 100.5);
    CHECK(find(families, "total_num_requests", get).gauge.value == 1005);
    CHECK(find(families, "response_time", get).summary.sample_count == 1000);
    const Labels transaction{{"method", "transaction"}, {"name", "Action"}};
    CHECK(find(families, "num_requests", transaction).gauge.value == 100);
    const Labels idle{{"method", "request-PUT"}, {"name", "idle"}};
    CHECK(find(families, "num_requests", idle).gauge.value == 0);  // zero and not stale
    CHECK(find(families, "users", {}).gauge.value == 20);
    CHECK(find(families, "state", {}).gauge.value == 3);
    CHECK(find(families, "transactions_passed", {}).gauge.value == 90);
    CHECK(find(families, "transactions_failed", {}).gauge.value == 10);
    CHECK(find(families, "fail_ratio", {}).gauge.value == Approx(15.0 / 1105));
    const Labels error{{"method", "request-GET"},
                       {"name", "get item"},
                       {"error", "connect refused: connection refused"}};
    CHECK(find(families, "errors", error).counter.value == 5);
    CHECK(find(families, "total_max_response_time", {{"method", ""}, {"name", "Total"}})
              .gauge.value == 1000);
}

TEST_CASE("Modern metrics: base units, and buckets that add up", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const Families families = modern_families(run.totals, run.catalog, run.result);
    const Labels get{{"step", "get item"}, {"method", "GET"}};
    const auto& times = find(families, "boom_http_request_duration_seconds", get).histogram;
    CHECK(times.sample_count == 1000);
    CHECK(times.sample_sum == Approx(500.5));
    double bound = 0;
    std::uint64_t count = 0;
    for (const auto& bucket : times.bucket) {
        CHECK(bucket.upper_bound > bound);
        CHECK(bucket.cumulative_count >= count);
        bound = bucket.upper_bound;
        count = bucket.cumulative_count;
        if (bucket.upper_bound == 0.5) {
            // 1 … 500 ms; the bucket of 500 ms ends within 0.1 % above it.
            CHECK(bucket.cumulative_count == 500);
        }
    }
    CHECK(count == times.sample_count);
    Labels failed = get;
    failed["outcome"] = "failed";
    CHECK(find(families, "boom_http_requests_total", failed).counter.value == 15);
    CHECK(find(families, "boom_users", {}).gauge.value == 20);
    CHECK(find(families, "boom_generator_cpu_ratio", {{"worker", "box1-4711"}}).gauge.value ==
          Approx(0.425));
    CHECK(find(families, "boom_bytes_total", {{"direction", "sent"}}).counter.value == 105'000);
}

TEST_CASE("Metrics: beyond 200 step names the rest is one series", "[report]") {
    stats::Catalog catalog;
    stats::Snapshot totals;
    constexpr std::size_t kSteps = 300;
    for (std::size_t i = 0; i < kSteps; ++i) {
        catalog.steps.push_back(
            {"step " + std::to_string(i), "c", stats::StepKind::Request, "GET"});
        const stats::StepId id{static_cast<std::int32_t>(i)};
        totals.at(stats::kMainPhase, id, kSteps).requests = 1;
    }
    const Families families = modern_families(totals, catalog, {});
    const Labels other{{"step", "__other__"}, {"method", "GET"}, {"outcome", "passed"}};
    CHECK(find(families, "boom_http_requests_total", other).counter.value == 100);
    CHECK(families.front().metric.size() == 2 * 201);
}

TEST_CASE("Metrics: tags are labels of every series, under a name that is free", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    Families families = modern_families(run.totals, run.catalog, run.result);
    add_tag_labels(families,
                   {{"build", "17"}, {"step", "x"}, {"9 git-hash", "y"}, {"_9.git-hash", "z"}});
    const Labels tags{
        {"build", "17"}, {"tag_step", "x"}, {"_9_git_hash", "y"}, {"tag__9_git_hash", "z"}};
    CHECK(find(families, "boom_users", tags).gauge.value == 20);
    Labels step = tags;
    step["direction"] = "sent";
    CHECK(find(families, "boom_bytes_total", step).counter.value == 105'000);
}

}  // namespace
}  // namespace boom::report
