#include "stats/timeline.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <numeric>

using namespace boom::stats;
using boom::base::random_seed;
using boom::base::Rng;

namespace {

StepStats delta(std::int64_t requests, std::int64_t time_us) {
    StepStats result;
    result.requests = requests;
    result.failures = requests / 10;
    result.bytes_received = requests * 100;
    if (requests > 0) {
        result.response_time.record(time_us, requests);
    }
    return result;
}

std::int64_t sum_of_requests(const std::vector<TimelineRow>& rows) {
    return std::accumulate(
        rows.begin(), rows.end(), std::int64_t{0},
        [](std::int64_t sum, const TimelineRow& row) { return sum + row.requests; });
}

// Rows follow each other without gap or overlap, from 0.
void require_contiguous(const std::vector<TimelineRow>& rows) {
    double end = 0;
    for (const TimelineRow& row : rows) {
        REQUIRE(row.t_s == end);
        REQUIRE(row.length_s > 0);
        end += row.length_s;
    }
}

}  // namespace

TEST_CASE("Timeline: nothing happened, no rows", "[stats]") {
    CHECK(Timeline{}.rows().empty());
}

TEST_CASE("Timeline: deltas of several workers for one second are one row", "[stats]") {
    Timeline timeline;
    timeline.add(0, delta(100, 1000));
    timeline.add(0, delta(300, 2000));
    timeline.set_users(0, 5, 10, 2);
    timeline.set_users(0, 7, 10, 2);
    const auto rows = timeline.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].t_s == 0.0);
    CHECK(rows[0].length_s == 1.0);
    CHECK(rows[0].requests == 400);
    CHECK(rows[0].failures == 40);
    CHECK(rows[0].bytes_received == 40'000);
    CHECK(rows[0].requests_per_second() == 400.0);
    CHECK(rows[0].users == 7);
    CHECK(rows[0].target_users == 10);
    CHECK(rows[0].workers == 2);
    CHECK(rows[0].p50_us == 2000);
    CHECK(rows[0].p99_us == 2000);
}

TEST_CASE("Timeline: a second without a delta is a row of zeros", "[stats]") {
    Timeline timeline;
    timeline.add(1, delta(10, 50));
    timeline.add(4, delta(20, 60));
    timeline.set_users(6, 1, 1, 1);
    const auto rows = timeline.rows();
    REQUIRE(rows.size() == 7);
    require_contiguous(rows);
    for (const std::size_t quiet : {0U, 2U, 3U, 5U, 6U}) {
        CAPTURE(quiet);
        CHECK(rows[quiet].requests == 0);
        CHECK(rows[quiet].p50_us == 0);
        CHECK(rows[quiet].requests_per_second() == 0.0);
    }
    CHECK(rows[1].requests == 10);
    CHECK(rows[4].requests == 20);
    CHECK(rows[4].p95_us == 60);
}

TEST_CASE("Timeline: a late delta counts but does not move the percentiles", "[stats]") {
    Timeline timeline;
    timeline.add(0, delta(10, 100));
    timeline.add(1, delta(10, 100));
    timeline.add(Timeline::kOpenRows, delta(1, 1));
    // Second 0 is kOpenRows seconds old and closed, second 1 is still open.
    timeline.add(0, delta(1000, 900));
    timeline.add(1, delta(1000, 900));
    auto rows = timeline.rows();
    CHECK(rows[0].requests == 1010);
    CHECK(rows[0].failures == 101);
    CHECK(rows[0].p50_us == 100);
    CHECK(rows[1].requests == 1010);
    CHECK(rows[1].p50_us == 900);
    // Closing does not change what was shown.
    timeline.add(500, delta(1, 1));
    rows = timeline.rows();
    CHECK(rows[0].p50_us == 100);
    CHECK(rows[1].p50_us == 900);
    // A row that had nothing while it was open stays without percentiles.
    timeline.add(300, delta(5, 7));
    rows = timeline.rows();
    CHECK(rows[300].requests == 5);
    CHECK(rows[300].p50_us == 0);
}

