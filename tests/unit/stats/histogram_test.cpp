#include "stats/histogram.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

using boom::base::random_seed;
using boom::base::Rng;
using boom::stats::Histogram;

namespace {

struct Range {
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
};

// Step by step from the description of the layout: unit steps below 2048, and the width doubles
// with each power of two above.
Range range_by_definition(std::int64_t value) {
    std::int64_t width = 1;
    for (std::int64_t end = 2048; value >= end; end *= 2) {
        width *= 2;
    }
    const std::int64_t lowest = value / width * width;
    return {lowest, lowest + width - 1};
}

// Spread over the powers of two, as latencies are.
std::int64_t random_value(Rng& rng) {
    const std::uint64_t limit = std::uint64_t{1} << (1 + rng.below(32));
    return std::min(static_cast<std::int64_t>(rng.below(limit)), Histogram::kMaxValueUs);
}

Histogram histogram_of(const std::vector<std::int64_t>& values) {
    Histogram histogram;
    for (const std::int64_t value : values) {
        histogram.record(value);
    }
    return histogram;
}

std::vector<std::int64_t> random_values(Rng& rng, std::size_t count) {
    std::vector<std::int64_t> values(count);
    std::generate(values.begin(), values.end(), [&] { return random_value(rng); });
    return values;
}

void require_same(const Histogram& a, const Histogram& b) {
    REQUIRE(a.count() == b.count());
    REQUIRE(a.moments() == b.moments());
    REQUIRE(a.stddev_us() == b.stddev_us());
    REQUIRE(a.encode() == b.encode());
}

}  // namespace

TEST_CASE("Histogram: percentile of an empty histogram is zero", "[stats]") {
    const Histogram histogram;
    CHECK(histogram.is_empty());
    CHECK(histogram.count() == 0);
    for (const double percent : {0.0, 50.0, 99.9, 100.0}) {
        CHECK(histogram.percentile_us(percent) == 0);
    }
    CHECK(histogram.moments() == Histogram::Moments{});
    CHECK(histogram.mean_us() == 0.0);
    CHECK(histogram.stddev_us() == 0.0);
    CHECK(histogram.count_at_or_below(Histogram::kMaxValueUs) == 0);
}

TEST_CASE("Histogram: every value falls into the bucket of the HDR layout", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    std::vector<std::int64_t> values = random_values(rng, 2000);
    for (std::int64_t power = 1; power <= Histogram::kMaxValueUs; power *= 2) {
        values.insert(values.end(), {power - 1, power, power + 1});
    }
    values.push_back(Histogram::kMaxValueUs);
    for (const std::int64_t value : values) {
        CAPTURE(value);
        const Range expected = range_by_definition(value);
        int visits = 0;
        histogram_of({value}).for_each_bucket(
            [&](std::int64_t lowest, std::int64_t highest, std::int64_t count) {
                ++visits;
                REQUIRE(lowest == expected.lowest);
                REQUIRE(highest == expected.highest);
                REQUIRE(count == 1);
            });
        REQUIRE(visits == 1);
        // Three significant digits.
        REQUIRE(expected.highest - expected.lowest <= value / 1000);
    }
}

TEST_CASE("Histogram: buckets are visited in ascending order with all samples", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    const Histogram histogram = histogram_of(random_values(rng, 5000));
    std::int64_t previous = -1;
    std::int64_t sum = 0;
    histogram.for_each_bucket([&](std::int64_t lowest, std::int64_t highest, std::int64_t count) {
        REQUIRE(lowest > previous);
        previous = highest;
        sum += count;
    });
    CHECK(sum == 5000);
}

TEST_CASE("Histogram: the rank of a percentile has no floating point error", "[stats]") {
    // Percent in 1/10000, so that the expected rank is exact in integers.
    const auto part = GENERATE(0, 1, 100, 3333, 5000, 7500, 9000, 9500, 9900, 9990, 9999, 10000);
    Histogram histogram;
    for (std::int64_t count = 1; count < 2048; ++count) {
        histogram.record(count);
        const std::int64_t rank = std::max<std::int64_t>(1, (part * count + 9999) / 10000);
        CAPTURE(part, count);
        REQUIRE(histogram.percentile_us(part / 100.0) == rank);
    }
}

