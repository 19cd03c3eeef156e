// Variables of the whole fleet, whatever becomes of messages, workers and the master: what was set
// is not lost, everybody ends with the same values, and nobody sees a value go back.
#include "sim/chaos.hpp"
#include "user/shared_variables.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using sim::Simulation;

namespace {

constexpr std::size_t kThreads = 2;

// What the users of one worker's part have seen and done.
struct Seen {
    std::uint32_t part = 0;
    bool is_over = false;
    std::vector<std::unique_ptr<user::SharedVariables>> threads;
    std::map<std::string, std::int64_t> own;  // last value of names that only this part sets
    [[nodiscard]] std::int64_t value(std::size_t thread, const std::string& name) const {
        const expr::Value* found = threads[thread]->find(name);
        return found != nullptr ? std::stoll(found->text()) : 0;
    }
};

struct World {
    std::vector<std::shared_ptr<Seen>> parts;
    bool is_quiet = false;  // nobody sets anything any more
    bool has_gone_back = false;
};

// Users that set "all", and one name of their part's own, now and then; values only rise.
class SettingLoad final : public user::Load {
public:
    SettingLoad(user::LoadSpec spec, const base::Clock& clock, base::Rng rng, World& world)
        : clock_(clock), rng_(rng), world_(world), seen_(std::make_shared<Seen>()) {
        seen_->part = spec.part;
        for (std::uint32_t t = 0; t < kThreads; ++t) {
            seen_->threads.push_back(
                std::make_unique<user::SharedVariables>(spec.part, t, nullptr));
        }
        world_.parts.push_back(seen_);
    }
    ~SettingLoad() override { seen_->is_over = true; }

    void start(base::TimePoint) override { is_started_ = true; }
    void adjust(const user::Share&) override {}
    void stop(user::StopMode) override { is_stopped_ = true; }
    bool add_rows(const load::RowRange&) override { return false; }
    std::vector<load::RowRange> give_back_rows(load::Fraction) override { return {}; }
    std::vector<std::int64_t> rows_taken() const override { return {}; }
    int users() const override { return is_started_ && !is_stopped_ ? 1 : 0; }
    bool is_all_spawned() const override { return is_started_; }
    bool is_done() const override { return is_stopped_; }
    std::optional<user::LoadDelta> poll() override {
        if (users() > 0 && !world_.is_quiet && rng_.below(10) == 0) {
            const auto thread = static_cast<std::uint32_t>(rng_.below(kThreads));
            const std::string own = "own" + std::to_string(seen_->part);
            seen_->own[own] += thread == 0 ? 1 : 0;
            thread == 0 ? set(thread, own, seen_->own[own]) : set(thread, "all", now());
        }
        return std::nullopt;
    }
    std::optional<user::SharedVariable> poll_shared() override {
        for (const auto& thread : seen_->threads) {
            if (auto variable = thread->take()) {
                return variable;
            }
        }
        return std::nullopt;
    }
    void give_shared(const user::SharedVariable& variable) override {
        for (std::size_t t = 0; t < kThreads; ++t) {
            const std::int64_t before = seen_->value(t, variable.name);
            REQUIRE(seen_->threads[t]->give(variable));
            seen_->threads[t]->apply_given();
            const bool rises = variable.name.starts_with("own");
            world_.has_gone_back =
                world_.has_gone_back || (rises && seen_->value(t, variable.name) < before);
        }
    }

private:
    [[nodiscard]] std::int64_t now() const { return clock_.now().time_since_epoch().count(); }
    void set(std::uint32_t thread, const std::string& name, std::int64_t value) {
        expr::CallContext context;
        seen_->threads[thread]->begin(counters_, nullptr);
        REQUIRE(seen_->threads[thread]->set(context, expr::SharedCalls::Reach::Fleet, name,
                                            expr::Value(value)));
    }

    const base::Clock& clock_;
    base::Rng rng_;
    World& world_;
    std::shared_ptr<Seen> seen_;
    std::unique_ptr<user::UserCounters> counters_;
    bool is_started_ = false, is_stopped_ = false;
};

struct Fleet {
    Fleet(std::uint64_t seed, int workers) : simulation(seed) {
        simulation.make_load = [this, seed](user::LoadSpec spec) -> std::unique_ptr<user::Load> {
            base::Rng rng(seed * 1000 + spec.part);
            return std::make_unique<SettingLoad>(std::move(spec), simulation.clock, rng, world);
        };
        for (int i = 0; i < workers; ++i) {
            simulation.add_worker();
        }
        simulation.run_for(2s);
        load::Profile profile;
        profile.spawn_count = 4;
        profile.stop_timeout = 1s;
        REQUIRE(simulation.start(profile).empty());
        simulation.run_for(2s);
    }
    ~Fleet() { simulation.make_load = nullptr; }

