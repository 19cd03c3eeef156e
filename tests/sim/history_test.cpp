// Random histories of a cluster: workers join, leave, are killed, freeze, lose the network in one
// or both directions, while messages are lost, doubled and overtake each other. Whatever happens,
// the laws at the end hold.
#include "load/split.hpp"
#include "sim/chaos.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using cluster::PartState;
using sim::Simulation;

namespace {

class History {
public:
    explicit History(std::uint64_t seed)
        : rng_(seed), simulation_(seed), chaos_(simulation_, rng_) {
        simulation_.step = 20ms;
        simulation_.has_slow_stops = true;
        profile_.spawn_count = 1 + static_cast<std::int64_t>(rng_.below(40));
        profile_.stop_timeout = 1s * static_cast<int>(rng_.below(4));
        if (rng_.below(6) == 0) {
            profile_.loop_count = 10 + static_cast<std::int64_t>(rng_.below(150));
        } else if (rng_.below(6) != 0) {
            profile_.run_time = 1s * (3 + static_cast<int>(rng_.below(25)));
        }
        if (rng_.below(5) == 0) {
            profile_.on_worker_loss = load::OnWorkerLoss::Continue;
        }
    }

    void play() {
        const auto workers = 1 + rng_.below(4);
        for (std::uint64_t i = 0; i < workers; ++i) {
            simulation_.add_worker();
        }
        simulation_.run_for(2s);
        chaos_.set_weather();
        REQUIRE(simulation_.start(profile_).empty());
        const base::TimePoint begun = simulation_.clock.now();
        while (!is_over() && simulation_.clock.now() - begun < 30s) {
            something_happens();
            if (rng_.below(8) == 0) {
                quiet_spell();
            }
            simulation_.run_for(10ms * static_cast<int>(rng_.below(300)));
        }
        if (!is_over() && !profile_.run_time && !profile_.loop_count) {
            (void)simulation_.master().stop(user::StopMode::Graceful);
        }
        chaos_.heal();
        // A preparation takes at most 30 s; loops up to 16 s, again after every loss.
        const bool has_ended = simulation_.run_until_end(profile_.loop_count ? 120s : 80s);
        REQUIRE(has_ended);
        check_end_in_time();
        simulation_.run_for(8s);
    }

    void check_totals() {
        const cluster::Run& run = *simulation_.master().run();
        CHECK(simulation_.interval_sum == simulation_.requests_reported());
        for (std::size_t i = 0; i < simulation_.worker_count(); ++i) {
            INFO("worker " << i);
            const std::int64_t done = simulation_.requests_done(i);
            const std::int64_t reported = simulation_.requests_reported(i);
            CHECK(reported <= done);
            if (reported != done) {
                CHECK(is_named_lost(i));
            }
        }
        for (const cluster::WorkerTally& tally : run.tallies) {
            CHECK_FALSE(tally.is_live());
            INFO(tally.id << " state " << static_cast<int>(tally.state));
            CHECK((tally.state != PartState::Dropped || tally.sums.requests == 0));
        }
        check_failures(run);
        for (const std::string& note : run.notes) {
            CAPTURE(note);
            CHECK(note.find("report this bug") == std::string::npos);
        }
    }

    // Every failure is somebody's, with those of masters before.
    static void check_failures(const cluster::Run& run) {
        std::vector<std::int64_t> failures(run.tallies.size());
        for (const auto& [key, error] : run.totals.errors) {
            CAPTURE(key.message);
            std::int64_t count = 0;
            for (const stats::PartFailures& of_part : error.parts) {
                REQUIRE(of_part.part <= failures.size());
                failures[of_part.part - 1] += of_part.count;
                count += of_part.count;
            }
            CHECK(count == error.count);
        }
        for (std::size_t i = 0; i < failures.size(); ++i) {
            INFO("part " << i + 1 << " of " << run.tallies[i].id);
            CHECK(failures[i] == run.tallies[i].sums.failures);
        }
    }

    // Nobody generates load any more, and the next run finds everybody.
    void check_aftermath() {
        for (std::size_t i = 0; i < simulation_.worker_count(); ++i) {
            CHECK(simulation_.users(i) == 0);
        }
        if (simulation_.master().available_workers() == 0) {
            simulation_.add_worker();
            simulation_.run_for(3s);
        }
        const std::int64_t before = simulation_.requests_done();
        load::Profile second;
        second.spawn_count = 7;
        second.run_time = 5s;
        REQUIRE(simulation_.start(second).empty());
        simulation_.run_for(3s);
        check_shares(7);
        REQUIRE(simulation_.run_until_end(20s));
        CHECK(simulation_.master().run()->end == cluster::RunEnd::Finished);
        CHECK(simulation_.requests_reported() == simulation_.requests_done() - before);
    }

