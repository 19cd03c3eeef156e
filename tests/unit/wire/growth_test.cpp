#include "bench/stats/growth.hpp"

#include <catch2/catch.hpp>

using namespace boom::bench;

TEST_CASE("Growth: the statistics path holds no more after more samples", "[wire]") {
    constexpr std::int64_t kCount = 5 * kParts * kSamplesPerSecond;
    const Growth growth = run_samples(kCount, TimelineUse::No);
    CHECK(growth.requests == kCount);
    CHECK(growth.failures == kCount / 100);
    CHECK(growth.in_histogram == kCount);
    REQUIRE(growth.parts.size() == kParts);
    // Every value has its bucket by then; a kilobyte is what the allocator's own books may move.
    const std::int64_t middle = growth.parts[kParts / 2].bytes_held;
    const std::int64_t end = growth.parts.back().bytes_held;
    CHECK(end <= middle + middle / 100 + 1024);
}
