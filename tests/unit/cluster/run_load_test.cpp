#include "cluster/run_load.hpp"

#include "user/threaded_load.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

using namespace boom;
using cluster::Adjustment;
using cluster::RunLoad;
using namespace std::chrono_literals;

namespace {

const std::vector<RunLoad::Member> kThree = {{"a", 4000}, {"b", 4000}, {"c", 2000}};

std::vector<wire::Share> shares_of(const RunLoad& load, base::Duration from,
                                   const std::vector<RunLoad::Member>& members = kThree) {
    std::vector<wire::Share> shares;
    REQUIRE(load.share_out(members, from, shares).empty());
    REQUIRE(shares.size() == members.size());
    return shares;
}

load::Profile open_profile(double rate) {
    load::Profile profile;
    profile.rate = rate;
    return profile;
}

// What arrives at one worker between two times of the run, under its share.
std::int64_t arrivals_of(const wire::Share& share, base::Duration from, base::Duration to) {
    const wire::StreamShare& stream = share.streams.front();
    load::ArrivalSchedule schedule(stream.target, {}, load::Arrival::Constant, 1);
    schedule.adjust(stream.target, load::Striping(stream.users, share.index), from);
    std::int64_t count = 0;
    for (; schedule.next() && *schedule.next() < to; schedule.take()) {
        ++count;
    }
    return count;
}

Adjustment rate_of(double rate) {
    Adjustment adjustment;
    adjustment.rate = rate;
    return adjustment;
}

Adjustment users_of(std::int64_t users) {
    Adjustment adjustment;
    adjustment.spawn_count = users;
    return adjustment;
}

}  // namespace

TEST_CASE("RunLoad: users and rates follow the declared capacities", "[cluster]") {
    load::Profile profile;
    profile.spawn_count = 10'000;
    const auto shares = shares_of(RunLoad(profile), 0s);
    CHECK(shares[2].users == std::vector<std::int64_t>{4000, 4000, 2000});
    const auto open = shares_of(RunLoad(open_profile(100)), 0s);
    CHECK(arrivals_of(open[0], 0s, 10s) == 400);
    CHECK(arrivals_of(open[2], 0s, 10s) == 200);
}

TEST_CASE("RunLoad: a cap that nobody asked for is what the workers can carry", "[cluster]") {
    const auto shares = shares_of(RunLoad(open_profile(10)), 0s, {{"a", 30}, {"b", 20}});
    CHECK(shares[0].users == std::vector<std::int64_t>{30, 20});
    load::Profile asked = open_profile(10);
    asked.spawn_count = 60;
    std::vector<wire::Share> none;
    const std::string refusal = RunLoad(asked).share_out({{"a", 30}, {"b", 20}}, 0s, none);
    CHECK(refusal.find("60") != std::string::npos);
    CHECK(refusal.find("50") != std::string::npos);
}

TEST_CASE("RunLoad: a changed rate loses and doubles no arrival", "[cluster]") {
    load::Profile profile = open_profile(100);
    RunLoad load(profile);
    const auto before = shares_of(load, 0s);
    REQUIRE(load.adjust(rate_of(300), 2s, profile).empty());
    const auto after = shares_of(load, 2s);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < kThree.size(); ++i) {
        sum += arrivals_of(before[i], 0s, 2s) + arrivals_of(after[i], 2s, 5s);
    }
    CHECK(sum == 200 + 900);
    CHECK(profile.rate == 300);
}

TEST_CASE("RunLoad: rates are re-split exactly as workers join and leave", "[cluster]") {
    load::Profile profile = open_profile(97);
    profile.max_rps = 53;
    const RunLoad load(profile);
    const std::vector<RunLoad::Member> d = {{"d", std::nullopt}};
    struct Span {
        base::Duration from;
        std::vector<RunLoad::Member> members;
    };
    const std::vector<Span> history = {{0s, {kThree[0]}},        {10200ms, {kThree[0], kThree[1]}},
                                       {20333ms, kThree},        {30001ms, {kThree[1], kThree[2]}},
                                       {31s, {kThree[2], d[0]}}, {100s, {}}};
    std::int64_t arrivals = 0;
    std::int64_t slots = 0;
    for (std::size_t i = 0; i + 1 < history.size(); ++i) {
        const Span& span = history[i];
        for (wire::Share share : shares_of(load, span.from, span.members)) {
            arrivals += arrivals_of(share, span.from, history[i + 1].from);
            share.streams.front() = {*share.ceiling, share.users, 0};
            slots += arrivals_of(share, span.from, history[i + 1].from);
        }
    }
    CHECK(arrivals == 97 * 100);
    CHECK(slots == 53 * 100);
}

TEST_CASE("RunLoad: users rise at their rate and fall at once", "[cluster]") {
    load::Profile profile;
    profile.spawn_count = 10;
    profile.spawn_rate = 10;
    RunLoad load(profile);
    Adjustment more = users_of(30);
    more.spawn_rate = 5;
    REQUIRE(load.adjust(more, 4s, profile).empty());
    CHECK(load.target_users(4s) == 10);
    CHECK(load.target_users(6s) == 20);
    CHECK(load.target_users(8s) == 30);
    REQUIRE(load.adjust(users_of(3), 9s, profile).empty());
    CHECK(load.target_users(8999ms) == 30);
    CHECK(load.target_users(9s) == 3);
}