    void check_shares(std::int64_t total) {
        std::vector<load::Capacity> capacities;
        std::vector<std::int64_t> users;
        for (const auto& peer : simulation_.master().peers()) {
            const auto i = static_cast<std::size_t>(std::stoi(peer->hello.id.substr(1)));
            if (simulation_.is_alive(i)) {
                capacities.emplace_back();
                users.push_back(simulation_.users(i));
            }
        }
        for (const auto& peer : simulation_.master().peers()) {
            UNSCOPED_INFO(peer->hello.id << " " << cluster::name(peer->state) << " part "
                                         << (peer->part ? 1 + static_cast<int>(*peer->part) : 0)
                                         << " reports " << peer->last.part.number);
        }
        for (const auto& tally : simulation_.master().run()->tallies) {
            UNSCOPED_INFO(tally.id << " state " << static_cast<int>(tally.state));
        }
        const auto expected = load::split_by_capacity(total, capacities);
        CHECK(users == expected.value_or(std::vector<std::int64_t>{}));
    }

    int shares_checked = 0;

private:
    [[nodiscard]] bool is_over() {
        return simulation_.master().run()->end != cluster::RunEnd::None;
    }

    // After ten quiet seconds everybody who lives carries its exact share.
    void quiet_spell() {
        chaos_.heal();
        simulation_.run_for(10s);
        const cluster::Run& run = *simulation_.master().run();
        const bool is_ending =
            is_over() || run.stop_asked || profile_.loop_count ||
            profile_.on_worker_loss != load::OnWorkerLoss::Rebalance ||
            (profile_.run_time && simulation_.master().elapsed() + 1s > *profile_.run_time);
        const bool has_anybody = simulation_.master().available_workers() > 0;
        if (run.started && !is_ending && has_anybody) {
            check_shares(simulation_.master().target_users());
            ++shares_checked;
        }
    }

    void something_happens() {
        switch (rng_.below(10)) {
            case 0: {
                cluster::Adjustment adjustment;
                adjustment.spawn_count = 1 + static_cast<std::int64_t>(rng_.below(40));
                (void)simulation_.master().rebalance(adjustment);
                break;
            }
            case 1:
                if (rng_.below(4) == 0) {
                    (void)simulation_.master().stop(rng_.below(2) == 0 ? user::StopMode::Graceful
                                                                       : user::StopMode::Force);
                }
                break;
            default:
                chaos_.something_happens();
        }
    }

    void check_end_in_time() {
        const cluster::Run& run = *simulation_.master().run();
        if (!run.started) {
            return;
        }
        const base::Duration grace = profile_.stop_timeout + 10s + 100ms;
        if (run.resumed && simulation_.ended_at <= *run.resumed + grace) {
            return;  // its master was away when it was due
        }
        if (run.stop_asked) {
            CHECK(simulation_.ended_at <= *run.stop_asked + grace);
        }
        if (profile_.run_time) {
            CHECK(simulation_.ended_at <= *run.started + *profile_.run_time + grace);
        }
    }

    // Its part is lost, by state and by a note with its name.
    [[nodiscard]] bool is_named_lost(std::size_t worker) {
        const cluster::Run& run = *simulation_.master().run();
        const std::string id = "w" + std::to_string(worker);
        bool is_lost = false;
        bool is_noted = false;
        for (const cluster::WorkerTally& tally : run.tallies) {
            is_lost = is_lost || (tally.id == id && tally.is_lost());
        }
        for (const std::string& note : run.notes) {
            is_noted = is_noted || note.find("worker " + id + " ") != std::string::npos;
        }
        return is_lost && is_noted && run.is_degraded;
    }

    base::Rng rng_;
    Simulation simulation_;
    sim::Chaos chaos_;
    load::Profile profile_;
};

}  // namespace

TEST_CASE("Cluster: the laws hold over random histories", "[sim]") {
    const sim::Seeds seeds = sim::seeds(2000);
    int shares_checked = 0;
    for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
        CAPTURE(seed);
        History history(seed);
        history.play();
        history.check_totals();
        history.check_aftermath();
        shares_checked += history.shares_checked;
    }
    // The histories are such that there is something to check.
    CHECK(shares_checked * 20 >= static_cast<int>(seeds.end - seeds.first));
}
