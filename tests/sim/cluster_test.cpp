#include "sim/simulation.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using sim::profile;
using sim::Simulation;

namespace {

std::vector<std::int64_t> peaks(Simulation& simulation) {
    std::vector<std::int64_t> result;
    for (const auto& tally : simulation.master().run()->tallies) {
        result.push_back(tally.users_peak);
    }
    return result;
}

}  // namespace

TEST_CASE("Cluster: ten minutes on three workers are right to the last request", "[sim]") {
    Simulation simulation(1);
    for (int i = 0; i < 3; ++i) {
        simulation.add_worker();
    }
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 600s)).empty());
    REQUIRE(simulation.run_until_end(620s));
    CHECK(simulation.master().run()->end == cluster::RunEnd::Finished);
    CHECK(peaks(simulation) == std::vector<std::int64_t>{4, 3, 3});
    CHECK(simulation.requests_done() == 10 * 10 * 600);
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK(simulation.interval_sum == simulation.requests_done());
    CHECK_FALSE(simulation.master().run()->is_degraded);
}

TEST_CASE("Cluster: shares follow the declared capacities", "[sim]") {
    Simulation simulation(2);
    simulation.add_worker(4000);
    simulation.add_worker(4000);
    simulation.add_worker(2000);
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10000, 5s)).empty());
    REQUIRE(simulation.run_until_end(20s));
    CHECK(peaks(simulation) == std::vector<std::int64_t>{4000, 4000, 2000});
}

TEST_CASE("Cluster: more users than all capacities are refused and nothing starts", "[sim]") {
    Simulation simulation(3);
    simulation.add_worker(50);
    simulation.add_worker(50);
    simulation.run_for(2s);
    const std::string refusal = simulation.start(profile(101, 5s));
    CHECK(refusal.find("101") != std::string::npos);
    CHECK(refusal.find("100") != std::string::npos);
    simulation.run_for(5s);
    CHECK(simulation.requests_done() == 0);
    CHECK(simulation.master().state() == cluster::State::Ready);
}

TEST_CASE("Cluster: lost, doubled and reordered messages change no total", "[sim]") {
    const auto seed = GENERATE(range<std::uint64_t>(10, 30));
    CAPTURE(seed);
    Simulation simulation(seed);
    simulation.network.faults = {0.15, 0.15, 5ms, 300ms};
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(8s);
    REQUIRE(simulation.start(profile(6, 30s)).empty());
    REQUIRE(simulation.run_until_end(80s));
    simulation.network.faults = {};
    CHECK(simulation.requests_done() > 0);
    if (!simulation.master().run()->is_degraded) {
        CHECK(simulation.requests_reported() == simulation.requests_done());
    } else {
        CHECK(simulation.requests_reported() <= simulation.requests_done());
    }
}

TEST_CASE("Cluster: a dead worker's share moves and its acknowledged results stay", "[sim]") {
    Simulation simulation(40);
    simulation.add_worker();
    const std::size_t victim = simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 30s)).empty());
    simulation.run_for(10500ms);
    simulation.kill_worker(victim);
    const std::int64_t delivered = simulation.requests_done(victim);
    simulation.run_for(3500ms);
    CHECK(simulation.master().peers()[1]->state == cluster::State::Missing);
    REQUIRE(simulation.run_until_end(60s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Finished);
    CHECK(run.is_degraded);
    CHECK(run.tallies[0].users_peak == 10);
    CHECK(run.tallies[1].is_lost());
    CHECK(run.tallies[1].sums.requests == delivered);
    CHECK(simulation.requests_reported() == simulation.requests_done());
}

TEST_CASE("Cluster: a newcomer shares the load and ends with the others", "[sim]") {
    Simulation simulation(50);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.add_worker();
    simulation.run_for(3s);
    CHECK(simulation.master().peers()[0]->last.users == 5);
    CHECK(simulation.master().peers()[1]->last.users == 5);
    REQUIRE(simulation.run_until_end(40s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Finished);
    CHECK(base::to_seconds(run.duration) < 22);
    CHECK(simulation.requests_done(1) > 0);
    CHECK(simulation.requests_reported() == simulation.requests_done());
}

TEST_CASE("Cluster: a newcomer brings a load of its own where that is asked for", "[sim]") {
    Simulation simulation(51);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile wanted = profile(10, 40s);
    wanted.on_worker_join = load::OnWorkerJoin::Add;
    wanted.max_rps = 500;
    REQUIRE(simulation.start(wanted).empty());
    simulation.run_for(5s);
    const std::size_t third = simulation.add_worker();
    simulation.run_for(3s);
    for (std::size_t worker = 0; worker < 3; ++worker) {
        CHECK(simulation.users(worker) == 5);
    }
    CHECK(simulation.master().run()->request.profile.max_rps == 750);
    // Who comes back was there before, and so is its load.
    simulation.freeze_worker(third, true);
    simulation.run_for(6s);
    CHECK(simulation.master().target_users() == 15);
    simulation.freeze_worker(third, false);
    simulation.run_for(5s);
    CHECK(simulation.users(third) == 5);
    CHECK(simulation.master().target_users() == 15);
    simulation.add_worker(2);  // it declares that it carries two users at most
    simulation.run_for(3s);
    CHECK(simulation.master().target_users() == 17);
    REQUIRE(simulation.run_until_end(60s));
    CHECK(simulation.requests_reported() == simulation.requests_done());
}

TEST_CASE("Cluster: a newcomer carries its share within two seconds, also with unique rows",
          "[sim]") {
    const std::int64_t rows = GENERATE(0, 100'000);
    Simulation simulation(5);
    simulation.network.faults.delay = 50ms;
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(12, 60s), rows).empty());
    simulation.run_for(5s);
    const std::size_t newcomer = simulation.add_worker();
    simulation.run_for(2s);
    CHECK(simulation.users(newcomer) == 4);
    CHECK(simulation.users(0) == 4);
    CHECK(simulation.users(1) == 4);
}