    // All that live have the master's values; returns how many they are.
    int check_agreement() {
        int living = 0;
        const cluster::Run& run = *simulation.master().run();
        for (const auto& part : world.parts) {
            const bool is_on = !part->is_over && part->part <= run.tallies.size() &&
                               run.tallies[part->part - 1].state == cluster::PartState::Started;
            living += is_on ? 1 : 0;
            for (std::size_t t = 0; is_on && t < kThreads; ++t) {
                for (const auto& [name, shared] : run.shared) {
                    CAPTURE(part->part, t, name);
                    CHECK(part->value(t, name) == std::stoll(shared.json));
                }
            }
            for (const auto& [name, value] : part->own) {
                CAPTURE(name, is_on);
                const auto found = run.shared.find(name);
                const std::int64_t known =
                    found != run.shared.end() ? std::stoll(found->second.json) : 0;
                CHECK((is_on ? known == value : known <= value));
            }
        }
        CHECK_FALSE(world.has_gone_back);
        return living;
    }

    World world;
    Simulation simulation;
};

}  // namespace

TEST_CASE("Shared: what is in flight when the master dies is set all the same", "[sim]") {
    Fleet fleet(1, 3);
    const bool is_lost = GENERATE(true, false);  // else the master has it, and has told everybody
    fleet.simulation.network.drops = [&is_lost](const wire::Message& message) {
        return is_lost && std::holds_alternative<wire::Shared>(message);
    };
    fleet.simulation.run_for(1s);
    fleet.world.is_quiet = true;  // they have set it, once, and will not again
    fleet.simulation.run_for(20ms);
    fleet.simulation.kill_master();
    fleet.simulation.run_for(500ms);
    fleet.simulation.network.drops = nullptr;
    fleet.simulation.restart_master();
    fleet.simulation.run_for(6s);
    CHECK(fleet.check_agreement() == 3);
    CHECK(fleet.simulation.master().run()->shared.size() == 4);
    REQUIRE(fleet.simulation.master().stop(user::StopMode::Graceful).empty());
    REQUIRE(fleet.simulation.run_until_end(20s));
}

TEST_CASE("Shared: a worker that is drained leaves behind what it set last", "[sim]") {
    Fleet fleet(2, 2);
    fleet.simulation.network.cut_from.insert("w0");
    fleet.simulation.run_for(1s);
    fleet.simulation.drain_worker(0);
    fleet.world.is_quiet = true;
    fleet.simulation.network.cut_from.clear();
    fleet.simulation.run_for(8s);
    CHECK(fleet.check_agreement() == 1);
    CHECK_FALSE(fleet.simulation.is_alive(0));
    const Seen& left = *fleet.world.parts[0];
    const std::string name = "own" + std::to_string(left.part);
    CHECK(std::stoll(fleet.simulation.master().run()->shared.at(name).json) == left.own.at(name));
}

TEST_CASE("Shared: a variable outlives its master, and no part has its number twice", "[sim]") {
    Simulation simulation(32);
    simulation.add_worker();
    simulation.run_for(2s);
    load::Profile profile;
    profile.spawn_count = 2;
    profile.run_time = 30s;
    REQUIRE(simulation.start(profile).empty());
    simulation.run_for(2s);
    wire::Shared set;
    set.part = {simulation.master().run()->id, 1};
    set.name = "x";
    set.json = "42";
    set.number = 1;
    set.sequence = 1;
    set.oldest = 1;
    simulation.network.send("w0", "master", wire::encode(set));
    simulation.run_for(20ms);  // the master has told it, so the journal has it
    simulation.kill_master();
    simulation.run_for(500ms);
    simulation.restart_master();
    REQUIRE(simulation.master().run()->shared.count("x") == 1);
    CHECK(simulation.master().run()->shared.at("x").json == "42");
    int told = 0;
    simulation.network.drops = [&told](const wire::Message& message) {
        const auto* shared = std::get_if<wire::Shared>(&message);
        told += shared != nullptr && shared->part.number == 2 && shared->json == "42" ? 1 : 0;
        return false;
    };
    simulation.add_worker();
    simulation.run_for(3s);
    CHECK(told == 1);
    // Ranges of counters follow from it.
    CHECK(simulation.master().run()->tallies.back().prepare.part.number == 2);
}

TEST_CASE("Shared: all agree after random histories", "[sim]") {
    const sim::Seeds seeds = sim::seeds(150);
    int checked = 0;
    for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
        CAPTURE(seed);
        base::Rng rng(seed);
        Fleet fleet(seed, 1 + static_cast<int>(rng.below(4)));
        fleet.simulation.step = 20ms;
        sim::Chaos chaos(fleet.simulation, rng);
        for (int i = 0; i < 15; ++i) {
            chaos.something_happens();
            fleet.simulation.run_for(10ms * static_cast<int>(rng.below(200)));
        }
        fleet.world.is_quiet = true;
        chaos.heal();
        fleet.simulation.run_for(10s);
        if (fleet.simulation.master().run()->end == cluster::RunEnd::None) {
            checked += fleet.check_agreement() > 0 ? 1 : 0;
        }
    }
    CHECK(checked * 4 >= static_cast<int>(seeds.end - seeds.first));
}