TEST_CASE("Histogram: percentiles are those of the sorted samples at three digits", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    for (int round = 0; round < 20; ++round) {
        std::vector<std::int64_t> values = random_values(rng, 1 + rng.below(3000));
        const Histogram histogram = histogram_of(values);
        std::sort(values.begin(), values.end());
        const auto count = static_cast<std::int64_t>(values.size());
        for (const int part : {0, 1000, 5000, 9000, 9900, 9990, 9999, 10000}) {
            const std::int64_t rank = std::max<std::int64_t>(1, (part * count + 9999) / 10000);
            const std::int64_t sample = values[static_cast<std::size_t>(rank - 1)];
            const std::int64_t expected =
                std::min(range_by_definition(sample).highest, values.back());
            CAPTURE(part, count, sample);
            REQUIRE(histogram.percentile_us(part / 100.0) == expected);
        }
    }
}

TEST_CASE("Histogram: the highest percentile is the exact maximum", "[stats]") {
    const Histogram histogram = histogram_of({5, 1'000'001});
    CHECK(histogram.percentile_us(100) == 1'000'001);
    CHECK(histogram.percentile_us(99.99) == 1'000'001);
    CHECK(histogram.percentile_us(50) == 5);
}

TEST_CASE("Histogram: values outside the range count as its ends", "[stats]") {
    const Histogram histogram =
        histogram_of({-7, Histogram::kMaxValueUs + 1, INT64_MAX, INT64_MIN});
    CHECK(histogram.count() == 4);
    CHECK(histogram.moments().min_us == 0);
    CHECK(histogram.moments().max_us == Histogram::kMaxValueUs);
    CHECK(histogram.moments().sum_us == 2.0 * static_cast<double>(Histogram::kMaxValueUs));
    CHECK(histogram.count_at_or_below(0) == 2);
    CHECK(histogram.percentile_us(50) == 0);
    CHECK(histogram.percentile_us(75) == Histogram::kMaxValueUs);
}

