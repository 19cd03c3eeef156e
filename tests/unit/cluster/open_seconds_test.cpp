#include "cluster/open_seconds.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using cluster::OpenSeconds;
using namespace std::chrono_literals;

namespace {

constexpr auto kEverybody = std::numeric_limits<std::int64_t>::max();

stats::Snapshot requests(std::int64_t count) {
    stats::Snapshot snapshot;
    snapshot.connections.exchanges = count;
    return snapshot;
}

TEST_CASE("OpenSeconds: a second is told once it is over and everybody has told of it",
          "[cluster]") {
    OpenSeconds seconds;
    seconds.add(0, requests(3));
    CHECK_FALSE(seconds.take(999ms, kEverybody));
    CHECK_FALSE(seconds.take(1200ms, 0));
    seconds.add(0, requests(4));
    seconds.add(1, requests(50));
    const auto first = seconds.take(1200ms, 1);
    REQUIRE(first);
    CHECK(first->index == 0);
    CHECK(first->delta.connections.exchanges == 7);
    CHECK_FALSE(seconds.take(1200ms, kEverybody));
    CHECK(seconds.take(2000ms, kEverybody)->delta.connections.exchanges == 50);
}

TEST_CASE("OpenSeconds: who tells late holds the others up for a while and still counts",
          "[cluster]") {
    OpenSeconds seconds;
    seconds.add(0, requests(1));
    CHECK_FALSE(seconds.take(1s + OpenSeconds::kPatience - 1ms, 0));
    CHECK(seconds.take(1s + OpenSeconds::kPatience, 0)->delta.connections.exchanges == 1);
    seconds.add(0, requests(20));
    const auto next = seconds.take(5s, 0);
    REQUIRE(next);
    CHECK(next->delta.is_empty());
    CHECK(next->late.connections.exchanges == 20);
    // Seconds without anything are told as well.
    CHECK(seconds.take(5s, 0)->delta.is_empty());
}

TEST_CASE("OpenSeconds: at the end everything is told, the last second with its length",
          "[cluster]") {
    OpenSeconds seconds;
    for (std::int64_t second = 0; second < 4; ++second) {
        seconds.add(second, requests(10 + second));
    }
    std::int64_t sum = 0;
    double length_s = 0;
    double last_s = 0;
    while (const auto second = seconds.take_rest(3250ms)) {
        sum += second->delta.connections.exchanges + second->late.connections.exchanges;
        last_s = second->length_s;
        length_s += last_s;
    }
    CHECK(sum == 46);
    CHECK(length_s == Approx(3.25));
    CHECK(last_s == Approx(0.25));
}

}  // namespace
