// Every load model in simulated time, through master, messages, workers and threads: the union of
// what they do is the schedule of one worker with one thread, to the nanosecond.
#include "sim/scheduled_load.hpp"
#include "sim/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace boom;
using namespace std::chrono_literals;
using sim::Due;
using sim::DueLog;
using sim::Simulation;

namespace {

enum class Shape { Users, Stages, Rate, Poisson, RateStages, Ceiling, Rising, Scenarios };

load::Profile profile_of(Shape shape, base::Rng& rng) {
    load::Profile profile;
    profile.run_time = 6s;
    profile.seed = 4711;
    const auto number = [&](std::uint64_t most) {
        return static_cast<std::int64_t>(1 + rng.below(most));
    };
    const auto stages = [&] {
        std::vector<load::Stage> result;
        for (int i = 0; i < 3; ++i) {
            const auto length = std::chrono::milliseconds(rng.below(2) * rng.below(2500));
            result.push_back({length, static_cast<double>(rng.below(40))});
        }
        return result;
    };
    const double rate = static_cast<double>(number(200)) / 3;
    switch (shape) {
        case Shape::Users:
            profile.spawn_count = number(50);
            profile.spawn_rate = static_cast<double>(number(100)) / 7;
            break;
        case Shape::Stages:
            profile.stages = stages();
            break;
        case Shape::Rate:
            profile.rate = rate;
            break;
        case Shape::Poisson:
            profile.rate = rate;
            profile.arrival = load::Arrival::Poisson;
            break;
        case Shape::RateStages:
            profile.rate = rate;
            profile.stages = stages();
            break;
        case Shape::Ceiling:
            profile.spawn_count = number(30);
            profile.max_rps = number(100);
            break;
        case Shape::Rising:
            profile.spawn_count = number(30);
            profile.max_rps = number(100);
            profile.request_increase_rate = load::RateIncrease{11, 700ms};
            break;
        case Shape::Scenarios:
            // The name of the case that a URL is.
            profile.scenarios.resize(3);
            profile.scenarios[0].users = number(10);
            profile.scenarios[1].rate = rate;
            profile.scenarios[1].start = 500ms;
            profile.scenarios[2].rate = rate;
            profile.scenarios[2].arrival = load::Arrival::Poisson;
            profile.scenarios[2].stages = stages();
            for (load::Scenario& scenario : profile.scenarios) {
                scenario.case_name = "url";
            }
            break;
    }
    return profile;
}

struct Fleet {
    std::size_t workers = 1;
    int threads = 1;
};

// What was due in a run of such a fleet, in order.
DueLog run(const load::Profile& profile, Fleet fleet, std::uint64_t seed, sim::Faults faults = {}) {
    Simulation simulation(seed);
    simulation.network.faults = faults;
    const auto log = std::make_shared<DueLog>();
    simulation.make_load = [&, log](user::LoadSpec spec) -> std::unique_ptr<user::Load> {
        return std::make_unique<sim::ScheduledLoad>(std::move(spec), simulation.clock,
                                                    fleet.threads, log);
    };
    for (std::size_t i = 0; i < fleet.workers; ++i) {
        simulation.add_worker();
    }
    simulation.run_for(3s);
    REQUIRE(simulation.start(profile).empty());
    REQUIRE(simulation.run_until_end(60s));
    const auto leaves = std::count_if(log->begin(), log->end(),
                                      [](const Due& due) { return due.kind == Due::Kind::Leave; });
    if (!simulation.master().run()->is_degraded) {
        CHECK(simulation.requests_reported() == static_cast<std::int64_t>(log->size()) - leaves);
    }
    std::sort(log->begin(), log->end());
    return *log;
}

}  // namespace

TEST_CASE("LoadModels: the union over 2, 3 and 7 workers is the schedule of one", "[sim]") {
    const auto shape = GENERATE(Shape::Users, Shape::Stages, Shape::Rate, Shape::Poisson,
                                Shape::RateStages, Shape::Ceiling, Shape::Rising, Shape::Scenarios);
    const std::uint64_t seed = base::random_seed();
    CAPTURE(static_cast<int>(shape), seed);
    base::Rng rng(seed);
    const load::Profile profile = profile_of(shape, rng);
    const DueLog one = run(profile, {1, 1}, 1);
    for (const Fleet fleet : {Fleet{1, 3}, Fleet{2, 1}, Fleet{3, 2}, Fleet{7, 1}}) {
        CAPTURE(fleet.workers, fleet.threads);
        CHECK(run(profile, fleet, 1) == one);
    }
}

