#include "cluster/message_limiter.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using cluster::MessageLimiter;

TEST_CASE("MessageLimiter: the same text passes once, and once a minute with its count",
          "[cluster]") {
    MessageLimiter limiter;
    const base::TimePoint start = base::TimePoint{} + 1h;
    CHECK(limiter.admit("disk full", start) == "disk full");
    for (int i = 1; i <= 500; ++i) {
        CHECK_FALSE(limiter.admit("disk full", start + i * 100ms));
    }
    CHECK(limiter.due(start + 59s).empty());
    const std::vector<std::string> expected = {"disk full (500 more times in the last minute)"};
    CHECK(limiter.due(start + 60s) == expected);
    CHECK(limiter.due(start + 61s).empty());
    CHECK(limiter.due(start + 120s).empty());  // nothing more: forgotten
    CHECK(limiter.admit("disk full", start + 121s) == "disk full");
}

TEST_CASE("MessageLimiter: a flood of different texts is cut and counted", "[cluster]") {
    MessageLimiter limiter;
    const base::TimePoint start = base::TimePoint{} + 1h;
    int passed = 0;
    for (int i = 0; i < 1000; ++i) {
        passed += limiter.admit("text " + std::to_string(i), start + i * 1ms) ? 1 : 0;
    }
    CHECK(passed == MessageLimiter::kMostInWindow);
    const std::vector<std::string> expected = {"990 other messages were left out"};
    CHECK(limiter.due(start + 11s) == expected);
    CHECK(limiter.admit("later", start + 12s) == "later");
}
