#include "load/curve.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

using boom::base::Duration;
using boom::base::random_seed;
using boom::base::Rng;
using boom::base::to_seconds;
using boom::load::Curve;
using boom::load::Point;
using namespace std::chrono_literals;

TEST_CASE("Curve: the value is linear between points and constant after the last", "[load]") {
    const Curve curve({{1s, 0}, {3s, 10}, {3s, 4}, {5s, 4}});
    const auto [at, value] = GENERATE(
        table<Duration, double>({{0s, 0}, {1s, 0}, {2s, 5}, {3s, 4}, {4s, 4}, {5s, 4}, {100s, 4}}));
    CHECK(curve.value(at) == Approx(value));
}

TEST_CASE("Curve: the integral is the area below it", "[load]") {
    const Curve curve({{1s, 0}, {3s, 10}, {3s, 4}, {5s, 4}}, 100);
    const auto [at, area] = GENERATE(table<Duration, double>(
        {{0s, 100}, {1s, 100}, {2s, 102.5}, {3s, 110}, {4s, 114}, {10s, 138}}));
    CHECK(curve.integral(at) == Approx(area));
}

TEST_CASE("Curve: a constant rate reaches n at exactly n intervals", "[load]") {
    const Curve curve = Curve::constant(1000);
    for (std::int64_t n = 0; n < 100'000; n += 7) {
        REQUIRE(curve.when(static_cast<double>(n)) == Duration(n * 1'000'000));
    }
    // A day later as exactly as at the start.
    CHECK(curve.when(86'400'000) == Duration(24h));
}

TEST_CASE("Curve: an area that is never reached has no time", "[load]") {
    CHECK_FALSE(Curve::constant(0).when(1));
    CHECK_FALSE(Curve({{0s, 10}, {2s, 0}}).when(10.5));
    CHECK_FALSE(Curve({{0s, 10}, {2s, 0}}).when(10));
    CHECK(Curve({{0s, 10}, {2s, 10}, {2s, 0}}).when(19).value() == 1900ms);
    CHECK_FALSE(Curve().when(1));
}

TEST_CASE("Curve: while the value is 0 nothing is due", "[load]") {
    const Curve late({{0s, 0}, {3s, 0}, {3s, 10}});
    CHECK(late.when(0) == 3s);
    CHECK(late.when(1) == 3100ms);
    const Curve pause({{0s, 10}, {1s, 10}, {1s, 0}, {5s, 0}, {5s, 20}});
    CHECK(pause.when(9) == 900ms);
    CHECK(pause.when(10) == 5s);
    CHECK(Curve({{0s, 0}, {2s, 10}}).when(0) == 0s);
}

TEST_CASE("Curve: when() is the inverse of the integral for any curve", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 300; ++round) {
        std::vector<Point> points;
        Duration at{};
        for (std::uint64_t left = 1 + rng.below(6); left > 0; --left) {
            points.push_back({at, rng.below(3) == 0 ? 0 : rng.unit() * 1000});
            at += rng.below(4) == 0 ? Duration{}
                                    : Duration(static_cast<std::int64_t>(rng.below(5'000'000'000)));
        }
        const Curve curve(points, rng.unit() * 100);
        const double most = curve.integral(at + 1s) - 1e-3;
        for (int i = 0; i < 50 && most > curve.base(); ++i) {
            const double area = curve.base() + (most - curve.base()) * rng.unit();
            const auto time = curve.when(area);
            if (!time) {
                REQUIRE(area >= most);  // the value stays 0 from there on
                continue;
            }
            // Within what the value moves in two nanoseconds.
            REQUIRE(curve.integral(*time) >= area - 1e-5);
            REQUIRE(curve.integral(*time - 2ns) <= area + 1e-5);
        }
    }
}

TEST_CASE("Curve: a changed curve goes on counting where the old one ended", "[load]") {
    const Curve before = Curve::constant(10);
    const Point changed{5s, 20};
    const Curve after = before.then(5s, {&changed, 1});
    CHECK(after.value(4999ms) == 10);
    CHECK(after.value(5s) == 20);
    CHECK(after.integral(6s) == Approx(70));
}
