#include "base/duration.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

using namespace boom::base;
using namespace std::chrono_literals;

TEST_CASE("Duration: texts of users are understood", "[base]") {
    const auto [text, expected] = GENERATE(table<std::string, Duration>({
        {"30", 30s},
        {"30s", 30s},
        {"1m30s", 90s},
        {"500ms", 500ms},
        {"1h", 1h},
        {"0", 0s},
        {"0.5", 500ms},
        {"1.5s", 1500ms},
        {"2d", 48h},
        {" 10s ", 10s},
        {"1h2m3s4ms", 3723004ms},
        {"7us", 7us},
        {"9ns", 9ns},
    }));
    CAPTURE(text);
    const auto parsed = parse_duration(text);
    REQUIRE(parsed);
    CHECK(*parsed == expected);
}

TEST_CASE("Duration: what is no duration is refused", "[base]") {
    const std::string text = GENERATE(as<std::string>{}, "", "s", "10x", "-1", "-1s", "1m30", "ten",
                                      "1e3", "nan", "inf", "99999d", "1s 2s", "+5");
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("Duration: format and parse are inverse", "[base]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    for (int i = 0; i < 1000; ++i) {
        const Duration d(static_cast<std::int64_t>(rng.below(1'000'000'000'000'000)));
        CHECK(parse_duration(format_duration(d)) == d);
    }
    CHECK(format_duration(90s) == "1m30s");
    CHECK(format_duration(0s) == "0s");
}
