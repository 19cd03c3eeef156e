#include "target/distribution.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace boom::target {
namespace {

constexpr int kDraws = 200'000;
constexpr std::uint64_t kSeed = 20'261;

std::vector<double> draw_sorted(const std::string& text) {
    const auto distribution = Distribution::parse(text);
    REQUIRE(distribution);
    base::Rng rng(kSeed);
    std::vector<double> values;
    for (int i = 0; i < kDraws; ++i) {
        values.push_back(base::to_seconds(distribution->draw(rng)));
    }
    std::sort(values.begin(), values.end());
    return values;
}

double quantile(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * (kDraws - 1))];
}

// The sample's quantile lies between the law's quantiles of shares a little below and above: five
// standard deviations of the empirical distribution function.
void check_quantiles(const std::string& text, double (*law)(double share)) {
    INFO(text << ", seed " << kSeed);
    const auto values = draw_sorted(text);
    for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        const double slack = 5 * std::sqrt(share * (1 - share) / kDraws);
        INFO("share " << share);
        CHECK(quantile(values, share) >= law(share - slack) - 1e-9);
        CHECK(quantile(values, share) <= law(std::min(share + slack, 1 - 1e-9)) + 1e-9);
    }
}

TEST_CASE("Distribution: draws follow the law that was asked for", "[target]") {
    check_quantiles("fixed:20ms", [](double) { return 0.02; });
    check_quantiles("uniform:10ms,50ms", [](double p) { return 0.01 + 0.04 * std::max(p, 0.0); });
    check_quantiles("exponential:20ms",
                    [](double p) { return -0.02 * std::log(1 - std::max(p, 0.0)); });
    check_quantiles("pareto:10ms,2",
                    [](double p) { return 0.01 / std::sqrt(1 - std::max(p, 0.0)); });
    check_quantiles("two:10ms,200ms,0.05", [](double p) { return p <= 0.95 ? 0.01 : 0.2; });
}

TEST_CASE("Distribution: normal draws have their mean and deviation", "[target]") {
    // Table values of the standard normal distribution.
    const auto normal = draw_sorted("normal:100ms,10ms");
    const auto logarithmic = draw_sorted("lognormal:100ms,0.5");
    for (const auto& [share, z] : std::vector<std::pair<double, double>>{
             {0.0228, -2}, {0.1587, -1}, {0.5, 0}, {0.8413, 1}, {0.9772, 2}}) {
        CHECK(quantile(normal, share) == Approx(0.1 + 0.01 * z).epsilon(0.005));
        CHECK(quantile(logarithmic, share) == Approx(0.1 * std::exp(0.5 * z)).epsilon(0.02));
    }
    CHECK(draw_sorted("normal:1ms,10ms").front() == 0);
}

TEST_CASE("Distribution: no draw is longer than the limit", "[target]") {
    const auto values = draw_sorted("pareto:30m,0.1");
    CHECK(values.back() == base::to_seconds(Distribution::kMaxDelay));
}

TEST_CASE("Distribution: anything else is refused", "[target]") {
    for (const char* text : {"",
                             "fixed",
                             "fixed:",
                             "fixed:x",
                             "fixed:-1ms",
                             "fixed:1ms,2ms",
                             "uniform:1ms",
                             "uniform:2ms,1ms",
                             "uniform:1ms,2ms,3ms",
                             "exponential:",
                             "normal:1ms",
                             "lognormal:1ms,x",
                             "lognormal:1ms,-1",
                             "pareto:1ms,0",
                             "two:1ms,2ms,1.1",
                             "two:1ms,2ms",
                             "gamma:1ms",
                             "Fixed:1ms",
                             " fixed:1ms",
                             "lognormal:1ms,nan"}) {
        INFO(text);
        CHECK_FALSE(Distribution::parse(text));
    }
}

}  // namespace
}  // namespace boom::target
