#include "base/refusals.hpp"

#include <catch2/catch.hpp>

using boom::base::Refusals;

TEST_CASE("Refusals: the first of a kind is news, the rest is counted", "[base]") {
    Refusals refusals;
    CHECK(refusals.note("10.0.0.1", "wrong token") == Refusals::News::First);
    CHECK(refusals.note("10.0.0.1", "wrong token", 4) == Refusals::News::Repeated);
    CHECK(refusals.note("10.0.0.1", "malformed") == Refusals::News::First);
    REQUIRE(refusals.rows().size() == 2);
    CHECK(refusals.rows()[0].count == 5);
    CHECK(refusals.total() == 6);
}

TEST_CASE("Refusals: strangers cannot make it grow without end", "[base]") {
    Refusals refusals;
    int news = 0;
    for (int i = 0; i < 5000; ++i) {
        news += refusals.note(std::to_string(i), "wrong token") == Refusals::News::First ? 1 : 0;
    }
    CHECK(refusals.rows().size() == Refusals::kMostRows);
    CHECK(news == static_cast<int>(Refusals::kMostRows) + 1);
    CHECK(refusals.total() == 5000);
}