TEST_CASE("Cluster: a draining worker hands its users over, delivers all and says goodbye",
          "[sim]") {
    Simulation simulation(6);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    simulation.run_for(2s);
    CHECK(simulation.users(0) == 0);
    CHECK(simulation.users(1) == 10);
    REQUIRE(simulation.run_until_end(40s));
    CHECK_FALSE(simulation.is_alive(0));  // it has left by itself
    CHECK(simulation.requests_reported(0) == simulation.requests_done(0));
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK_FALSE(simulation.master().run()->is_degraded);
}

TEST_CASE("Cluster: a frozen worker that returns is not counted twice", "[sim]") {
    Simulation simulation(60);
    simulation.add_worker();
    const std::size_t frozen = simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 40s)).empty());
    simulation.run_for(10s);
    simulation.freeze_worker(frozen, true);
    simulation.run_for(6s);
    simulation.freeze_worker(frozen, false);
    REQUIRE(simulation.run_until_end(80s));
    CHECK(simulation.master().run()->is_degraded);
    CHECK(simulation.requests_reported() <= simulation.requests_done());
    CHECK(simulation.interval_sum == simulation.requests_reported());
}

TEST_CASE("Cluster: a worker that has left waits for nothing any more", "[sim]") {
    Simulation simulation(61);
    simulation.add_worker();
    simulation.run_for(2s);
    simulation.master().quit();
    base::TimePoint next{};
    for (int i = 0; i < 1000 && !simulation.worker(0).has_left(); ++i) {
        simulation.clock.advance(1ms);
        next = simulation.worker(0).step();
    }
    CHECK(simulation.worker(0).has_left());
    CHECK(next == simulation.clock.now());
}

TEST_CASE("Cluster: a stop ends every worker and a second run starts from zero", "[sim]") {
    Simulation simulation(70);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile endless;
    endless.spawn_count = 4;
    REQUIRE(simulation.start(endless).empty());
    simulation.run_for(5s);
    CHECK(simulation.start(endless) == "already started");
    REQUIRE(simulation.master().stop(user::StopMode::Graceful).empty());
    REQUIRE(simulation.run_until_end(20s));
    CHECK(simulation.master().run()->end == cluster::RunEnd::Stopped);
    const std::int64_t first = simulation.requests_done();
    CHECK(simulation.requests_reported() == first);
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(4, 5s)).empty());
    REQUIRE(simulation.run_until_end(20s));
    CHECK(simulation.requests_reported() == simulation.requests_done() - first);
}

TEST_CASE("Cluster: a second run of the same case sends none of it again", "[sim]") {
    Simulation simulation(75);
    simulation.add_worker();
    int parts = 0;
    simulation.network.drops = [&parts](const wire::Message& message) {
        parts += std::holds_alternative<wire::BundlePart>(message) ? 1 : 0;
        return false;
    };
    simulation.run_for(2s);
    for (int run = 0; run < 2; ++run) {
        REQUIRE(simulation.start(profile(4, 5s)).empty());
        REQUIRE(simulation.run_until_end(20s));
        CHECK(parts == 1);
        simulation.run_for(2s);
    }
}

TEST_CASE("Cluster: a run always ends, even when every worker vanishes", "[sim]") {
    Simulation simulation(80);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(4, 10s)).empty());
    simulation.run_for(3s);
    simulation.kill_worker(0);
    REQUIRE(simulation.run_until_end(30s));
    CHECK(simulation.master().run()->end == cluster::RunEnd::Aborted);
    CHECK(simulation.master().run()->is_worker_lost_abort);
}

