#include "cluster/state.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace boom::cluster;

namespace {

// Rows: states ready … missing; columns: events Start AllSpawned Adjusted Stop Done Quit Stay Lost
// Returned. A digit is the state that follows, a dot means that nothing happens.
const std::string kMaster[kStateCount] = {
    "2....6...",  // ready
    ".32456...",  // spawning
    "..2456...",  // running
    "....56...",  // stopping
    "2....6...",  // stopped
    ".........",  // quitting
    ".........",  // missing: a state of workers only
};
const std::string kWorker[kStateCount] = {
    "2....6.7.",  // ready
    ".32456.7.",  // spawning
    "..2456.7.",  // running
    "....56.7.",  // stopping
    "2....6.7.",  // stopped
    "......1..",  // quitting
    ".....6..1",  // missing
};

void check_table(std::span<const Transition> table, const std::string (&expected)[kStateCount]) {
    for (int state = 1; state <= kStateCount; ++state) {
        for (int event = 0; event < kStateEventCount; ++event) {
            INFO("state " << state << ", event " << event);
            const auto to = next(table, static_cast<State>(state), static_cast<StateEvent>(event));
            const char wanted = expected[state - 1][static_cast<std::string::size_type>(event)];
            const char got = to ? static_cast<char>('0' + static_cast<int>(*to)) : '.';
            CHECK(got == wanted);
        }
    }
}

}  // namespace

TEST_CASE("State: the master's table holds for every state and event", "[cluster]") {
    check_table(master_table(), kMaster);
}

TEST_CASE("State: the worker's table holds for every state and event", "[cluster]") {
    check_table(worker_table(), kWorker);
}

TEST_CASE("State: no table has two rows for one state and event", "[cluster]") {
    for (const auto table : {master_table(), worker_table()}) {
        for (const Transition& a : table) {
            int rows = 0;
            for (const Transition& b : table) {
                rows += a.from == b.from && a.event == b.event ? 1 : 0;
            }
            CHECK(rows == 1);
        }
    }
}

TEST_CASE("State: names are those of the documentation", "[cluster]") {
    CHECK(name(State::Ready) == "ready");
    CHECK(name(State::Spawning) == "spawning");
    CHECK(name(State::Running) == "running");
    CHECK(name(State::Stopping) == "stopping");
    CHECK(name(State::Stopped) == "stopped");
    CHECK(name(State::Quitting) == "quitting");
    CHECK(name(State::Missing) == "missing");
}
