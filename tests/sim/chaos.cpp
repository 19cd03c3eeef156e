#include "sim/chaos.hpp"

#include <cstdlib>

namespace boom::sim {

using namespace std::chrono_literals;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

Seeds seeds(std::uint64_t runs) {
    const std::uint64_t first = number_from("BOOM_SIM_SEED", 1);
    return {first, first + number_from("BOOM_SIM_RUNS", runs)};
}

void Chaos::something_happens() {
    switch (rng_.below(12)) {
        case 0:
        case 1:
            if (simulation_.worker_count() < kMaxWorkers) {
                simulation_.add_worker();
            }
            break;
        case 2:
            simulation_.network.cut_from.insert("master");
            simulation_.network.cut_to.insert("master");
            break;
        case 3:
            set_weather();
            break;
        case 4:
            restart_master();
            break;
        case 5:
        case 6:
            heal();
            break;
        default:
            befall(rng_.below(simulation_.worker_count()));
    }
}

void Chaos::befall(std::size_t victim) {
    const std::string name = "w" + std::to_string(victim);
    switch (rng_.below(7)) {
        case 0:
            simulation_.kill_worker(victim);
            break;
        case 1:
            if (simulation_.is_alive(victim)) {
                simulation_.drain_worker(victim);
            }
            break;
        case 2:
            simulation_.freeze_worker(victim, true);
            frozen_.insert(victim);
            break;
        case 3:
            simulation_.network.cut_from.insert(name);
            break;
        case 4:
            simulation_.network.cut_to.insert(name);
            break;
        case 5:
            if (simulation_.master().take_out(name).empty()) {
                taken_out_.insert(name);
            }
            break;
        default:
            (void)simulation_.master().bring_back(name);
            taken_out_.erase(name);
    }
}

// Killed, and started again with the same command and journal.
void Chaos::restart_master() {
    const cluster::Run& run = *simulation_.master().run();
    if (run.end != cluster::RunEnd::None || !run.started) {
        return;
    }
    simulation_.kill_master();
    simulation_.run_for(10ms * static_cast<int>(rng_.below(rng_.below(2) == 0 ? 200 : 1000)));
    simulation_.restart_master();
}

void Chaos::heal() {
    simulation_.network.cut_from.clear();
    simulation_.network.cut_to.clear();
    simulation_.network.faults = {};
    for (const std::size_t worker : frozen_) {
        simulation_.freeze_worker(worker, false);
    }
    for (const std::string& name : taken_out_) {
        (void)simulation_.master().bring_back(name);
    }
    frozen_.clear();
    taken_out_.clear();
}

void Chaos::set_weather() {
    if (rng_.below(3) != 0) {
        simulation_.network.faults = {rng_.unit() * 0.2, rng_.unit() * 0.2, 5ms,
                                      1ms * static_cast<int>(rng_.below(400))};
    }
}

}  // namespace boom::sim
