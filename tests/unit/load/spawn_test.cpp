#include "load/spawn.hpp"

#include <catch2/catch.hpp>

using boom::base::Duration;
using boom::load::spawn_due;
using namespace std::chrono_literals;

TEST_CASE("spawn_due: the n-th user is due n / rate after the start", "[load]") {
    const auto [ordinal, rate, due] = GENERATE(table<std::int64_t, double, Duration>({
        {0, 10.0, 0s},
        {1, 10.0, 100ms},
        {25, 10.0, 2500ms},
        {1, 0.5, 2s},
        {9'999, 10'000.0, 999'900us},
        {3, 3.0, 1s},
    }));
    CHECK(spawn_due(ordinal, rate) == due);
}

TEST_CASE("spawn_due: a rate close to zero does not overflow", "[load]") {
    CHECK(spawn_due(0, 1e-300) == 0s);
    CHECK(spawn_due(1, 1e-300) > Duration(24h * 365 * 10));
    CHECK(spawn_due(1'000'000, 1e-300) >= spawn_due(1, 1e-300));
}
