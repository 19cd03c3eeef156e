#pragma once
// What befalls the workers and the master of a simulated cluster, drawn at random.

#include "sim/simulation.hpp"

#include <cstdint>
#include <set>

namespace boom::sim {

// The seeds of random histories: BOOM_SIM_RUNS of the environment sets how many, BOOM_SIM_SEED the
// first one. Without it they are the same every time, so that a change is judged by what it
// changes; scripts/check histories looks at tens of thousands of new ones.
struct Seeds {
    std::uint64_t first;
    std::uint64_t end;
};
[[nodiscard]] Seeds seeds(std::uint64_t runs);

class Chaos {
public:
    Chaos(Simulation& simulation, base::Rng& rng) : simulation_(simulation), rng_(rng) {}

    // Somebody joins, leaves, is killed, frozen, cut off in one direction or both, taken out, or
    // the master is killed and started again; or the weather changes, or all of it is over.
    void something_happens();
    // The sun comes out; what is dead stays dead.
    void heal();
    // Messages are lost, doubled, late; or not.
    void set_weather();

private:
    void befall(std::size_t victim);
    void restart_master();

    static constexpr std::size_t kMaxWorkers = 10;
    Simulation& simulation_;
    base::Rng& rng_;
    std::set<std::size_t> frozen_;
    std::set<std::string> taken_out_;
};

}  // namespace boom::sim