TEST_CASE("Histogram: minimum, maximum, mean and deviation are exact", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    // Far from zero and close together: the case where sums of squares in doubles cancel.
    const auto base = GENERATE(std::int64_t{0}, std::int64_t{3'599'000'000});
    std::vector<std::int64_t> values(10'000);
    std::generate(values.begin(), values.end(),
                  [&] { return base + static_cast<std::int64_t>(rng.below(1000)); });
    const Histogram histogram = histogram_of(values);
    const auto count = static_cast<long double>(values.size());
    long double sum = 0;
    for (const std::int64_t value : values) {
        sum += static_cast<long double>(value);
    }
    long double squares = 0;
    for (const std::int64_t value : values) {
        const long double distance = static_cast<long double>(value) - sum / count;
        squares += distance * distance;
    }
    const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
    CHECK(histogram.moments().min_us == *smallest);
    CHECK(histogram.moments().max_us == *largest);
    CHECK(histogram.moments().sum_us == static_cast<double>(sum));
    CHECK(histogram.mean_us() == Approx(static_cast<double>(sum / count)).epsilon(1e-15));
    CHECK(histogram.stddev_us() ==
          Approx(static_cast<double>(std::sqrt(squares / count))).epsilon(1e-12));
}

TEST_CASE("Histogram: equal samples have no deviation", "[stats]") {
    Histogram histogram;
    histogram.record(1'234'567'891, 1'000'003);
    CHECK(histogram.count() == 1'000'003);
    CHECK(histogram.stddev_us() == 0.0);
    CHECK(histogram.mean_us() == 1'234'567'891.0);
}

TEST_CASE("Histogram: recording n times is recording once, n times", "[stats]") {
    Histogram at_once;
    Histogram one_by_one;
    for (const std::int64_t value : {0, 17, 2047, 2048, 999'999}) {
        at_once.record(value, 123);
        for (int i = 0; i < 123; ++i) {
            one_by_one.record(value);
        }
    }
    require_same(at_once, one_by_one);
}

TEST_CASE("Histogram: the merge of any split equals the union to the last bit", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    for (int round = 0; round < 20; ++round) {
        // Enough hours for the sum of squares to leave the 53 bits of a double.
        const std::vector<std::int64_t> values = random_values(rng, 1 + rng.below(5000));
        const std::size_t part_count = 1 + rng.below(9);
        std::vector<Histogram> parts(part_count);
        for (const std::int64_t value : values) {
            parts[rng.below(part_count)].record(value);
        }
        // In any order, and any tree: fold random pairs until one is left.
        while (parts.size() > 1) {
            const std::size_t from = rng.below(parts.size());
            const std::size_t into = (from + 1 + rng.below(parts.size() - 1)) % parts.size();
            parts[into].add(parts[from]);
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(from));
        }
        const Histogram whole = histogram_of(values);
        require_same(parts.front(), whole);
        for (const double percent : {0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
            REQUIRE(parts.front().percentile_us(percent) == whole.percentile_us(percent));
        }
    }
}

TEST_CASE("Histogram: a split that was sent and decoded merges to the same last bit", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    const std::vector<std::int64_t> values = random_values(rng, 20'000);
    std::vector<Histogram> parts(5);
    for (const std::int64_t value : values) {
        parts[rng.below(parts.size())].record(value);
    }
    Histogram merged;
    for (const Histogram& part : parts) {
        const auto decoded = Histogram::decode(part.encode(), part.moments());
        REQUIRE(decoded);
        merged.add(*decoded);
    }
    require_same(merged, histogram_of(values));
}

TEST_CASE("Histogram: adding an empty histogram changes nothing", "[stats]") {
    Histogram histogram = histogram_of({3, 70'000});
    const Histogram before = histogram;
    histogram.add(Histogram{});
    require_same(histogram, before);
    Histogram empty;
    empty.add(before);
    require_same(empty, before);
}

TEST_CASE("Histogram: the count at or below a value is cumulative to bucket precision", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    const std::vector<std::int64_t> values = random_values(rng, 1000);
    const Histogram histogram = histogram_of(values);
    std::vector<std::int64_t> limits = random_values(rng, 200);
    limits.insert(limits.end(), {-1, 0, 1023, 1024, 2047, 2048, Histogram::kMaxValueUs, INT64_MAX});
    for (const std::int64_t limit : limits) {
        const std::int64_t reached = std::min(limit, Histogram::kMaxValueUs);
        const std::int64_t end = limit < 0 ? -1 : range_by_definition(reached).highest;
        CAPTURE(limit, end);
        REQUIRE(histogram.count_at_or_below(limit) ==
                std::count_if(values.begin(), values.end(),
                              [&](std::int64_t value) { return value <= end; }));
    }
}

TEST_CASE("Histogram: a cleared histogram is as good as a new one", "[stats]") {
    Histogram histogram = histogram_of({1, 3000, Histogram::kMaxValueUs});
    histogram.clear();
    CHECK(histogram.is_empty());
    require_same(histogram, Histogram{});
    histogram.record(42);
    require_same(histogram, histogram_of({42}));
}

TEST_CASE("Histogram: copies are independent", "[stats]") {
    Histogram histogram = histogram_of({1, 3000});
    Histogram copy = histogram;
    copy.record(3000);
    CHECK(histogram.count() == 2);
    CHECK(copy.count() == 3);
    CHECK(histogram.count_at_or_below(3000) == 2);
    copy = histogram;
    require_same(copy, histogram);
    const Histogram moved = std::move(copy);
    require_same(moved, histogram);
}