TEST_CASE("LoadModels: a constant rate and its stages start the area below them", "[sim]") {
    load::Profile profile;
    profile.rate = 30;
    profile.stages = {{2s, 90}, {0s, 10}, {3s, 10}};
    const DueLog log = run(profile, {3, 2}, 2);
    // 2 s from 30 to 90, then 3 s of 10; the first is due when the run begins.
    CHECK(log.size() == 120 + 30);
    CHECK(log.front().at == 0s);
    CHECK(log.back().at < 5s);
    const auto before = [&](base::Duration time) {
        return std::count_if(log.begin(), log.end(), [&](const Due& due) { return due.at < time; });
    };
    CHECK(before(1s) == 45);
    CHECK(before(2s) == 120);
    CHECK(before(4s) == 140);
}

TEST_CASE("LoadModels: users of stages rise and fall with the target", "[sim]") {
    load::Profile profile;
    profile.stages = {{2s, 10}, {2s, 10}, {2s, 0}};
    const DueLog log = run(profile, {3, 1}, 3);
    std::vector<base::Duration> starts;
    std::vector<base::Duration> leaves;
    for (const Due& due : log) {
        (due.kind == Due::Kind::Start ? starts : leaves).push_back(due.at);
    }
    REQUIRE(starts.size() == 10);
    for (std::size_t n = 0; n < starts.size(); ++n) {
        CHECK(starts[n] == 200ms * n);
    }
    // The last to come goes first; the very last one when the run is over.
    REQUIRE(leaves.size() >= 9);
    CHECK(leaves.front() == 4s + 200ms);
}

TEST_CASE("LoadModels: Poisson arrivals are those of the seed, whatever the fleet", "[sim]") {
    load::Profile profile;
    profile.rate = 400;
    profile.arrival = load::Arrival::Poisson;
    profile.run_time = 10s;
    profile.seed = GENERATE(range<std::uint64_t>(1, 4));
    const DueLog log = run(profile, {7, 1}, 4);
    // Within five standard deviations of the mean.
    CHECK(std::abs(static_cast<double>(log.size()) - 4000) < 5 * std::sqrt(4000));
    load::Profile other = profile;
    other.seed += 10;
    CHECK(run(other, {7, 1}, 4) != log);
}

TEST_CASE("LoadModels: messages that are lost, doubled or late change no due time", "[sim]") {
    load::Profile profile;
    profile.rate = 100;
    profile.run_time = 6s;
    const auto seed = GENERATE(range<std::uint64_t>(100, 106));
    CAPTURE(seed);
    CHECK(run(profile, {3, 1}, seed, {0.1, 0.1, 5ms, 50ms}).size() == 600);
}

TEST_CASE("LoadModels: a change of the rate is where all workers change together", "[sim]") {
    const auto changed = [](Fleet fleet) {
        Simulation simulation(7);
        const auto log = std::make_shared<DueLog>();
        simulation.make_load = [&, log](user::LoadSpec spec) -> std::unique_ptr<user::Load> {
            return std::make_unique<sim::ScheduledLoad>(std::move(spec), simulation.clock,
                                                        fleet.threads, log);
        };
        for (std::size_t i = 0; i < fleet.workers; ++i) {
            simulation.add_worker();
        }
        simulation.run_for(3s);
        load::Profile profile;
        profile.rate = 50;
        profile.run_time = 8s;
        REQUIRE(simulation.start(profile).empty());
        while (simulation.master().elapsed() < 3s) {
            simulation.run_for(10ms);
        }
        cluster::Adjustment faster;
        faster.rate = 200;
        REQUIRE(simulation.master().rebalance(faster).empty());
        while (simulation.master().elapsed() < 5s) {
            simulation.run_for(10ms);
        }
        cluster::Adjustment stages;
        stages.stages = {{1s, 0}};
        REQUIRE(simulation.master().rebalance(stages).empty());
        REQUIRE(simulation.run_until_end(60s));
        CHECK(simulation.requests_reported() == static_cast<std::int64_t>(log->size()));
        CHECK(simulation.master().run()->events.size() >= 3);
        std::sort(log->begin(), log->end());
        return *log;
    };
    const DueLog one = changed({1, 1});
    // 50/s for 3.2 s, 200/s for 2 s, then down to none within 1 s.
    CHECK(std::abs(static_cast<double>(one.size()) - (160 + 400 + 100)) <= 6);
    CHECK(changed({3, 2}) == one);
    CHECK(changed({7, 1}) == one);
}
