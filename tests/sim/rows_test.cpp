// Unique rows while workers come, go, vanish and return (design D10): no row is ever used twice,
// and every row is used, unused with the master, or named as vanished.
#include "sim/chaos.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using cluster::PartState;
using sim::Simulation;

namespace {

std::vector<std::int64_t> numbers(std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> result;
    for (std::int64_t i = begin; i < end; ++i) {
        result.push_back(i);
    }
    return result;
}

load::Profile profile_of(std::int64_t users, base::Duration run_time) {
    load::Profile profile;
    profile.spawn_count = users;
    profile.run_time = run_time;
    return profile;
}

// How often each row was taken, by anybody.
std::vector<int> uses(const Simulation& simulation, std::int64_t rows) {
    std::vector<int> result(static_cast<std::size_t>(rows));
    for (std::size_t worker = 0; worker < simulation.worker_count(); ++worker) {
        for (const std::int64_t row : simulation.rows_taken(worker)) {
            ++result[static_cast<std::size_t>(row)];
        }
    }
    return result;
}

void check_laws(Simulation& simulation, std::int64_t rows) {
    const cluster::Run& run = *simulation.master().run();
    std::vector<int> unused(static_cast<std::size_t>(rows));
    std::vector<int> vanished(static_cast<std::size_t>(rows));
    const auto mark = [](std::vector<int>& where, const load::RowRange& range) {
        for (std::int64_t row = range.begin; row < range.end; ++row) {
            ++where[static_cast<std::size_t>(row)];
        }
    };
    for (const load::RowRange& range : run.rows.pool()) {
        mark(unused, range);
    }
    bool has_named = false;
    for (const std::string& note : run.notes) {
        has_named = has_named || note.find("when it vanished") != std::string::npos;
    }
    for (std::size_t part = 0; part < run.tallies.size(); ++part) {
        const cluster::WorkerTally& tally = run.tallies[part];
        for (const load::RowRange& range : run.rows.open_rows(part)) {
            CHECK((tally.is_lost() || tally.state == PartState::Dropped));
            CHECK(has_named);
            mark(vanished, range);
        }
    }
    const std::vector<int> used = uses(simulation, rows);
    for (std::size_t row = 0; row < used.size(); ++row) {
        if (used[row] > 1 || unused[row] + vanished[row] > 1 || used[row] + unused[row] > 1 ||
            used[row] + unused[row] + vanished[row] == 0) {
            CAPTURE(row, used[row], unused[row], vanished[row]);
            FAIL_CHECK("a row is used twice, or nobody knows where it is");
        }
    }
}

}  // namespace

TEST_CASE("Rows: two workers get 1-50 and 51-100, three workers share two rows", "[sim]") {
    Simulation two(1);
    two.add_worker();
    two.add_worker();
    two.run_for(2s);
    REQUIRE(two.start(profile_of(2, 20s), 100).empty());
    REQUIRE(two.run_until_end(30s));
    CHECK(two.rows_taken(0) == numbers(0, 50));
    CHECK(two.rows_taken(1) == numbers(50, 100));
    Simulation three(1);
    for (int i = 0; i < 3; ++i) {
        three.add_worker();
    }
    three.run_for(2s);
    REQUIRE(three.start(profile_of(3, 20s), 2).empty());
    REQUIRE(three.run_until_end(30s));
    CHECK(three.rows_taken(0) == numbers(0, 1));
    CHECK(three.rows_taken(1) == numbers(1, 2));
    CHECK(three.rows_taken(2).empty());
    CHECK(three.master().run()->end == cluster::RunEnd::Finished);
}

TEST_CASE("Rows: a late joiner gets its part of what is left", "[sim]") {
    Simulation simulation(3);
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile_of(2, 20s), 1000).empty());
    simulation.run_for(5s);
    simulation.add_worker();
    REQUIRE(simulation.run_until_end(40s));
    // 20 rows a second by one worker, then by both.
    CHECK(simulation.rows_taken(1).size() > 100);
    CHECK(simulation.rows_taken(0).front() == 0);
    // It takes from the end of what the first one held.
    const auto held = static_cast<std::int64_t>(simulation.rows_taken(0).size());
    CHECK(simulation.rows_taken(1).front() > held);
    check_laws(simulation, 1000);
}

TEST_CASE("Rows: a draining worker hands back what it did not use", "[sim]") {
    Simulation simulation(4);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile_of(4, 60s), 600).empty());
    simulation.run_for(5s);
    simulation.drain_worker(0);
    REQUIRE(simulation.run_until_end(80s));
    const std::vector<int> used = uses(simulation, 600);
    CHECK(std::count(used.begin(), used.end(), 1) == 600);
    CHECK(simulation.rows_taken(0).size() < 150);
}

TEST_CASE("Rows: those of a killed worker are named and given to nobody", "[sim]") {
    Simulation simulation(5);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile_of(2, 30s), 200).empty());
    simulation.run_for(4s);
    simulation.kill_worker(1);
    simulation.run_for(5s);
    simulation.add_worker();
    REQUIRE(simulation.run_until_end(60s));
    check_laws(simulation, 200);
    for (const std::int64_t row : simulation.rows_taken(2)) {
        CHECK(row < 100);  // the second half was the dead one's
    }
    std::string names;
    for (const std::string& note : simulation.master().run()->notes) {
        names += note.find("unique rows") == std::string::npos ? "" : note;
    }
    CAPTURE(names);
    CHECK(names.find("of case rows were with worker w1") != std::string::npos);
    CHECK(names.find("-200 ") != std::string::npos);
}

