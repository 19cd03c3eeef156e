// Workers that leave, in good order or in haste, and the time in which nobody is there.
#include "sim/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace boom;
using namespace std::chrono_literals;
using sim::profile;
using sim::Simulation;

namespace {

bool has_note(Simulation& simulation, const std::string& text) {
    return std::ranges::any_of(simulation.master().run()->notes, [&](const std::string& note) {
        return note.find(text) != std::string::npos;
    });
}

bool waits_for(Simulation& simulation, const std::string& text) {
    return std::ranges::any_of(simulation.master().waits(), [&](const std::string& wait) {
        return wait.find(text) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("Leave: a worker that is told twice delivers what it has, cut off", "[sim]") {
    Simulation simulation(130);
    simulation.has_slow_stops = true;
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    simulation.run_for(50ms);
    simulation.worker(0).leave(user::StopMode::Force);
    simulation.run_for(3s);
    CHECK_FALSE(simulation.is_alive(0));
    CHECK(simulation.requests_reported(0) == simulation.requests_done(0));
    REQUIRE(simulation.run_until_end(40s));
    CHECK(simulation.requests_reported() == simulation.requests_done());
    CHECK_FALSE(simulation.master().run()->is_degraded);
}

TEST_CASE("Leave: a worker in haste does not wait for a master that is not there", "[sim]") {
    Simulation simulation(131);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.kill_master();
    simulation.drain_worker(0);
    simulation.worker(0).leave(user::StopMode::Force);
    simulation.run_for(cluster::kForcedLeave + 100ms);
    CHECK_FALSE(simulation.is_alive(0));
}

TEST_CASE("Leave: a third signal is obeyed at once", "[sim]") {
    Simulation simulation(132);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    simulation.worker(0).leave(user::StopMode::Force);
    simulation.worker(0).leave(user::StopMode::Force);
    CHECK(simulation.worker(0).has_left());
}

TEST_CASE("Leave: the time without any worker is named and makes the run degraded", "[sim]") {
    Simulation simulation(133);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 20s)).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    simulation.run_for(3s);
    CHECK(waits_for(simulation, "no worker is left; one may join for"));
    simulation.add_worker();
    simulation.run_for(2s);
    CHECK(simulation.master().waits().empty());
    REQUIRE(simulation.run_until_end(40s));
    CHECK(simulation.master().run()->end == cluster::RunEnd::Finished);
    CHECK(simulation.master().run()->is_degraded);
    CHECK(has_note(simulation, "degraded: no worker was there from 5."));
    CHECK(simulation.requests_reported() == simulation.requests_done());
}

TEST_CASE("Leave: a run that its workers left before its end is degraded", "[sim]") {
    const std::chrono::seconds length =
        GENERATE(12s, 60s);  // due before, and after nobody came for 10 s
    Simulation simulation(136);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, length)).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    simulation.drain_worker(1);
    REQUIRE(simulation.run_until_end(40s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == (length == 12s ? cluster::RunEnd::Finished : cluster::RunEnd::Aborted));
    CHECK(run.is_degraded);
    CHECK(has_note(simulation, length == 12s ? "to 12.0 s" : "to 16."));
    CHECK(simulation.requests_reported() == simulation.requests_done());
}

TEST_CASE("Leave: a stop says which lost workers it waits for", "[sim]") {
    Simulation simulation(134);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(10, 60s)).empty());
    simulation.run_for(5s);
    simulation.freeze_worker(0, true);
    simulation.run_for(5s);
    REQUIRE(simulation.master().stop(user::StopMode::Graceful).empty());
    simulation.run_for(2s);
    CHECK(waits_for(simulation, "lost workers may come back and deliver: "));
    REQUIRE(simulation.run_until_end(20s));
}

TEST_CASE("Leave: a quit in the middle of a run loses nothing, and who stays serves the next one",
          "[sim]") {
    Simulation simulation(135);
    simulation.has_slow_stops = true;
    const std::size_t resident = simulation.add_worker(std::nullopt, cluster::OnQuit::Stay);
    const std::size_t guest = simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(4, 60s)).empty());
    simulation.run_for(5s);
    simulation.master().quit();
    CHECK(simulation.start(profile(4, 60s)) == "the master is quitting");
    CHECK(simulation.master().stop(user::StopMode::Graceful) == "already stopped");
    const bool is_cut = GENERATE(false, true);
    CHECK((!is_cut || simulation.master().stop(user::StopMode::Force).empty()));
    REQUIRE(simulation.run_until_end(is_cut ? 1s : 30s));
    const cluster::Run& run = *simulation.master().run();
    CHECK(run.end == cluster::RunEnd::Stopped);
    CHECK_FALSE(run.is_degraded);
    CHECK(run.notes.empty());
    CHECK(simulation.requests_reported() == simulation.requests_done());
    simulation.run_for(2s);
    CHECK(simulation.worker(guest).has_left());
    CHECK_FALSE(simulation.worker(resident).has_left());
    simulation.kill_master();
    simulation.restart_master();
    simulation.run_for(4s);
    CHECK(simulation.master().available_workers() == 1);
    REQUIRE(simulation.start(profile(2, 3s)).empty());
    CHECK(simulation.run_until_end(30s));
}

TEST_CASE("Cluster: a worker that hears late of its share says so", "[sim]") {
    const bool is_frozen = GENERATE(false, true);
    Simulation simulation(5);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile(12, 10s)).empty());
    simulation.run_for(3s);
    simulation.add_worker();
    const auto has_joined = [&simulation] {
        return simulation.master().run()->events.back().kind == "joined";
    };
    for (int i = 0; i < 1000 && !has_joined(); ++i) {
        simulation.run_for(10ms);
    }
    REQUIRE(has_joined());
    simulation.freeze_worker(0, is_frozen);
    simulation.run_for(500ms);
    simulation.freeze_worker(0, false);
    REQUIRE(simulation.run_until_end(40s));
    CHECK(has_note(simulation, "learned of its share") == is_frozen);
}
