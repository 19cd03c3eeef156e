#include "net/look_ahead.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace boom::net;

TEST_CASE("look_ahead: each event goes through all steps in order before it is handled", "[net]") {
    const unsigned count = GENERATE(range(8U, 40U));
    std::vector<unsigned> steps(count, 0);
    unsigned handled = 0;
    unsigned together = 0;  // that were between their first step and their end
    look_ahead(
        count,
        [&](unsigned index, unsigned step) {
            REQUIRE(index < count);
            REQUIRE(index >= handled);
            CHECK(steps[index]++ == step);
            together = std::max(together, index - handled);
        },
        [&](unsigned index) {
            CHECK(index == handled);
            CHECK(steps[index] == kLookAheadSteps);
            ++handled;
        });
    CHECK(handled == count);
    CHECK(together >= kLookAheadSteps - 1);
}

TEST_CASE("look_ahead: a few events are handled without", "[net]") {
    const unsigned count = GENERATE(range(0U, 8U));
    unsigned handled = 0;
    look_ahead(
        count, [](unsigned, unsigned) { FAIL("expects something"); },
        [&](unsigned index) { CHECK(index == handled++); });
    CHECK(handled == count);
}
