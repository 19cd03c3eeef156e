#pragma once
// What befalls the workers and the master of a simulated cluster, drawn at random.

#include "sim/simulation.hpp"

#include <cstdint>
#include <set>

namespace boom::sim {

// A number of the environment: BOOM_SIM_RUNS histories, BOOM_SIM_SEED of the first one.
[[nodiscard]] std::uint64_t number_from(const char* variable, std::uint64_t otherwise);

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
