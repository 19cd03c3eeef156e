#include "load/schedule.hpp"

#include "base/rng.hpp"
#include "load/split.hpp"
#include "load/striping.hpp"
#include "load/user_schedule.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>

using namespace boom;
using namespace boom::load;
using namespace std::chrono_literals;
using base::Duration;
using Change = UserSchedule::Change;

namespace {

std::vector<std::int64_t> all_ordinals(std::int64_t count) {
    std::vector<std::int64_t> result(static_cast<std::size_t>(count));
    std::iota(result.begin(), result.end(), 0);
    return result;
}

std::vector<Change> changes_of(const Curve& target, std::vector<std::int64_t> ordinals) {
    UserSchedule schedule(target, std::move(ordinals));
    std::vector<Change> result;
    while (schedule.next()) {
        result.push_back(*schedule.next());
        schedule.take();
    }
    return result;
}

void sort_by_time(std::vector<Change>& changes) {
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
        return std::tie(a.due, a.ordinal) < std::tie(b.due, b.ordinal);
    });
}

std::vector<Duration> arrivals_until(Duration end, const Curve& rate, const Striping& stripe,
                                     Arrival arrival) {
    ArrivalSchedule schedule(rate, stripe, arrival, 42);
    std::vector<Duration> result;
    while (schedule.next() && *schedule.next() < end) {
        result.push_back(*schedule.next());
        schedule.take();
    }
    return result;
}

Profile staged(std::vector<Stage> stages) {
    Profile profile;
    profile.stages = std::move(stages);
    return profile;
}

}  // namespace

TEST_CASE("UserSchedule: users start and leave where the target passes them", "[load]") {
    const Curve target({{0s, 0}, {4s, 4}, {6s, 4}, {8s, 2}, {8s, 0}});
    using Kind = Change::Kind;
    const std::vector<Change> expected = {
        {Kind::Start, 0, 0s}, {Kind::Start, 1, 1s}, {Kind::Start, 2, 2s}, {Kind::Start, 3, 3s},
        {Kind::Leave, 3, 7s}, {Kind::Leave, 2, 8s}, {Kind::Leave, 1, 8s}, {Kind::Leave, 0, 8s}};
    CHECK(changes_of(target, all_ordinals(4)) == expected);
}

TEST_CASE("UserSchedule: the union over any split is the schedule of one", "[load]") {
    const std::uint64_t seed = base::random_seed();
    INFO("seed " << seed);
    base::Rng rng(seed);
    for (int round = 0; round < 60; ++round) {
        std::vector<Stage> stages;
        for (std::uint64_t left = 1 + rng.below(5); left > 0; --left) {
            stages.push_back({Duration(static_cast<std::int64_t>(rng.below(5) * 700'000'000)),
                              static_cast<double>(rng.below(40))});
        }
        const Schedule schedule = schedule_of(staged(stages));
        const Stream& stream = schedule.streams.front();
        std::vector<Change> one = changes_of(stream.target, all_ordinals(stream.users));
        const std::vector<Change> in_order = one;
        CHECK(std::is_sorted(in_order.begin(), in_order.end(),
                             [](const Change& a, const Change& b) { return a.due < b.due; }));
        for (const std::size_t workers : {2U, 3U, 7U}) {
            const std::vector<std::int64_t> weights(workers, 1);
            const auto shares = split(stream.users, weights);
            std::vector<Change> together;
            for (std::size_t i = 0; i < workers; ++i) {
                const auto part = changes_of(stream.target, ordinals_of(shares, i));
                together.insert(together.end(), part.begin(), part.end());
            }
            sort_by_time(together);
            sort_by_time(one);
            // Changes of one user at one time have no order of their own here.
            REQUIRE(together.size() == one.size());
            for (std::size_t i = 0; i < one.size(); ++i) {
                REQUIRE(together[i].due == one[i].due);
                REQUIRE(together[i].ordinal == one[i].ordinal);
            }
        }
    }
}

TEST_CASE("UserSchedule: users present are the target, rounded up, at any time", "[load]") {
    const Curve target({{0s, 0}, {5s, 13}, {9s, 3}, {9s, 20}, {12s, 20}, {14s, 0}});
    UserSchedule schedule(target, all_ordinals(20));
    for (Duration now{}; now < 15s; now += 37ms) {
        schedule.skip_to(now);
        CHECK(schedule.wanted() ==
              static_cast<std::size_t>(std::ceil(target.value(now))) + (now == Duration{} ? 1 : 0));
    }
}