TEST_CASE("Timeline: old rows are merged in pairs, nothing is lost", "[stats]") {
    Timeline timeline;
    const auto limit = static_cast<std::int64_t>(Timeline::kMaxRows);
    for (std::int64_t second = 0; second < limit; ++second) {
        // The even second is slow and has one request of four.
        timeline.add(second, second % 2 == 0 ? delta(10, 2000) : delta(30, 100));
        timeline.set_users(second, static_cast<int>(second), 1, 1);
    }
    REQUIRE(timeline.rows().size() == Timeline::kMaxRows);
    CHECK(timeline.rows().front().length_s == 1.0);

    timeline.add(limit, delta(40, 500));
    const auto rows = timeline.rows();
    REQUIRE(rows.size() == Timeline::kMaxRows / 2 + 1);
    require_contiguous(rows);
    CHECK(sum_of_requests(rows) == 20 * limit + 40);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
        CAPTURE(i);
        REQUIRE(rows[i].length_s == 2.0);
        REQUIRE(rows[i].requests == 40);
        REQUIRE(rows[i].failures == 4);
        REQUIRE(rows[i].requests_per_second() == 20.0);
        REQUIRE(rows[i].users == static_cast<int>(2 * i + 1));
        // Of the union: an average of percentiles would be 1050.
        REQUIRE(rows[i].p50_us == 100);
        REQUIRE(rows[i].p95_us == 2000);
    }
    // The last row has seen one second of its two.
    CHECK(rows.back().length_s == 1.0);
    CHECK(rows.back().requests_per_second() == 40.0);
    CHECK(rows.back().p50_us == 500);
}

TEST_CASE("Timeline: the rows of a long run equal those of its samples", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    constexpr std::int64_t kSeconds = 9001;  // two merges: rows of 4 s, the last one of 1 s
    constexpr std::int64_t kRowSeconds = 4;
    std::vector<StepStats> expected((kSeconds + kRowSeconds - 1) / kRowSeconds);
    Timeline timeline;
    for (std::int64_t second = 0; second < kSeconds; ++second) {
        // Up to kOpenRows - 1 seconds late: everything still moves the percentiles.
        const auto late = static_cast<std::int64_t>(rng.below(Timeline::kOpenRows));
        const std::int64_t of = std::max<std::int64_t>(0, second - late);
        const auto part = delta(static_cast<std::int64_t>(rng.below(50)),
                                static_cast<std::int64_t>(rng.below(1'000'000)));
        timeline.set_users(second, 1, 1, 1);
        timeline.add(of, part);
        expected[static_cast<std::size_t>(of / kRowSeconds)].add(part);
    }
    const auto rows = timeline.rows();
    require_contiguous(rows);
    REQUIRE(rows.size() == expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        REQUIRE(rows[i].requests == expected[i].requests);
        REQUIRE(rows[i].failures == expected[i].failures);
        REQUIRE(rows[i].bytes_received == expected[i].bytes_received);
        REQUIRE(rows[i].p50_us == expected[i].response_time.percentile_us(50));
        REQUIRE(rows[i].p95_us == expected[i].response_time.percentile_us(95));
        REQUIRE(rows[i].p99_us == expected[i].response_time.percentile_us(99));
    }
    CHECK(rows.back().length_s == 1.0);
}

TEST_CASE("Timeline: in a row of several seconds the gauges are those of its end", "[stats]") {
    Timeline timeline;
    const auto limit = static_cast<std::int64_t>(Timeline::kMaxRows);
    timeline.set_users(limit, 1, 1, 1);  // from here on rows of 2 s
    timeline.set_users(limit + 1, 8, 9, 3);
    timeline.set_users(limit, 4, 4, 4);
    const auto rows = timeline.rows();
    CHECK(rows.back().length_s == 2.0);
    CHECK(rows.back().users == 8);
    CHECK(rows.back().target_users == 9);
    CHECK(rows.back().workers == 3);
}

TEST_CASE("Timeline: a jump far ahead keeps the number of rows bounded", "[stats]") {
    Timeline timeline;
    timeline.add(0, delta(3, 10));
    timeline.add(1, delta(4, 30));
    const std::int64_t far =
        GENERATE(std::int64_t{100'000}, std::int64_t{10'000'000}, INT64_MAX / 4);
    timeline.add(far, delta(5, 20));
    const auto rows = timeline.rows();
    CHECK(rows.size() <= Timeline::kMaxRows);
    CHECK(sum_of_requests(rows) == 12);
    CHECK(rows.front().requests == 7);
    CHECK(rows.front().p50_us == 30);
    CHECK(rows.front().p99_us == 30);
    CHECK(rows.back().requests == 5);
}
