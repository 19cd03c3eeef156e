#include "report/threshold.hpp"

#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>

namespace boom::report {
namespace {

Threshold parsed(const std::string& text) {
    const auto result = parse_threshold(text);
    if (const auto* what = std::get_if<std::string>(&result)) {
        FAIL(text << ": " << *what);
    }
    return std::get<Threshold>(result);
}

TEST_CASE("Threshold: the figures of the sample", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    const auto [text, observed, has_passed] = GENERATE(table<std::string, double, bool>({
        // "get item" has 1000 samples of 1 … 1000 ms, login 100 of 20 ms.
        {"requests==1105", 1105, true},
        {"count>=1106", 1105, false},
        {"failures<15", 15, false},
        {"failures<=15", 15, true},
        {"error_ratio<1%", 1.357466, false},
        {"error_ratio<0.02", 0.01357466, true},
        {"rps>110", 110.5, true},
        {"rps > 111", 110.5, false},
        {"max<=1s", 1, true},
        {"min==1ms", 1, true},
        {"login:p99<20ms", 20, false},
        {"login:p(99) <= 20ms", 20, true},
        {"login:mean<20.5ms", 20, true},
        {"login:med!=20ms", 20, false},
        {"get item:p50<501ms", 500.223, true},
        {"get item:service_max<1s", 0.9995, true},
        {"{method=post}:requests==100", 100, true},
        {"{case=shop,type=transaction}:error_ratio<=10%", 10, true},
        {"{case=shop,type=request}:requests==1105", 1105, true},
        {"get item:failures_per_second<2", 1.5, true},
        {"bytes_received>2MB", 2.007, true},
        {"bytes_sent>104kB", 105, true},
        {"iterations_failed<15", 15, false},
        {"dropped<1", 0, true},
        {"transactions_failed<=10", 10, true},
        {"connections_failed>5", 5, false},
        {"lateness_p99<1ms", 0.098, true},
    }));
    CAPTURE(text);
    const ThresholdResult result = evaluate(parsed(text), run.totals, run.catalog, run.result);
    REQUIRE(result.observed);
    CHECK(*result.observed == Approx(observed));
    CHECK(result.has_passed == has_passed);
    CHECK(result.expression == text);
}

TEST_CASE("Threshold: no data is failed, unless it may be empty", "[report]") {
    const test::SampleRun run = test::make_sample_run();
    for (const char* text : {"idle:p95<1s", "idle:requests<1", "idle:error_ratio<1%",
                             "nobody:p95>0ms", "{method=PUT}:rps<1"}) {
        CAPTURE(text);
        ThresholdResult result = evaluate(parsed(text), run.totals, run.catalog, run.result);
        CHECK_FALSE(result.observed);
        CHECK_FALSE(result.has_passed);
        result = evaluate(parsed(std::string(text) + "; allow_empty"), run.totals, run.catalog,
                          run.result);
        CHECK(result.has_passed);
    }
    CHECK_FALSE(evaluate(parsed("iterations_failed<1"), {}, run.catalog, run.result).has_passed);
    CHECK_FALSE(evaluate(parsed("p95<1s"), {}, {}, {}).has_passed);
}

TEST_CASE("Threshold: names of steps may contain everything but a figure", "[report]") {
    CHECK(parsed("GET http://h:80/a?b=c<d:p95<1s").filter.step == "GET http://h:80/a?b=c<d");
    CHECK(parsed("a b : p95<1s").filter.step == "a b");
    CHECK(parsed("{step=x}:rps>1").filter.step == "x");
}

TEST_CASE("Threshold: options", "[report]") {
    const Threshold threshold = parsed("p95<1s; abort_on_fail; delay=10s");
    CHECK(threshold.aborts);
    CHECK(threshold.delay == std::chrono::seconds(10));
    CHECK_FALSE(threshold.may_be_empty);
    CHECK(threshold.expression == "p95<1s");
    CHECK_FALSE(parsed("p95<1s; abort_on_fail=false").aborts);
}

TEST_CASE("Threshold: what is wrong is said", "[report]") {
    const auto [text, wanted] = GENERATE(table<std::string, std::string>({
        {"", "'' is no condition such as p95<200ms"},
        {"p95", "'p95' is no condition such as p95<200ms"},
        {"<5", "'<5' is no condition such as p95<200ms"},
        {"p95<200", "p95 needs a unit, e.g. 200ms"},
        {"p95<fast", "'fast' is no number"},
        {"p95<200kB", "'kB' is no unit of p95"},
        {"rps>10%", "'%' is no unit of rps"},
        {"p95=200ms", "'p95=200ms' has no comparison; known: < <= > >= == !="},
        {"p101<1s", "'p101' is no figure"},
        {"error_ration<1%", "'error_ration' is no figure, did you mean 'error_ratio'?"},
        {":p95<1s", "a step's name is missing before ':'"},
        {"{room=a}:p95<1s", "'room=a' is no label; known: step, case, method, type"},
        {"login:dropped<1", "iterations_dropped is a figure of the run, not of steps"},
        {"p95<1s; now", "'now' is no option; known: abort_on_fail, delay, allow_empty"},
        {"p95<1s; delay=soon", "delay must be a duration such as 10s"},
        {"p95<1s; abort_on_fail=maybe", "abort_on_fail must be true or false"},
    }));
    const auto result = parse_threshold(text);
    REQUIRE(std::holds_alternative<std::string>(result));
    CHECK(std::get<std::string>(result) == wanted);
}

}  // namespace
}  // namespace boom::report
