#pragma once
// The states of master and workers as tables: what is not in them does not happen.

#include <optional>
#include <span>
#include <string_view>

namespace boom::cluster {

// Numbers as the reference counts them.
enum class State : int {
    Ready = 1,
    Spawning = 2,
    Running = 3,
    Stopping = 4,
    Stopped = 5,
    Quitting = 6,
    Missing = 7,
};
[[nodiscard]] std::string_view name(State state);

enum class StateEvent {
    Start,       // a run begins
    AllSpawned,  // every user that is wanted is there
    Adjusted,    // another number of users is wanted
    Stop,
    Done,  // no user is left, results are delivered
    Quit,
    Stay,      // worker: quit was asked, but --ignore-quit
    Lost,      // worker: nothing heard for too long
    Returned,  // worker: heard again
};
inline constexpr int kStateCount = 7;
inline constexpr int kStateEventCount = 9;

struct Transition {
    State from;
    StateEvent event;
    State to;
};
[[nodiscard]] std::span<const Transition> master_table();
[[nodiscard]] std::span<const Transition> worker_table();

// Empty: the event has no meaning in that state.
[[nodiscard]] std::optional<State> next(std::span<const Transition> table, State from,
                                        StateEvent event);
// Moves `state` when the table says so; false otherwise.
bool move(std::span<const Transition> table, State& state, StateEvent event);

}  // namespace boom::cluster