TEST_CASE("Rows: a master that is killed leases no row twice and knows where all are", "[sim]") {
    Simulation simulation(6);
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    REQUIRE(simulation.start(profile_of(4, 40s), 1200).empty());
    simulation.run_for(5s);
    const std::string id = simulation.master().run()->id;
    simulation.kill_master();
    simulation.run_for(1s);  // the workers do not notice
    simulation.restart_master();
    simulation.run_for(2s);
    simulation.add_worker();
    simulation.run_for(5s);
    CHECK_FALSE(simulation.rows_taken(2).empty());
    simulation.kill_master();
    simulation.run_for(8s);  // they stop, and hand back what they hold
    simulation.restart_master();
    REQUIRE(simulation.run_until_end(80s));
    CHECK(simulation.master().run()->id == id);
    CHECK(simulation.master().run()->notes.size() >= 2);
    const std::vector<int> used = uses(simulation, 1200);
    CHECK(std::count(used.begin(), used.end(), 2) == 0);
    check_laws(simulation, 1200);
    // Nobody vanished: every row is used or free.
    for (std::size_t part = 0; part < simulation.master().run()->tallies.size(); ++part) {
        CHECK(simulation.master().run()->rows.open_rows(part).empty());
    }
}

TEST_CASE("Rows: who returns after a loss of the master shares them with a newcomer", "[sim]") {
    const base::Duration later = 10ms * GENERATE(range(-1, 40), 200);
    const bool is_slow = GENERATE(false, true);  // still at work on what it had begun
    CAPTURE(later.count(), is_slow);
    Simulation simulation(1);
    simulation.has_slow_stops = is_slow;
    simulation.add_worker();
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile profile = profile_of(6, 60s);
    profile.stop_timeout = 5s;
    REQUIRE(simulation.start(profile, 1800).empty());
    simulation.run_for(5s);
    simulation.kill_master();
    simulation.run_for(is_slow ? 4s : 8s);  // they stop, and keep what they hold
    std::vector<std::size_t> before;
    for (std::size_t worker = 0; worker < 2; ++worker) {
        before.push_back(simulation.rows_taken(worker).size());
    }
    simulation.restart_master();
    if (later < 0ms) {
        simulation.add_worker();
    }
    const auto has_returned = [&simulation](std::size_t worker) {
        return simulation.master().run()->tallies[worker].is_lost();
    };
    for (int i = 0; i < 1000 && !(has_returned(0) && has_returned(1)); ++i) {
        simulation.run_for(10ms);
    }
    REQUIRE((has_returned(0) && has_returned(1)));
    if (later >= 0ms) {
        simulation.run_for(later);
        simulation.add_worker();
    }
    REQUIRE(simulation.run_until_end(80s));
    const std::vector<int> used = uses(simulation, 1800);
    CHECK(std::count(used.begin(), used.end(), 1) == 1800);
    for (std::size_t worker = 0; worker < 2; ++worker) {
        CHECK(simulation.rows_taken(worker).size() > before[worker] + 200);
    }
    CHECK(simulation.rows_taken(2).size() > 200);
}

TEST_CASE("Rows: a newcomer waits for rows that are on their way, and says so", "[sim]") {
    Simulation simulation(2);
    simulation.has_slow_stops = true;
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile profile = profile_of(6, 60s);
    profile.stop_timeout = 5s;
    REQUIRE(simulation.start(profile, 600).empty());
    simulation.run_for(2s);
    simulation.kill_master();
    simulation.run_for(4s);
    simulation.restart_master();
    simulation.add_worker();
    const std::string wanted = "unique rows that others give back are waited for by w1";
    bool has_said = false;
    for (int i = 0; i < 1000 && simulation.rows_taken(1).empty(); ++i) {
        for (const std::string& text : simulation.master().waits()) {
            has_said = has_said || text == wanted;
        }
        simulation.run_for(10ms);
    }
    CHECK(has_said);
    REQUIRE(simulation.run_until_end(80s));
    CHECK(simulation.rows_taken(1).size() > 100);
    check_laws(simulation, 600);
}

TEST_CASE("Rows: no row is used twice or lost, over random histories", "[sim]") {
    const sim::Seeds seeds = sim::seeds(150);
    for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
        CAPTURE(seed);
        base::Rng rng(seed);
        Simulation simulation(seed);
        simulation.step = 20ms;
        simulation.has_slow_stops = true;
        const auto rows = static_cast<std::int64_t>(1 + rng.below(1500));
        const auto workers = 1 + rng.below(4);
        for (std::uint64_t i = 0; i < workers; ++i) {
            simulation.add_worker();
        }
        simulation.run_for(2s);
        sim::Chaos chaos(simulation, rng);
        chaos.set_weather();
        load::Profile profile = profile_of(static_cast<std::int64_t>(1 + rng.below(12)),
                                           1s * static_cast<int>(5 + rng.below(25)));
        profile.stop_timeout = 1s * static_cast<int>(rng.below(4));
        REQUIRE(simulation.start(profile, rows).empty());
        for (int i = 0; i < 40 && simulation.master().run()->end == cluster::RunEnd::None; ++i) {
            chaos.something_happens();
            simulation.run_for(10ms * static_cast<int>(rng.below(150)));
        }
        chaos.heal();
        REQUIRE(simulation.run_until_end(80s));
        simulation.run_for(2s);
        check_laws(simulation, rows);
    }
}
