#include "load/pacer.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using boom::base::Duration;
using boom::base::random_seed;
using boom::base::Rng;
using boom::base::to_seconds;
using boom::load::Curve;
using boom::load::Pacer;
using boom::load::Striping;
using namespace std::chrono_literals;

namespace {

Pacer::Share alone(double requests_per_second) {
    return {Curve::constant(requests_per_second), Striping::everything()};
}

// The law of one share, for every pair of slots: at most rate·t + 2 in any window.
void check_window_law(const std::vector<Duration>& slots, double rate) {
    bool holds = true;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        for (std::size_t j = i; j < slots.size(); ++j) {
            const double passed = static_cast<double>(j - i + 1);
            // A nanosecond for the rounding of the slots.
            holds = holds && passed <= rate * (to_seconds(slots[j] - slots[i]) + 1e-9) + 2 + 1e-6;
        }
    }
    CHECK(holds);
}

}  // namespace

TEST_CASE("Pacer: slots lie one interval apart", "[load]") {
    Pacer pacer(alone(10));
    CHECK(pacer.take_slot(0ns) == 0ms);
    CHECK(pacer.take_slot(0ns) == 100ms);
    CHECK(pacer.take_slot(150ms) == 200ms);
}

TEST_CASE("Pacer: a share of zero lets nothing pass", "[load]") {
    Pacer pacer({Curve::constant(10), Striping()});
    CHECK_FALSE(pacer.take_slot(0ns).has_value());
    CHECK_FALSE(pacer.take_slot(1h).has_value());
    pacer.adjust(alone(10), 2h);
    CHECK(pacer.take_slot(2h) == 2h + 100ms);
    pacer.adjust(alone(0), 3h);
    CHECK_FALSE(pacer.take_slot(4h).has_value());
}

TEST_CASE("Pacer: unused slots do not accumulate", "[load]") {
    Pacer pacer(alone(10));
    CHECK(pacer.take_slot(0ns) == 0ns);
    const Duration late = 1h + 30ms;
    CHECK(pacer.take_slot(late) == late);
    CHECK(pacer.take_slot(late) == 1h + 100ms);
    CHECK(pacer.take_slot(late) == 1h + 200ms);
}

TEST_CASE("Pacer: being late by less than an interval loses no rate", "[load]") {
    Pacer pacer(alone(1000));
    Duration now{};
    for (int i = 0; i < 10'000; ++i) {
        now = pacer.take_slot(now).value() + 900us;
    }
    CHECK(now <= 10s + 1ms);
    CHECK(now >= 9998ms);
}

TEST_CASE("Pacer: a rate that does not divide the second does not drift", "[load]") {
    Pacer pacer(alone(7));
    Duration slot{};
    for (int i = 0; i <= 7 * 3600 * 10; ++i) {
        slot = pacer.take_slot(slot).value();
    }
    CHECK(slot == 10h);
}

TEST_CASE("Pacer: at most rate * t + 2 pass in any window, whatever the caller does", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 50; ++round) {
        const double rate = std::pow(10.0, rng.unit() * 6 - 1);
        Pacer pacer(alone(rate));
        std::vector<Duration> slots;
        Duration now{};
        for (int i = 0; i < 200; ++i) {
            slots.push_back(pacer.take_slot(now).value());
            REQUIRE(slots.back() >= now);
            if (rng.below(3) == 0) {
                now = std::max(now, slots.back());
            }
            if (rng.below(3) == 0) {
                now += Duration(static_cast<std::int64_t>(rng.unit() * 4e9 / rate));
            }
        }
        CHECK(std::is_sorted(slots.begin(), slots.end()));
        check_window_law(slots, rate);
    }
}

TEST_CASE("Pacer: a ceiling that rises by steps has as many slots as each step says", "[load]") {
    // 100, 200, 300 requests per second, one second each.
    Pacer pacer(
        {Curve({{0s, 100}, {1s, 100}, {1s, 200}, {2s, 200}, {2s, 300}}), Striping::everything()});
    std::vector<int> per_second(4, 0);
    for (auto slot = pacer.take_slot(0ns); *slot < 4s; slot = pacer.take_slot(0ns)) {
        ++per_second[static_cast<std::size_t>(*slot / 1s)];
    }
    CHECK(per_second == std::vector<int>{100, 200, 300, 300});
}

TEST_CASE("Pacer: adjusting again and again gives no slots for nothing", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    Curve ceiling = Curve::constant(100);
    Pacer pacer({ceiling, Striping::everything()});
    std::vector<Duration> slots;
    Duration now{};
    while (slots.size() < 300) {
        const boom::load::Point changed{now, 50 + 50 * rng.unit()};
        ceiling = ceiling.then(now, {&changed, 1});
        pacer.adjust({ceiling, Striping::everything()}, now);
        // The slots of a punctual caller: taken and used before the next change.
        slots.push_back(pacer.take_slot(now).value());
        now = slots.back();
    }
    check_window_law(slots, 100);
}

TEST_CASE("Pacer: a higher rate is not held up by a far slot that is already given", "[load]") {
    Pacer pacer(alone(0.01));
    CHECK(pacer.take_slot(0ns) == 0ns);
    CHECK(pacer.take_slot(0ns) == 100s);
    pacer.adjust({Curve({{0s, 0.01}, {1s, 0.01}, {1s, 10}}), Striping::everything()}, 1s);
    CHECK(pacer.take_slot(1s).value() <= 1200ms);
}
