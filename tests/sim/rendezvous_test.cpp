// Users of several workers wait for each other, whatever becomes of messages and workers.
#include "user/rendezvous.hpp"

#include "sim/simulation.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace boom;
using namespace std::chrono_literals;
using sim::Simulation;

namespace {

// What users did, in the order of simulated time.
struct Step {
    enum class Kind { Came, Went } kind = Kind::Came;
    base::TimePoint at{};
    int worker = 0;
    std::uint32_t round = 0;
};
using Steps = std::vector<Step>;

// Users that come to the point again and again, a while after they were let go; the board and its
// bookkeeping are the real ones.
class GatheringLoad final : public user::Load {
public:
    GatheringLoad(user::LoadSpec spec, const base::Clock& clock, base::Rng rng, int worker,
                  std::shared_ptr<Steps> steps)
        : spec_(std::move(spec)),
          clock_(clock),
          rng_(rng),
          worker_(worker),
          steps_(std::move(steps)),
          board_(*spec_.plan) {}

    void start(base::TimePoint) override { adjust(spec_.share); }
    void adjust(const user::Share& share) override {
        const auto wanted = static_cast<std::size_t>(share.users[share.index]);
        board_.expect(share.users[share.index]);
        while (users_.size() > wanted) {
            if (users_.back().waits) {
                board_.give_up(0, users_.back().ticket);
            }
            users_.pop_back();
            board_.user_left();
        }
        while (users_.size() < wanted) {
            users_.push_back({pause(), false, 0});
            board_.user_came();
        }
        is_started_ = true;
    }
    void stop(user::StopMode) override { is_stopped_ = true; }
    // Its case has no unique rows.
    bool add_rows(const load::RowRange&) override { return false; }
    std::vector<load::RowRange> give_back_rows(load::Fraction) override { return {}; }
    std::vector<std::int64_t> rows_taken() const override { return {}; }
    int users() const override { return static_cast<int>(users_.size()); }
    bool is_all_spawned() const override { return is_started_; }
    bool is_done() const override { return is_stopped_; }
    user::Gatherings gatherings() const override { return board_.gatherings(); }
    void release(const user::FleetReleases& fleet) override { board_.follow(fleet); }
    std::optional<user::LoadDelta> poll() override {
        for (User& user : users_) {
            if (user.waits && board_.is_released(0, user.ticket)) {
                note(Step::Kind::Went, user.ticket);
                user = {pause(), false, 0};
            } else if (!user.waits && is_started_ && clock_.now() >= user.comes_at) {
                const auto arrival = board_.arrive(0, 0, clock_.now());
                user = {pause(), arrival.waits, arrival.ticket};
                if (arrival.waits) {
                    note(Step::Kind::Came, arrival.ticket);
                }
            }
        }
        return std::nullopt;
    }

private:
    struct User {
        base::TimePoint comes_at{};
        bool waits = false;
        std::uint32_t ticket = 0;
    };
    [[nodiscard]] base::TimePoint pause() {
        return clock_.now() + base::from_seconds(0.02 + 0.3 * rng_.unit());
    }
    void note(Step::Kind kind, std::uint32_t round) {
        steps_->push_back({kind, clock_.now(), worker_, round});
    }

    user::LoadSpec spec_;
    const base::Clock& clock_;
    base::Rng rng_;
    int worker_;
    std::shared_ptr<Steps> steps_;
    user::RendezvousBoard board_;
    std::vector<User> users_;
    bool is_started_ = false, is_stopped_ = false;
};

struct Fleet {
    Fleet(std::uint64_t seed, int workers, const std::string& point) : simulation(seed) {
        simulation.bundle =
            plan::Bundle{{"c.yml"},
                         {{"c.yml",
                           "teststeps: [{request: {url: 'http://h/'}}, {rendezvous: {name: all, "
                           "scope: global, " +
                               point + "}}]"}}};
        simulation.make_load = [this, made = 0](user::LoadSpec spec) mutable {
            ++made;
            return std::make_unique<GatheringLoad>(std::move(spec), simulation.clock,
                                                   base::Rng(static_cast<std::uint64_t>(made)),
                                                   made - 1, steps);
        };
        for (int i = 0; i < workers; ++i) {
            simulation.add_worker();
        }
        simulation.run_for(2s);
    }
    void start(std::int64_t users) {
        load::Profile profile;
        profile.spawn_count = users;
        profile.run_time = 600s;
        REQUIRE(simulation.start(profile).empty());
    }
    [[nodiscard]] std::uint32_t rounds() const {
        std::uint32_t last = 0;
        for (const Step& step : *steps) {
            last = std::max(last, step.kind == Step::Kind::Went ? step.round + 1 : 0);
        }
        return last;
    }
    // In each round that ended: how many had come before the first one went.
    [[nodiscard]] std::vector<std::int64_t> came_before_first_went() const {
        std::vector<std::int64_t> result;
        for (std::uint32_t round = 0; round < rounds(); ++round) {
            const auto first = std::find_if(steps->begin(), steps->end(), [&](const Step& step) {
                return step.kind == Step::Kind::Went && step.round == round;
            });
            result.push_back(std::count_if(steps->begin(), first, [&](const Step& step) {
                return step.kind == Step::Kind::Came && step.round == round;
            }));
        }
        return result;
    }

