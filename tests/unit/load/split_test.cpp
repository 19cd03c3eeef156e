#include "load/split.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using boom::base::random_seed;
using boom::base::Rng;
using boom::load::Capacity;
using boom::load::ordinals_of;
using boom::load::split;
using boom::load::split_by_capacity;
using boom::load::stripe;

namespace {

using Shares = std::vector<std::int64_t>;
using Capacities = std::vector<Capacity>;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();

std::int64_t sum(const Shares& shares) {
    return std::accumulate(shares.begin(), shares.end(), std::int64_t{0});
}

std::int64_t random_number(Rng& rng, std::uint64_t bound) {
    return static_cast<std::int64_t>(rng.below(bound));
}

}  // namespace

TEST_CASE("split: shares follow the weights and sum exactly", "[load]") {
    const auto [total, weights, expected] = GENERATE(table<std::int64_t, Shares, Shares>({
        {10'000, {4000, 4000, 2000}, {4000, 4000, 2000}},
        {10'000, {2, 2, 1}, {4000, 4000, 2000}},
        {10, {1, 1, 1}, {4, 3, 3}},
        {10'000, {7, 7, 7}, {3334, 3333, 3333}},
        {1500, Shares(15, 1), Shares(15, 100)},
        {0, {1, 2}, {0, 0}},
        {1, {1, 1}, {1, 0}},
        {1, {0, 1}, {0, 1}},
        {5, {0, 0}, {0, 0}},
        {5, {}, {}},
        {kHuge, {kHuge, kHuge}, {kHuge / 2 + 1, kHuge / 2}},
        {kHuge, {kHuge}, {kHuge}},
    }));
    CHECK(split(total, weights) == expected);
}

TEST_CASE("split: 200 equal workers and a small total are never negative", "[load]") {
    for (std::int64_t total = 0; total <= 401; ++total) {
        const Shares shares = split(total, Shares(200, 1));
        REQUIRE(sum(shares) == total);
        REQUIRE(*std::min_element(shares.begin(), shares.end()) == total / 200);
        REQUIRE(*std::max_element(shares.begin(), shares.end()) == (total + 199) / 200);
    }
}

TEST_CASE("split: sums are exact and each share is within 1 of the proportion", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 500; ++round) {
        Shares weights(1 + rng.below(50));
        for (std::int64_t& weight : weights) {
            weight = random_number(rng, 4) == 0 ? 0 : random_number(rng, 5000);
        }
        weights.front() += 1;
        const std::int64_t total = random_number(rng, 100'000);
        const Shares shares = split(total, weights);
        REQUIRE(sum(shares) == total);
        const double factor = static_cast<double>(total) / static_cast<double>(sum(weights));
        for (std::size_t i = 0; i < shares.size(); ++i) {
            REQUIRE(std::abs(static_cast<double>(shares[i]) -
                             factor * static_cast<double>(weights[i])) < 1);
            REQUIRE((weights[i] > 0 || shares[i] == 0));
        }
    }
}

TEST_CASE("split_by_capacity: examples", "[load]") {
    const Capacity none;
    const auto [total, capacities, expected] =
        GENERATE_COPY(table<std::int64_t, Capacities, Shares>({
            {10'000, {4000, 4000, 2000}, {4000, 4000, 2000}},
            {5000, {4000, 4000, 2000}, {2000, 2000, 1000}},
            {10'000, {none, none, none}, {3334, 3333, 3333}},
            {9, {2, 4, none}, {2, 4, 3}},
            {90, {10, 30, none}, {10, 30, 50}},
            {4, {0, 0, none}, {0, 0, 4}},
            {0, {}, {}},
            {kHuge, {kHuge, kHuge}, {kHuge / 2 + 1, kHuge / 2}},
            {kHuge, {1, none}, {1, kHuge - 1}},
        }));
    CHECK(split_by_capacity(total, capacities) == expected);
}

TEST_CASE("split_by_capacity: a total above all declarations does not fit", "[load]") {
    CHECK_FALSE(split_by_capacity(10'001, Capacities{4000, 4000, 2000}).has_value());
    CHECK_FALSE(split_by_capacity(1, Capacities{}).has_value());
    CHECK_FALSE(split_by_capacity(1, Capacities{0}).has_value());
}

TEST_CASE("split_by_capacity: nobody exceeds its declaration and the sum is exact", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 1000; ++round) {
        Capacities capacities(1 + rng.below(20));
        const std::uint64_t undeclared_in_ten = rng.below(10);
        std::int64_t room = 0;
        std::int64_t declarations = 0;
        for (Capacity& capacity : capacities) {
            if (rng.below(10) >= undeclared_in_ten) {
                capacity = random_number(rng, 1000);
                room += *capacity;
                ++declarations;
            }
        }
        const auto count = static_cast<std::int64_t>(capacities.size());
        const std::int64_t total = random_number(rng, 20'000);
        const auto shares = split_by_capacity(total, capacities);
        REQUIRE(shares.has_value() == (declarations < count || total <= room));
        if (!shares) {
            continue;
        }
        REQUIRE(sum(*shares) == total);
        const double mean = declarations == 0 || room == 0
                                ? 1.0
                                : static_cast<double>(room) / static_cast<double>(declarations);
        const double weight_sum =
            static_cast<double>(room) + mean * static_cast<double>(count - declarations);
        const bool is_capped = static_cast<double>(total) > weight_sum;
        for (std::size_t i = 0; i < capacities.size(); ++i) {
            const std::int64_t share = (*shares)[i];
            REQUIRE(share >= 0);
            REQUIRE((!capacities[i] || share <= *capacities[i]));
            if (!is_capped && weight_sum > 0) {
                const double weight = capacities[i] ? static_cast<double>(*capacities[i]) : mean;
                const double exact = static_cast<double>(total) * weight / weight_sum;
                REQUIRE(std::abs(static_cast<double>(share) - exact) < 1 + 1e-6);
            }
        }
    }
}

TEST_CASE("stripe: examples", "[load]") {
    using Owners = std::vector<std::int32_t>;
    const auto [shares, expected] = GENERATE(table<Shares, Owners>({
        {{3, 3}, {0, 1, 0, 1, 0, 1}},
        {{2, 2, 2}, {0, 1, 2, 0, 1, 2}},
        {{0, 2}, {1, 1}},
        {{}, {}},
        {{0, 0}, {}},
    }));
    CHECK(stripe(shares) == expected);
}

TEST_CASE("stripe: every prefix is within 1 of each owner's proportion", "[load]") {
    const std::uint64_t seed = random_seed();
    INFO("seed " << seed);
    Rng rng(seed);
    for (int round = 0; round < 200; ++round) {
        Shares shares(1 + rng.below(30));
        for (std::int64_t& share : shares) {
            // Some owners with very few things: they must not come all at once.
            share = random_number(rng, rng.below(2) == 0 ? 3 : 200);
        }
        const std::vector<std::int32_t> owners = stripe(shares);
        const std::int64_t total = sum(shares);
        REQUIRE(static_cast<std::int64_t>(owners.size()) == total);
        Shares seen(shares.size(), 0);
        bool is_even = true;
        for (std::size_t n = 0; n < owners.size(); ++n) {
            ++seen[static_cast<std::size_t>(owners[n])];
            for (std::size_t i = 0; i < shares.size(); ++i) {
                const std::int64_t behind =
                    shares[i] * static_cast<std::int64_t>(n + 1) - seen[i] * total;
                is_even = is_even && std::abs(behind) < total;
            }
        }
        CHECK(is_even);
        CHECK(seen == shares);
    }
}

TEST_CASE("ordinals_of: the owners' ordinals are ascending and make up the whole", "[load]") {
    const Shares shares{5, 0, 3, 9};
    Shares all;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const Shares ordinals = ordinals_of(shares, i);
        CHECK(static_cast<std::int64_t>(ordinals.size()) == shares[i]);
        CHECK(std::is_sorted(ordinals.begin(), ordinals.end()));
        all.insert(all.end(), ordinals.begin(), ordinals.end());
    }
    std::sort(all.begin(), all.end());
    Shares expected(17);
    std::iota(expected.begin(), expected.end(), std::int64_t{0});
    CHECK(all == expected);
}
