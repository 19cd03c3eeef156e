#include "stats/summary.hpp"

#include "base/text.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using namespace boom::stats;

TEST_CASE("Summary: the distribution of 1 to 1000 is known", "[stats]") {
    Histogram histogram;
    for (int value = 1; value <= 1000; ++value) {
        histogram.record(value);
    }
    const Distribution result = summarize(histogram);
    CHECK(result.count == 1000);
    CHECK(result.min == 1);
    CHECK(result.mean == 500.5);
    // sqrt((n^2 - 1) / 12)
    CHECK(result.stddev == Approx(288.6749902572095).epsilon(1e-12));
    CHECK(result.p50 == 500);
    CHECK(result.p75 == 750);
    CHECK(result.p90 == 900);
    CHECK(result.p95 == 950);
    CHECK(result.p99 == 990);
    CHECK(result.p999 == 999);
    CHECK(result.p9999 == 1000);
    CHECK(result.max == 1000);
    const auto bytes = boom::base::decode_base64(result.hdr);
    REQUIRE(bytes);
    CHECK(*bytes == histogram.encode());
}

TEST_CASE("Summary: the distribution of nothing is all zeros", "[stats]") {
    const Distribution result = summarize(Histogram{});
    CHECK(result.count == 0);
    CHECK(result.min == 0);
    CHECK(result.mean == 0.0);
    CHECK(result.stddev == 0.0);
    CHECK(result.p50 == 0);
    CHECK(result.p9999 == 0);
    CHECK(result.max == 0);
    const auto bytes = boom::base::decode_base64(result.hdr);
    REQUIRE(bytes);
    CHECK(Histogram::decode(*bytes, {}));
}

TEST_CASE("Summary: a step's ratios are over its requests and the measured time", "[stats]") {
    StepStats step;
    step.requests = 400;
    step.failures = 100;
    step.interrupted = 3;
    step.bytes_sent = 11;
    step.bytes_received = 22;
    step.status = {{200, 300}, {503, 100}};
    step.response_time.record(50);
    step.service_time.record(40);
    const StepInfo info{
        .name = "get", .case_name = "c", .kind = StepKind::Request, .method = "GET"};
    const StepSummary result = summarize(info, step, 8s);
    CHECK(result.info.name == "get");
    CHECK(result.info.method == "GET");
    CHECK_FALSE(result.is_total);
    CHECK(result.requests == 400);
    CHECK(result.failures == 100);
    CHECK(result.interrupted == 3);
    CHECK(result.error_ratio == 0.25);
    CHECK(result.requests_per_second == 50.0);
    CHECK(result.bytes_sent == 11);
    CHECK(result.bytes_received == 22);
    CHECK(result.status == step.status);
    CHECK(result.response_time.max == 50);
    CHECK(result.service_time.max == 40);
}

TEST_CASE("Summary: no requests and no time give zeros, not infinities", "[stats]") {
    const StepSummary nothing = summarize(StepInfo{}, StepStats{}, 10s);
    CHECK(nothing.error_ratio == 0.0);
    CHECK(nothing.requests_per_second == 0.0);
    StepStats step;
    step.requests = 1;
    CHECK(summarize(StepInfo{}, step, 0s).requests_per_second == 0.0);
}

TEST_CASE("Summary: the total row says that it is one", "[stats]") {
    StepStats total;
    total.requests = 7;
    const StepSummary result = summarize_total(total, 7s);
    CHECK(result.is_total);
    CHECK(result.info.name == "Total");
    CHECK(result.requests == 7);
    CHECK(result.requests_per_second == 1.0);
}
