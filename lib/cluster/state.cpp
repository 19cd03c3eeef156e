#include "cluster/state.hpp"

#include <array>

namespace boom::cluster {
namespace {

using S = State;
using E = StateEvent;

constexpr std::array kMasterTable = {
    Transition{S::Ready, E::Start, S::Spawning},
    Transition{S::Stopped, E::Start, S::Spawning},
    Transition{S::Spawning, E::AllSpawned, S::Running},
    Transition{S::Running, E::Adjusted, S::Spawning},
    Transition{S::Spawning, E::Adjusted, S::Spawning},
    Transition{S::Spawning, E::Stop, S::Stopping},
    Transition{S::Running, E::Stop, S::Stopping},
    // Loops and run time end a run without a stop.
    Transition{S::Spawning, E::Done, S::Stopped},
    Transition{S::Running, E::Done, S::Stopped},
    Transition{S::Stopping, E::Done, S::Stopped},
    Transition{S::Ready, E::Quit, S::Quitting},
    Transition{S::Spawning, E::Quit, S::Quitting},
    Transition{S::Running, E::Quit, S::Quitting},
    Transition{S::Stopping, E::Quit, S::Quitting},
    Transition{S::Stopped, E::Quit, S::Quitting},
};

constexpr std::array kWorkerTable = {
    Transition{S::Ready, E::Start, S::Spawning},
    Transition{S::Stopped, E::Start, S::Spawning},
    Transition{S::Spawning, E::AllSpawned, S::Running},
    Transition{S::Running, E::Adjusted, S::Spawning},
    Transition{S::Spawning, E::Adjusted, S::Spawning},
    Transition{S::Spawning, E::Stop, S::Stopping},
    Transition{S::Running, E::Stop, S::Stopping},
    Transition{S::Spawning, E::Done, S::Stopped},
    Transition{S::Running, E::Done, S::Stopped},
    Transition{S::Stopping, E::Done, S::Stopped},
    Transition{S::Ready, E::Quit, S::Quitting},
    Transition{S::Spawning, E::Quit, S::Quitting},
    Transition{S::Running, E::Quit, S::Quitting},
    Transition{S::Stopping, E::Quit, S::Quitting},
    Transition{S::Stopped, E::Quit, S::Quitting},
    Transition{S::Missing, E::Quit, S::Quitting},
    Transition{S::Quitting, E::Stay, S::Ready},
    Transition{S::Ready, E::Lost, S::Missing},
    Transition{S::Spawning, E::Lost, S::Missing},
    Transition{S::Running, E::Lost, S::Missing},
    Transition{S::Stopping, E::Lost, S::Missing},
    Transition{S::Stopped, E::Lost, S::Missing},
    Transition{S::Missing, E::Returned, S::Ready},
};

}  // namespace

std::string_view name(State state) {
    switch (state) {
        case State::Ready:
            return "ready";
        case State::Spawning:
            return "spawning";
        case State::Running:
            return "running";
        case State::Stopping:
            return "stopping";
        case State::Stopped:
            return "stopped";
        case State::Quitting:
            return "quitting";
        case State::Missing:
            return "missing";
    }
    return "";
}

std::span<const Transition> master_table() {
    return kMasterTable;
}
std::span<const Transition> worker_table() {
    return kWorkerTable;
}

std::optional<State> next(std::span<const Transition> table, State from, StateEvent event) {
    for (const Transition& row : table) {
        if (row.from == from && row.event == event) {
            return row.to;
        }
    }
    return std::nullopt;
}

bool move(std::span<const Transition> table, State& state, StateEvent event) {
    const auto to = next(table, state, event);
    if (to) {
        state = *to;
    }
    return to.has_value();
}

}  // namespace boom::cluster