    Simulation simulation;
    std::shared_ptr<Steps> steps = std::make_shared<Steps>();
};

}  // namespace

TEST_CASE("Rendezvous: nobody of the fleet goes before all have come, on any network", "[sim]") {
    const double loss = GENERATE(0.0, 0.1);
    Fleet fleet(7, 3, "timeout: 60000");
    fleet.simulation.network.faults = {loss, loss, 20ms, 100ms};
    fleet.start(7);
    fleet.simulation.run_for(60s);
    const std::vector<std::int64_t> counts = fleet.came_before_first_went();
    REQUIRE(counts.size() > 20);
    CAPTURE(loss, counts, fleet.simulation.master().run()->notes);
    CHECK(std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n == 7; }));
}

TEST_CASE("Rendezvous: half of the fleet is enough where the point says so", "[sim]") {
    Fleet fleet(8, 2, "percent: 0.5, timeout: 60000");
    fleet.start(8);
    fleet.simulation.run_for(20s);
    const std::vector<std::int64_t> counts = fleet.came_before_first_went();
    REQUIRE(counts.size() > 20);
    CHECK(std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n >= 4; }));
    CHECK(std::any_of(counts.begin(), counts.end(), [](std::int64_t n) { return n < 8; }));
}

TEST_CASE("Rendezvous: the timeout lets go whom nobody joins", "[sim]") {
    Fleet fleet(9, 2, "number: 6, timeout: 2000");
    fleet.start(6);
    fleet.simulation.run_for(5s);
    const std::uint32_t before = fleet.rounds();
    REQUIRE(before > 3);
    // Its users come no more, and for three seconds nobody knows.
    fleet.simulation.freeze_worker(1, true);
    fleet.simulation.run_for(2900ms);
    const std::vector<std::int64_t> counts = fleet.came_before_first_went();
    REQUIRE(fleet.rounds() > before);
    // Three, and who of the other's had come before it froze.
    CHECK(counts.back() >= 3);
    CHECK(counts.back() < 6);
}

TEST_CASE("Rendezvous: a lost worker's users are waited for no more, a newcomer's are", "[sim]") {
    Fleet fleet(10, 2, "timeout: 600000");
    fleet.start(6);
    fleet.simulation.run_for(5s);
    fleet.simulation.kill_worker(1);
    fleet.simulation.run_for(5s);
    // The three that are left took over the others' share.
    const std::uint32_t before = fleet.rounds();
    fleet.simulation.run_for(5s);
    CHECK(fleet.rounds() > before + 5);
    fleet.simulation.add_worker();
    fleet.simulation.run_for(5s);
    fleet.steps->clear();
    fleet.simulation.run_for(10s);
    const std::vector<std::int64_t> counts = fleet.came_before_first_went();
    REQUIRE(counts.size() > 10);
    CHECK(counts.back() == 6);
    CHECK(std::any_of(fleet.steps->begin(), fleet.steps->end(),
                      [](const Step& step) { return step.worker == 2; }));
}

TEST_CASE("Rendezvous: fewer users and another master end no gathering for ever", "[sim]") {
    Fleet fleet(11, 2, "timeout: 600000");
    fleet.start(6);
    fleet.simulation.run_for(5s);
    cluster::Adjustment adjustment;
    adjustment.spawn_count = 3;
    REQUIRE(fleet.simulation.master().rebalance(adjustment).empty());
    fleet.simulation.run_for(3s);
    const std::uint32_t before = fleet.rounds();
    fleet.simulation.kill_master();
    fleet.simulation.run_for(1s);
    fleet.simulation.restart_master();
    fleet.simulation.run_for(5s);
    const std::vector<std::int64_t> counts = fleet.came_before_first_went();
    CHECK(fleet.rounds() > before + 5);
    CHECK(counts.back() == 3);
    // Words of who waits come in behind the last results.
    fleet.simulation.network.faults = {0, 0.5, 200ms, 800ms};
    REQUIRE(fleet.simulation.master().stop(user::StopMode::Graceful).empty());
    CHECK(fleet.simulation.run_until_end(60s));
}
