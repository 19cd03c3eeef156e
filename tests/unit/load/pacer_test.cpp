#include "load/pacer.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using boom::base::Duration;
using boom::base::random_seed;
using boom::base::Rng;
using boom::base::TimePoint;
using boom::base::to_seconds;
using boom::load::Pacer;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart{1000s};

// The law of one share, for every pair of slots: at most rate·t + 2 in any window.
void check_window_law(const std::vector<TimePoint>& slots, double rate) {
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

TEST_CASE("Pacer: slots lie at (k + phase) intervals after the start", "[load]") {
    Pacer pacer({.requests_per_second = 10, .phase = 0.5}, kStart);
    CHECK(pacer.take_slot(kStart) == kStart + 50ms);
    CHECK(pacer.take_slot(kStart) == kStart + 150ms);
    CHECK(pacer.take_slot(kStart + 200ms) == kStart + 250ms);
}

TEST_CASE("Pacer: a share of zero lets nothing pass", "[load]") {
    Pacer pacer({.requests_per_second = 0}, kStart);
    CHECK_FALSE(pacer.take_slot(kStart).has_value());
    CHECK_FALSE(pacer.take_slot(kStart + 1h).has_value());
    pacer.adjust({.requests_per_second = 10}, kStart + 2h);
    CHECK(pacer.take_slot(kStart + 2h) == kStart + 2h);
    pacer.adjust({.requests_per_second = 0}, kStart + 3h);
    CHECK_FALSE(pacer.take_slot(kStart + 4h).has_value());
}

TEST_CASE("Pacer: unused slots do not accumulate", "[load]") {
    Pacer pacer({.requests_per_second = 10}, kStart);
    CHECK(pacer.take_slot(kStart) == kStart);
    const TimePoint late = kStart + 1h + 30ms;
    CHECK(pacer.take_slot(late) == late);
    CHECK(pacer.take_slot(late) == kStart + 1h + 100ms);
    CHECK(pacer.take_slot(late) == kStart + 1h + 200ms);
}

TEST_CASE("Pacer: being late by less than an interval loses no rate", "[load]") {
    Pacer pacer({.requests_per_second = 1000}, kStart);
    TimePoint now = kStart;
    for (int i = 0; i < 10'000; ++i) {
        now = pacer.take_slot(now).value() + 900us;
    }
    CHECK(now <= kStart + 10s + 1ms);
    CHECK(now >= kStart + 9998ms);
}

TEST_CASE("Pacer: a rate that does not divide the second does not drift", "[load]") {
    Pacer pacer({.requests_per_second = 7}, kStart);
    TimePoint slot = kStart;
    for (int i = 0; i <= 7 * 3600 * 10; ++i) {
        slot = pacer.take_slot(slot).value();
    }
    CHECK(slot == kStart + 10h);
}

TEST_CASE("Pacer: at most rate * t + 2 pass in any window, whatever the caller does", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 50; ++round) {
        const double rate = std::pow(10.0, rng.unit() * 6 - 1);
        Pacer pacer({.requests_per_second = rate, .phase = rng.unit()}, kStart);
        std::vector<TimePoint> slots;
        TimePoint now = kStart;
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

TEST_CASE("Pacer: shares with spread phases pass at most ceiling * t + 1 since the start",
          "[load]") {
    const int shares = GENERATE(1, 3, 16);
    const double ceiling = 100;
    std::vector<TimePoint> slots;
    for (int i = 0; i < shares; ++i) {
        Pacer pacer(
            {.requests_per_second = ceiling / shares, .phase = static_cast<double>(i) / shares},
            kStart);
        for (int k = 0; k < 50; ++k) {
            slots.push_back(pacer.take_slot(kStart).value());
        }
    }
    std::sort(slots.begin(), slots.end());
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const double passed = static_cast<double>(i + 1);
        REQUIRE(passed <= ceiling * (to_seconds(slots[i] - kStart) + 1e-9) + 1 + 1e-6);
    }
}

TEST_CASE("Pacer: adjusting again and again gives no slots for nothing", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    Pacer pacer({.requests_per_second = 100}, kStart);
    std::vector<TimePoint> slots;
    TimePoint now = kStart;
    while (slots.size() < 300) {
        pacer.adjust({.requests_per_second = 50 + 50 * rng.unit(), .phase = rng.unit()}, now);
        // The slots of a punctual caller: taken and used before the next change.
        slots.push_back(pacer.take_slot(now).value());
        now = slots.back();
    }
    check_window_law(slots, 100);
}

TEST_CASE("Pacer: a higher rate is not held up by a far slot that is already given", "[load]") {
    Pacer pacer({.requests_per_second = 0.01}, kStart);
    CHECK(pacer.take_slot(kStart) == kStart);
    CHECK(pacer.take_slot(kStart) == kStart + 100s);
    pacer.adjust({.requests_per_second = 10}, kStart + 1s);
    CHECK(pacer.take_slot(kStart + 1s).value() <= kStart + 1200ms);
}

TEST_CASE("Pacer: the same share again changes nothing", "[load]") {
    Pacer pacer({.requests_per_second = 1, .phase = 0.9}, kStart);
    for (int i = 0; i < 8; ++i) {
        pacer.adjust({.requests_per_second = 1, .phase = 0.9}, kStart + i * 100ms);
    }
    CHECK(pacer.take_slot(kStart + 800ms) == kStart + 900ms);
}
