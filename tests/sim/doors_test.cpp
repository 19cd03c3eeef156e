// Hostile and broken workers against a master with a run: refused, counted, told once, and without
// any effect on the run.
#include "sim/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace boom;
using namespace std::chrono_literals;
using sim::Simulation;

namespace {

struct Doors {
    explicit Doors(std::uint64_t seed) : simulation(seed) {
        simulation.add_worker();
        simulation.run_for(2s);
        load::Profile profile;
        profile.spawn_count = 4;
        profile.run_time = 20s;
        REQUIRE(simulation.start(profile).empty());
        simulation.run_for(3s);
        simulation.network.drops = [this](const wire::Message& message) {
            const auto* reject = std::get_if<wire::Reject>(&message);
            answer = reject != nullptr ? reject->reason : answer;
            return false;
        };
    }
    void send(const std::string& from, const wire::Message& message) {
        answer.clear();
        simulation.network.send(from, "master", wire::encode(message));
        simulation.run_for(50ms);
    }
    [[nodiscard]] std::size_t workers() { return simulation.master().peers().size(); }
    // The run goes on as if nothing had been there.
    void check_unharmed() {
        REQUIRE(simulation.run_until_end(40s));
        CHECK(simulation.requests_reported() == simulation.requests_done());
        CHECK(simulation.requests_done() > 4 * 10 * 18);
        CHECK(simulation.master().run()->tallies.size() == 1);
        CHECK_FALSE(simulation.master().run()->is_degraded);
    }

    Simulation simulation;
    std::string answer;
};

wire::Hello hello(const std::string& id) {
    wire::Hello result;
    result.id = id;
    return result;
}

}  // namespace

TEST_CASE("Doors: a worker that cannot be served is refused by name and counted", "[sim]") {
    Doors doors(1);
    const std::string long_text(129, 'x');
    wire::Hello other_version = hello("old");
    other_version.protocol = wire::kProtocolVersion + 1;
    other_version.version = "0.0.1";
    wire::Hello long_name = hello("a");
    long_name.name = long_text;
    wire::Hello long_room = hello("b");
    long_room.room = long_text;
    const std::vector<std::pair<wire::Hello, std::string>> table = {
        {other_version, "install the same version on both"},
        {hello(""), "128 bytes"},
        {hello(long_text), "128 bytes"},
        {long_name, "128 bytes"},
        {long_room, "128 bytes"}};
    std::int64_t refused = 0;
    for (const auto& [message, words] : table) {
        CAPTURE(words);
        doors.send("stranger", message);
        CHECK(doors.answer.find(words) != std::string::npos);
        CHECK(doors.simulation.master().refusals().total() == ++refused);
    }
    doors.send("stranger", other_version);
    CHECK(doors.simulation.master().refusals().total() == refused + 1);
    CHECK(doors.workers() == 1);
    doors.check_unharmed();
}

TEST_CASE("Doors: more workers than the table holds are refused", "[sim]") {
    Doors doors(2);
    // A run that is on would give each of them a part, which is not what is looked at here.
    REQUIRE(doors.simulation.run_until_end(40s));
    constexpr std::size_t kMost = 10'000;
    for (std::size_t i = 1; i < kMost + 1; ++i) {
        doors.simulation.network.send("crowd", "master",
                                      wire::encode(hello("crowd" + std::to_string(i))));
        if (i % 500 == 0 || i == kMost) {
            doors.simulation.run_for(20ms);
            doors.simulation.network.forget_messages_to("crowd");
        }
    }
    CHECK(doors.workers() == kMost);
    CHECK(doors.answer.find("has 10000 workers already") != std::string::npos);
}

TEST_CASE("Doors: messages of others, old ones and rubbish change nothing", "[sim]") {
    Doors doors(3);
    const wire::PartId part = doors.simulation.master().run()->tallies[0].prepare.part;
    wire::Interval interval;
    interval.part = part;
    interval.sequence = doors.simulation.master().run()->tallies[0].last_sequence + 1;
    stats::StepStats& step = interval.delta.at(stats::kMainPhase, stats::StepId{0}, 1);
    step.requests = 1'000'000;
    step.response_time.record(5, 1'000'000);
    // By somebody who never said hello, and by a worker whose part it is not.
    doors.send("stranger", interval);
    doors.send("second", hello("second"));
    doors.send("second", interval);
    wire::Final last;
    last.part = part;
    last.last_sequence = 1'000;
    doors.send("second", last);
    doors.send("second", wire::RowsReturn{part, 1, {{0, 0, 5}}});
    // What its own worker sent long ago, again.
    interval.sequence = 1;
    doors.send("w0", interval);
    // A goodbye of another run's part, and bytes that are no message.
    doors.send("second", wire::Bye{"gone"});
    doors.simulation.network.drops = nullptr;
    for (const std::size_t size : {1U, 100U, 100'000U}) {
        doors.simulation.network.send("stranger", "master", std::string(size, '\xff'));
    }
    doors.simulation.run_for(50ms);
    CHECK(doors.simulation.master().refusals().total() == 3);
    REQUIRE(doors.simulation.run_until_end(40s));
    CHECK(doors.simulation.requests_reported() == doors.simulation.requests_done());
    CHECK(doors.simulation.interval_sum == doors.simulation.requests_done());
}

TEST_CASE("Doors: a worker that has said that it compiles may be silent, another may not",
          "[sim]") {
    const bool says_so = GENERATE(false, true);
    CAPTURE(says_so);
    Simulation simulation(5);
    simulation.add_worker();
    simulation.run_for(2s);
    simulation.network.send("quiet", "master", wire::encode(hello("quiet")));
    simulation.run_for(200ms);
    load::Profile profile;
    profile.spawn_count = 4;
    profile.run_time = 20s;
    REQUIRE(simulation.start(profile).empty());
    const auto quiet = [&simulation]() -> const cluster::WorkerTally& {
        const auto& tallies = simulation.master().run()->tallies;
        const auto found = std::find_if(tallies.begin(), tallies.end(),
                                        [](const auto& tally) { return tally.id == "quiet"; });
        REQUIRE(found != tallies.end());
        return *found;
    };
    wire::Heartbeat beat;
    beat.number = 1;
    beat.part = quiet().prepare.part;
    beat.is_compiling = says_so;
    simulation.network.send("quiet", "master", wire::encode(beat));
    simulation.run_for(10s);
    CHECK((quiet().state == cluster::PartState::Preparing) == says_so);
    simulation.run_for(30s);
    CHECK(quiet().state == cluster::PartState::Dropped);
}