TEST_CASE("Striping: owners have each event once, spread evenly, through two levels", "[load]") {
    const std::vector<std::int64_t> workers = {4000, 4000, 2000, 0};
    const std::vector<std::int64_t> threads = {2, 1};
    std::vector<std::int64_t> seen;
    for (std::size_t w = 0; w < workers.size(); ++w) {
        const Striping outer(workers, w);
        CHECK(outer.is_empty() == (workers[w] == 0));
        for (std::size_t t = 0; t < threads.size(); ++t) {
            const Striping own = Striping(threads, t).within(outer);
            if (own.is_empty()) {
                continue;
            }
            CHECK(own.fraction() == Approx(outer.fraction() * (t == 0 ? 2 : 1) / 3));
            for (std::int64_t n = 0; own.global(n) < 3000; ++n) {
                seen.push_back(own.global(n));
                REQUIRE(own.first_from(own.global(n)) == n);
                REQUIRE(own.first_from(own.global(n) + 1) == n + 1);
            }
        }
    }
    std::sort(seen.begin(), seen.end());
    CHECK(seen == all_ordinals(3000));
}

TEST_CASE("Arrivals: a constant rate has exactly rate * time arrivals, evenly spaced", "[load]") {
    const auto arrivals =
        arrivals_until(10s, Curve::constant(100), Striping::everything(), Arrival::Constant);
    REQUIRE(arrivals.size() == 1000);
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        REQUIRE(arrivals[i] == 10ms * static_cast<int>(i));
    }
}

TEST_CASE("Arrivals: the union over any split is the schedule of one", "[load]") {
    const Arrival arrival = GENERATE(Arrival::Constant, Arrival::Poisson);
    const Curve rate({{0s, 0}, {2s, 300}, {3s, 300}, {3s, 50}});
    const auto one = arrivals_until(6s, rate, Striping::everything(), arrival);
    CHECK(one.size() > 500);
    for (const std::size_t workers : {2U, 3U, 7U}) {
        std::vector<std::int64_t> weights(workers, 1);
        weights[0] = 3;
        std::vector<Duration> together;
        for (std::size_t i = 0; i < workers; ++i) {
            const auto part = arrivals_until(6s, rate, Striping(weights, i), arrival);
            together.insert(together.end(), part.begin(), part.end());
        }
        std::sort(together.begin(), together.end());
        CHECK(together == one);
    }
}

TEST_CASE("Arrivals: Poisson gaps have the mean and the spread of an exponential", "[load]") {
    const auto arrivals =
        arrivals_until(2000s, Curve::constant(50), Striping::everything(), Arrival::Poisson);
    const auto count = static_cast<double>(arrivals.size());
    // Five standard deviations.
    CHECK(std::abs(count - 100'000) < 5 * std::sqrt(100'000.0));
    double squares = 0;
    for (std::size_t i = 1; i < arrivals.size(); ++i) {
        const double gap = base::to_seconds(arrivals[i] - arrivals[i - 1]) * 50;
        squares += gap * gap;
    }
    // E(x²) = 2; its own deviation is sqrt(20/n).
    CHECK(std::abs(squares / count - 2) < 5 * std::sqrt(20 / count));
}

TEST_CASE("Arrivals: how many are due before a time is counted as they are walked", "[load]") {
    const std::uint64_t seed = boom::base::random_seed();
    CAPTURE(seed);
    boom::base::Rng rng(seed);
    for (int round = 0; round < 30; ++round) {
        const Curve rate({{0s, static_cast<double>(rng.below(100))},
                          {2s, static_cast<double>(rng.below(100)) / 3},
                          {2s, static_cast<double>(rng.below(50))}});
        const auto arrival = round % 2 == 0 ? Arrival::Constant : Arrival::Poisson;
        const auto time = std::chrono::milliseconds(rng.below(6000));
        ArrivalSchedule walk(rate, Striping::everything(), arrival, 9);
        std::int64_t count = 0;
        for (; walk.next() && *walk.next() < time; walk.take()) {
            ++count;
        }
        CAPTURE(round, time.count());
        CHECK(arrivals_before(time, rate, arrival, 9) == count);
    }
}

