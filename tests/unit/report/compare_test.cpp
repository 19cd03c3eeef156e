#include "report/compare.hpp"

#include "base/rng.hpp"
#include "stats/summary.hpp"
#include "unit/report/golden.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>

namespace boom::report {
namespace {

using Verdict = Change::Verdict;

// A run of one step whose response times come from `draw`, one second for each `per_second`.
Result make_run(const std::function<double()>& draw, int samples, int failures = 0) {
    constexpr int kSeconds = 20;
    Result result;
    result.run.state = RunState::Finished;
    result.run.duration_s = kSeconds;
    result.run.cases = {{"case", "case.yml", "abc"}};
    stats::StepStats all;
    for (int second = 0; second < kSeconds; ++second) {
        stats::Histogram times;
        for (int i = 0; i < samples / kSeconds; ++i) {
            const auto us = static_cast<std::int64_t>(draw());
            times.record(us);
            all.response_time.record(us);
            ++all.requests;
        }
        stats::TimelineRow row;
        row.t_s = second;
        row.requests = times.count();
        row.p50_us = times.percentile_us(50);
        result.timeline.push_back(row);
    }
    all.failures = failures;
    const auto measured = std::chrono::seconds(kSeconds);
    result.steps = {
        stats::summarize({"get", "case", stats::StepKind::Request, "GET"}, all, measured)};
    result.total = stats::summarize_total(all, measured);
    return result;
}

// Log-normal times, as services have them.
std::function<double()> lognormal(base::Rng& rng, double median_us, double sigma = 0.5) {
    return [&rng, median_us, sigma] {
        const double u = std::max(rng.unit(), 1e-12);
        const double normal = std::sqrt(-2 * std::log(u)) * std::cos(6.283185307 * rng.unit());
        return median_us * std::exp(sigma * normal);
    };
}

const Change& change(const Comparison& comparison, const std::string& name) {
    for (const FigureRow& figure : comparison.steps.front().figures) {
        if (figure.name == name) {
            return figure.changes.at(1);
        }
    }
    throw std::logic_error("no figure " + name);
}

TEST_CASE("Compare: the interval of a percentile holds the true one 99 times of 100", "[report]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    int hits = 0;
    constexpr int kTrials = 1000;
    for (int trial = 0; trial < kTrials; ++trial) {
        stats::Histogram times;
        for (int i = 0; i < 500; ++i) {
            times.record(static_cast<std::int64_t>(1'000'000 * rng.unit()));
        }
        const Interval interval = percentile_interval(times, 90, 500);
        hits += interval.low <= 900'000 && interval.high >= 900'000 ? 1 : 0;
    }
    // 990 expected with a deviation of 3; below 970 is once in millions of runs.
    CHECK(hits > 970);
}

TEST_CASE("Compare: two runs of the same system are rarely called different", "[report]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    int alarms = 0;
    for (int trial = 0; trial < 100; ++trial) {
        const Result a = make_run(lognormal(rng, 10'000), 4000);
        const Result b = make_run(lognormal(rng, 10'000), 4000);
        const Comparison comparison = compare({{"a", &a}, {"b", &b}}, 0);
        alarms += change(comparison, "p95").verdict == Verdict::Worse ? 1 : 0;
    }
    // Intervals of 99 % that do not overlap: far below one in a thousand.
    CHECK(alarms <= 2);
}

TEST_CASE("Compare: a slowdown of a fifth is found, and is not when it may be a quarter",
          "[report]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    const Result a = make_run(lognormal(rng, 10'000), 20'000);
    const Result b = make_run(lognormal(rng, 12'000), 20'000);
    const Comparison strict = compare({{"a", &a}, {"b", &b}}, 0.10);
    CHECK(change(strict, "p95").verdict == Verdict::Worse);
    CHECK(*change(strict, "p95").relative == Approx(0.2).margin(0.08));
    CHECK(change(strict, "mean").verdict == Verdict::Worse);
    CHECK(strict.worse > 0);
    CHECK(strict.better == 0);
    const Comparison lenient = compare({{"a", &a}, {"b", &b}}, 0.5);
    CHECK(change(lenient, "p95").verdict == Verdict::Same);
    CHECK(change(lenient, "p95").is_significant);
    CHECK(lenient.worse == 0);
    // The other way round it is an improvement.
    const Comparison turned = compare({{"b", &b}, {"a", &a}}, 0.10);
    CHECK(change(turned, "p95").verdict == Verdict::Better);
}

TEST_CASE("Compare: seconds that differ much discount their samples", "[report]") {
    const std::uint64_t seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    const auto steady = lognormal(rng, 10'000);
    CHECK(design_effect(make_run(steady, 20'000)).of_percentiles < 3);
    CHECK(design_effect(make_run(steady, 20'000)).of_mean < 5);
    // Every second has its own level: 1000 samples a second say little more than one.
    int count = 0;
    double level = 10'000;
    const auto wavy = [&] {
        level = count++ % 1000 == 0 ? 10'000 * (0.8 + 0.4 * rng.unit()) : level;
        return level * (0.95 + 0.1 * rng.unit());
    };
    const DesignEffect effect = design_effect(make_run(wavy, 20'000));
    CHECK(effect.of_percentiles > 10);
    CHECK(effect.of_mean > 200);
    int alarms = 0;
    for (int trial = 0; trial < 50; ++trial) {
        const Result a = make_run(wavy, 20'000);
        const Result b = make_run(wavy, 20'000);
        alarms += change(compare({{"a", &a}, {"b", &b}}, 0), "mean").is_significant ? 1 : 0;
    }
    // One in a hundred is expected; eight of fifty are once in ten million runs.
    CHECK(alarms < 8);
}

TEST_CASE("Compare: failures count by share, and one failure is no regression", "[report]") {
    base::Rng rng(7);
    const Result none = make_run(lognormal(rng, 10'000), 4000);
    const Result one = make_run(lognormal(rng, 10'000), 4000, 1);
    const Result many = make_run(lognormal(rng, 10'000), 4000, 200);
    CHECK(change(compare({{"a", &none}, {"b", &one}}, 0.1), "error_ratio").verdict ==
          Verdict::Same);
    CHECK(change(compare({{"a", &none}, {"b", &many}}, 0.1), "error_ratio").verdict ==
          Verdict::Worse);
    CHECK(change(compare({{"a", &many}, {"b", &none}}, 0.1), "error_ratio").verdict ==
          Verdict::Better);
}

TEST_CASE("Compare: what makes runs incomparable is said", "[report]") {
    const Result base = test::make_sample_run().result;
    Result other = base;
    other.run.cases[0].sha256 = "b";
    other.run.profile[0].second = {"30"};
    other.run.profile.push_back({"new", {"1"}});
    other.workers[0].id = "box9_0123";
    other.version = "9";
    other.health.limited_by = "cpu";
    other.run.state = RunState::Stopped;
    other.run.is_degraded = false;
    const Comparison comparison = compare({{"a.json", &base}, {"b.json", &other}}, 0);
    CHECK(comparison.warnings ==
          std::vector<std::string>{
              "a.json: the run was degraded", "b.json: the run was not finished",
              "b.json: the generator was limited by cpu",
              "b.json: another test case, or another version of it",
              "b.json: another profile: spawn-count, new", "b.json: other machines made the load",
              "b.json: boom 9 and not 0.1.0"});
}

TEST_CASE("Compare: steps that are on one side only have no change", "[report]") {
    const Result base = test::make_sample_run().result;
    Result other = base;
    other.steps[1].info.name = "sign in";
    const Comparison comparison = compare({{"a", &base}, {"b", &other}}, 0);
    REQUIRE(comparison.steps.size() == 6);
    CHECK(comparison.steps[1].is_there == std::vector<bool>{true, false});
    CHECK(comparison.steps[4].is_there == std::vector<bool>{false, true});
    CHECK_FALSE(comparison.steps[1].figures[0].changes[1].value);
    CHECK(comparison.worse == 0);
    CHECK(comparison.better == 0);
}

TEST_CASE("Compare: text looks as it was looked at; JSON and page have the same figures",
          "[report]") {
    const Result base = test::make_sample_run().result;
    Result other = base;
    for (stats::StepSummary* step : {&other.steps[0], &other.total}) {
        stats::Histogram slow;
        for (int i = 1; i <= 1000; ++i) {
            slow.record(1500 * i);
        }
        step->response_time = stats::summarize(slow);
    }
    const Comparison comparison = compare({{"a.json", &base}, {"b.json", &other}}, 0.1);
    const std::string text = to_text(comparison, {});
    CHECK(text == test::golden("compare.txt", text));
    const auto json = nlohmann::json::parse(to_json(comparison));
    CHECK(json["worse"] == comparison.worse);
    CHECK(json["steps"][0]["figures"][5]["name"] == "p95");
    CHECK(json["steps"][0]["figures"][5]["runs"][1]["verdict"] == "worse");
    const std::string page = to_html(comparison);
    CHECK(page.find("boom.compare.render(") != std::string::npos);
    CHECK(page.find("{{") == std::string::npos);
}

}  // namespace
}  // namespace boom::report
