#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace boom::base;

TEST_CASE("Rng: the same seed gives the same numbers, another one others", "[base]") {
    Rng a(7);
    Rng b(7);
    Rng c(8);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto value = a();
        CHECK(value == b());
        differs = differs || value != c();
    }
    CHECK(differs);
}

TEST_CASE("Rng: below() is within its bound and reaches every value evenly", "[base]") {
    Rng rng(42);
    std::array<int, 10> counts{};
    for (int i = 0; i < 100'000; ++i) {
        ++counts.at(rng.below(10));
    }
    for (const int count : counts) {
        CHECK(count > 9'500);  // five standard deviations
        CHECK(count < 10'500);
    }
    double sum = 0;
    for (int i = 0; i < 100'000; ++i) {
        const double value = rng.unit();
        REQUIRE(value >= 0);
        REQUIRE(value < 1);
        sum += value;
    }
    CHECK(sum / 100'000 == Approx(0.5).margin(0.005));
}