TEST_CASE("Arrivals: a change of rate and split loses and doubles none", "[load]") {
    const Arrival arrival = GENERATE(Arrival::Constant, Arrival::Poisson);
    const Curve before = Curve::constant(100);
    const Point changed{3s, 250};
    const Curve after = before.then(3s, {&changed, 1});
    const auto expected = arrivals_until(8s, after, Striping::everything(), arrival);
    const std::vector<std::int64_t> two = {1, 1};
    const std::vector<std::int64_t> three = {1, 2, 1};
    std::vector<Duration> together;
    for (std::size_t i = 0; i < three.size(); ++i) {
        // The third one joins at the change.
        ArrivalSchedule schedule(before, i < two.size() ? Striping(two, i) : Striping(), arrival,
                                 42);
        while (schedule.next() && *schedule.next() < 3s) {
            together.push_back(*schedule.next());
            schedule.take();
        }
        schedule.adjust(after, Striping(three, i), 3s);
        while (schedule.next() && *schedule.next() < 8s) {
            together.push_back(*schedule.next());
            schedule.take();
        }
    }
    std::sort(together.begin(), together.end());
    CHECK(together == expected);
}

TEST_CASE("Schedule: a run ends with its time, else with its last stage", "[load]") {
    CHECK_FALSE(schedule_of(Profile{}).end);
    CHECK(schedule_of(staged({{10s, 5}, {0s, 3}, {5s, 0}})).end == 15s);
    Profile profile = staged({{10s, 5}});
    profile.run_time = 20s;
    profile.warm_up = 3s;
    const Schedule schedule = schedule_of(profile);
    CHECK(schedule.end == 23s);
    CHECK(schedule.stages.size() == 1);
    CHECK(schedule.stages[0].from == 3s);
    CHECK(schedule.stages[0].to == 13s);
    CHECK(schedule.target_users(1s) == 1);  // the warm-up is not empty
    CHECK(schedule.target_users(13s) == 5);
}

TEST_CASE("Schedule: a rate has its own stages and a cap on users", "[load]") {
    Profile profile = staged({{10s, 200}});
    profile.rate = 100;
    Schedule schedule = schedule_of(profile);
    CHECK(schedule.is_open());
    CHECK(schedule.target_rate(5s) == Approx(150));
    CHECK(schedule.users() == kDefaultOpenUsers);
    CHECK(find_profile_field("spawn-count")->set(profile, "1").empty());
    CHECK(schedule_of(profile).users() == 1);
}

TEST_CASE("Schedule: scenarios run together or one after another", "[load]") {
    Profile profile;
    for (const std::string_view text :
         {"case=a;users=3;run-time=5s", "case=b;rate=10;start=1s;run-time=4s"}) {
        REQUIRE(find_profile_field("scenario")->set(profile, text).empty());
    }
    const Schedule together = schedule_of(profile);
    CHECK(together.end == 5s);
    CHECK(together.target_users(4s) == 3);
    CHECK(together.target_rate(2s) == 10);
    profile.scenario_order = ScenarioOrder::Serial;
    const Schedule serial = schedule_of(profile);
    CHECK(serial.end == 10s);
    CHECK(serial.target_rate(5500ms) == 0);
    CHECK(serial.target_rate(6s) == 10);
    CHECK(serial.target_users(6s) == 0);
}

TEST_CASE("Schedule: users start evenly within the ramp-up", "[load]") {
    Profile profile;
    profile.spawn_count = 100;
    profile.ramp_up = 10s;
    CHECK(effective_spawn_rate(profile) == 10);
    const Schedule schedule = schedule_of(profile);
    CHECK(schedule.target_users(5s) == 50);
    CHECK(schedule.target_users(10s) == 100);
    CHECK(schedule.target_users(1min) == 100);
    CHECK(contradictions(profile).empty());
    profile.spawn_rate = 5;
    CHECK(contradictions(profile).size() == 1);
}

TEST_CASE("Schedule: what contradicts itself is named", "[load]") {
    Profile profile = staged({{10s, 2.5}});
    CHECK(contradictions(profile).size() == 1);
    profile.spawn_rate = 1;
    CHECK(contradictions(profile).size() == 2);
    CHECK(contradictions(Profile{}).empty());
    Profile open;
    open.rate = 5;
    open.loop_count = 3;
    CHECK(contradictions(open).size() == 1);
    Profile adding;
    adding.on_worker_join = OnWorkerJoin::Add;
    CHECK(contradictions(adding).empty());
    adding.loop_count = 3;
    CHECK(contradictions(adding).size() == 1);
}
