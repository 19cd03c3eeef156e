#include "user/delay_tolerance.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace boom;
using namespace boom::user;
using namespace std::chrono_literals;

namespace {

// What is borne after a period in which these times were measured.
Duration after(const std::vector<Duration>& times) {
    DelayTolerance tolerance;
    TimePoint now = TimePoint() + 1h;
    tolerance.note(now, 1s);
    for (const Duration time : times) {
        tolerance.note(now + 1ms, time);
    }
    REQUIRE(tolerance.note(now + DelayTolerance::kPeriod, 1s));
    return tolerance.tolerance();
}

std::vector<Duration> times(std::size_t count, Duration time) {
    return std::vector<Duration>(count, time);
}

}  // namespace

TEST_CASE("DelayTolerance: at most its share of the time that all but 1 % take", "[user]") {
    base::Rng rng(Catch::rngSeed());
    CAPTURE(Catch::rngSeed());
    for (int round = 0; round < 200; ++round) {
        std::vector<Duration> measured;
        for (int count = 0; count < 1000; ++count) {
            measured.emplace_back(std::chrono::microseconds(20 + rng.below(10'000)));
        }
        const Duration borne = after(measured);
        std::sort(measured.begin(), measured.end());
        const double first = static_cast<double>(measured[10].count()) * DelayTolerance::kShare;
        CHECK(static_cast<double>(borne.count()) <= first);
        CHECK(static_cast<double>(borne.count()) >= first * 0.75);  // a bucket's width less
    }
}

TEST_CASE("DelayTolerance: a fast hundredth of all answers is enough to bear little", "[user]") {
    std::vector<Duration> measured = times(1000, 10ms);
    CHECK(after(measured) >= 150us);
    measured.insert(measured.end(), 20, 100us);
    CHECK(after(measured) <= 2us);
}

TEST_CASE("DelayTolerance: few answers and instant ones bear next to nothing", "[user]") {
    CHECK(after(times(50, 10ms)) == 0us);
    CHECK(after(times(1000, 0us)) <= 1us);
}

TEST_CASE("DelayTolerance: the present period alone counts", "[user]") {
    DelayTolerance tolerance;
    TimePoint now = TimePoint() + 1h;
    for (int count = 0; count < 500; ++count) {
        tolerance.note(now, 10ms);
    }
    now += DelayTolerance::kPeriod;
    REQUIRE(tolerance.note(now, 10ms));
    CHECK(tolerance.tolerance() >= 150us);
    for (int count = 0; count < 500; ++count) {
        REQUIRE_FALSE(tolerance.note(now, 100us));
    }
    now += DelayTolerance::kPeriod;
    REQUIRE(tolerance.note(now, 100us));
    CHECK(tolerance.tolerance() <= 2us);
}