TEST_CASE("Cluster: a master that is killed and started again takes the run up", "[sim]") {
    const auto away = GENERATE(100ms, 1s, 1900ms, 5s, 15s, 40s);
    CAPTURE(base::to_seconds(away));
    Simulation simulation(100);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 30s)).empty());
    simulation.run_for(10700ms);
    const std::int64_t before = simulation.requests_reported();
    CHECK(before > 0);
    simulation.kill_master();
    simulation.run_for(away);
    simulation.restart_master();
    CHECK(simulation.requests_reported() >= before - 100);  // all but what was not acknowledged
    simulation.run_for(6s);
    if (away < 10s) {
        CHECK(simulation.users(0) == 5);
        CHECK(simulation.users(1) == 5);
    }
    REQUIRE(simulation.run_until_end(60s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Finished);
    CHECK(run.is_degraded);
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK(simulation.interval_sum == simulation.requests_done());
    const auto gaps = std::count_if(run.events.begin(), run.events.end(),
                                    [](const auto& event) { return event.kind == "gap"; });
    CHECK(gaps == 2);  // it was away; everybody has the share again
    if (away < 2s) {
        CHECK(run.tallies.size() == 2);  // nobody noticed: the load went on
        CHECK(simulation.requests_done() == 10 * 10 * 30);
    }
    CHECK(simulation.records->is_discarded);
    // Of seconds before and after.
    const auto rows = run.timeline.rows();
    CHECK(rows.at(5).users == 10);
    CHECK(rows.at(5).requests == 100);
}

TEST_CASE("Cluster: a run goes on when its journal cannot be written, and says so", "[sim]") {
    Simulation simulation(110);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(4, 10s)).empty());
    simulation.run_for(4s);
    simulation.records->is_full = true;
    REQUIRE(simulation.run_until_end(30s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Finished);
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK(simulation.records->is_discarded);
    const auto notes = std::count_if(run.notes.begin(), run.notes.end(), [](const auto& note) {
        return note.find("the disk is full") != std::string::npos;
    });
    CHECK(notes == 1);
}

TEST_CASE("Cluster: acknowledged results that the journal lost are named, and only they", "[sim]") {
    Simulation simulation(120);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(4, 20s)).empty());
    simulation.run_for(8100ms);
    simulation.kill_master();
    // A power failure: the last two seconds never came to the disk.
    simulation.records->texts.resize(simulation.records->texts.size() - 4);
    simulation.restart_master();
    REQUIRE(simulation.run_until_end(50s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Finished);
    const std::int64_t missing = simulation.requests_done() - simulation.requests_reported();
    CHECK(missing > 0);
    CHECK(missing <= 4 * 40);
    const auto has_note = [&](const std::string& text) {
        return std::any_of(run.notes.begin(), run.notes.end(),
                           [&](const auto& note) { return note.find(text) != std::string::npos; });
    };
    CHECK(has_note("were lost with the end of the journal"));
    CHECK_FALSE(has_note("report this bug"));
}

TEST_CASE("Cluster: more results than are kept unacknowledged are merged, and none is lost",
          "[sim]") {
    Simulation simulation(31);
    simulation.step = 50ms;
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile profile;
    profile.spawn_count = 3;
    profile.run_time = 200s;
    REQUIRE(simulation.start(profile).empty());
    simulation.run_for(5s);
    // The two hear each other, but no result comes through.
    simulation.network.drops = [](const wire::Message& message) {
        return std::holds_alternative<wire::Interval>(message) ||
               std::holds_alternative<wire::Ack>(message);
    };
    simulation.run_for(180s);
    simulation.network.drops = nullptr;
    REQUIRE(simulation.run_until_end(100s));
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK(simulation.requests_done() > 3 * 10 * 190);
    // About 60 seconds of results came in one message.
    CHECK(simulation.master().run()->tallies[0].last_sequence < 150);
    CHECK_FALSE(simulation.master().run()->is_degraded);
}

TEST_CASE("Cluster: a worker that is taken out hands its share over, and back in gets one",
          "[sim]") {
    Simulation simulation(90);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 40s)).empty());
    simulation.run_for(5s);
    REQUIRE(simulation.master().take_out("w0").empty());
    CHECK_FALSE(simulation.master().take_out("w0").empty());
    CHECK(simulation.master().take_out("w1").find("last one") != std::string::npos);
    CHECK(simulation.master().take_out("w7").find("no such worker") == 0);
    simulation.run_for(4s);
    CHECK(simulation.users(0) == 0);
    CHECK(simulation.users(1) == 10);
    CHECK_FALSE(simulation.master().run()->is_degraded);
    REQUIRE(simulation.master().bring_back("w0").empty());
    simulation.run_for(4s);
    CHECK(simulation.users(0) == 5);
    CHECK(simulation.users(1) == 5);
    REQUIRE(simulation.run_until_end(60s));
    CHECK(simulation.master().run()->end == cluster::RunEnd::Finished);
    CHECK(simulation.requests_reported() == simulation.requests_done());
}
