#include "web/connection_table.hpp"

namespace boom::web {

void ConnectionTable::opened(int descriptor, base::TimePoint now) {
    const std::lock_guard lock(mutex_);
    states_[descriptor] = {Phase::Request, now, false};
}

void ConnectionTable::closed(int descriptor) {
    const std::lock_guard lock(mutex_);
    states_.erase(descriptor);
}

void ConnectionTable::entered(int descriptor, Phase phase, base::TimePoint now) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(descriptor);
    if (found != states_.end()) {
        found->second.phase = phase;
        found->second.since = now;
    }
}

void ConnectionTable::sweep(base::TimePoint now, const std::function<void(int)>& cut) {
    const std::lock_guard lock(mutex_);
    for (auto& [descriptor, state] : states_) {
        if (state.phase == Phase::Stream || state.is_cut) {
            continue;
        }
        const base::Duration limit = state.phase == Phase::Request ? kRequestLimit : kAnswerLimit;
        if (now - state.since > limit) {
            state.is_cut = true;
            cut(descriptor);
        }
    }
}

}  // namespace boom::web