TEST_CASE("RunLoad: one worker alone can be changed, the others' shares stay", "[cluster]") {
    load::Profile profile = open_profile(100);
    profile.max_rps = 1000;
    RunLoad load(profile);
    const auto before = shares_of(load, 0s);
    Adjustment own = rate_of(5);
    own.max_rps = 10;
    own.worker = "c";
    REQUIRE(load.adjust(own, 2s, profile).empty());
    const auto after = shares_of(load, 2s);
    for (const std::size_t other : {0U, 1U}) {
        CHECK(arrivals_of(after[other], 2s, 12s) == 400);
        CHECK(after[other].streams[0].target == before[other].streams[0].target);
        CHECK(after[other].ceiling == before[other].ceiling);
    }
    // Stripes of a scaled rate begin anywhere: one more or less.
    CHECK(std::abs(arrivals_of(after[2], 2s, 12s) - 50) <= 1);
    CHECK(after[2].ceiling->value(3s) * 0.2 == Approx(10));
}

TEST_CASE("RunLoad: one worker's own users count in its share until all are changed", "[cluster]") {
    load::Profile profile;
    profile.spawn_count = 10;
    profile.spawn_rate = 1000;
    RunLoad load(profile);
    const auto wanted = [&](base::Duration at) {
        std::vector<std::int64_t> users;
        for (const wire::Share& share : shares_of(load, at)) {
            users.push_back(load.target_users(share, at + 1s));
        }
        return users;
    };
    CHECK(wanted(1s) == std::vector<std::int64_t>{4, 4, 2});
    Adjustment own = users_of(9);
    own.worker = "b";
    REQUIRE(load.adjust(own, 2s, profile).empty());
    CHECK(load.has_own_users());
    CHECK(wanted(2s) == std::vector<std::int64_t>{4, 9, 2});
    own.spawn_rate = 3;
    CHECK(load.adjust(own, 3s, profile).find("spawn-rate") != std::string::npos);
    REQUIRE(load.adjust(users_of(5), 4s, profile).empty());
    CHECK_FALSE(load.has_own_users());
    CHECK(wanted(4s) == std::vector<std::int64_t>{2, 2, 1});
}

TEST_CASE("RunLoad: stages begin with what is wanted now, of users and of rates", "[cluster]") {
    load::Profile profile;
    profile.spawn_count = 10;
    profile.spawn_rate = 1000;
    RunLoad load(profile);
    Adjustment stages;
    stages.stages = {{4s, 30}, {2s, 0}, {0s, 5}};
    REQUIRE(load.adjust(stages, 10s, profile).empty());
    const auto wanted = [&](base::Duration at) { return load.target_users(at); };
    CHECK(wanted(9s) == 10);
    CHECK(wanted(12s) == 20);
    CHECK(wanted(14s) == 30);
    CHECK(wanted(15s) == 15);
    CHECK(wanted(100s) == 5);
    CHECK(load.describe(10s) == "30 users, stages 4s:30,2s:0,0s:5");
    CHECK(shares_of(load, 10s)[0].streams[0].users == std::vector<std::int64_t>{12, 12, 6});
    REQUIRE(load.adjust(users_of(7), 20s, profile).empty());
    CHECK(load.describe(20s) == "7 users");

    load::Profile open = open_profile(100);
    RunLoad rates(open);
    REQUIRE(rates.adjust(stages, 2s, open).empty());
    std::int64_t sum = 0;
    for (const wire::Share& share : shares_of(rates, 2s)) {
        sum += arrivals_of(share, 2s, 8s);
    }
    CHECK(sum == 4 * (100 + 30) / 2 + 2 * 30 / 2);
}

TEST_CASE("RunLoad: stages that contradict the rest are refused and nothing moves", "[cluster]") {
    load::Profile profile;
    RunLoad load(profile);
    const load::Curve before = load.schedule().streams.front().target;
    Adjustment stages;
    stages.stages = {{1s, 2.5}};
    CHECK(load.adjust(stages, 1s, profile).find("whole numbers") != std::string::npos);
    stages.stages = {{1s, 2}};
    stages.worker = "a";
    CHECK(load.adjust(stages, 1s, profile).find("whole fleet") != std::string::npos);
    stages.worker.clear();
    stages.spawn_count = 3;
    CHECK(load.adjust(stages, 1s, profile).find("spawn-count") != std::string::npos);
    CHECK(load.schedule().streams.front().target == before);
    load::Profile several;
    several.scenarios.resize(2);
    RunLoad scenarios(several);
    stages.spawn_count.reset();
    CHECK(scenarios.adjust(stages, 1s, several).find("scenarios") != std::string::npos);
}

TEST_CASE("RunLoad: what cannot be changed is refused and nothing moves", "[cluster]") {
    load::Profile profile;
    RunLoad load(profile);
    CHECK(load.adjust(rate_of(5), 1s, profile).find("rate") != std::string::npos);
    CHECK_FALSE(profile.rate);
}
