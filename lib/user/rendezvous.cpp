#include "user/rendezvous.hpp"

#include <algorithm>
#include <cmath>

namespace boom::user {
namespace {

constexpr std::uint64_t kOne = std::uint64_t{1} << 32U;

std::uint32_t releases(std::uint64_t state) {
    return static_cast<std::uint32_t>(state >> 32U);
}

std::int64_t waiting(std::uint64_t state) {
    return static_cast<std::int64_t>(state & (kOne - 1));
}

std::uint64_t after_release(std::uint64_t state) {
    return (state & ~(kOne - 1)) + kOne;
}

}  // namespace

RendezvousBoard::RendezvousBoard(const plan::Plan& plan) {
    for (const plan::CasePlan& test_case : plan.cases) {
        cases_.push_back(std::make_unique<Case>());
        cases_.back()->points = &test_case.rendezvous;
    }
}

void RendezvousBoard::user_came() {
    came_.fetch_add(1, std::memory_order_relaxed);
    active_.fetch_add(1, std::memory_order_relaxed);
}

void RendezvousBoard::user_left() {
    active_.fetch_sub(1, std::memory_order_relaxed);
    // Those who wait must not wait for one who is gone.
    for (std::size_t i = 0; i < cases_.size(); ++i) {
        Case& one = *cases_[i];
        if (one.points->empty()) {
            continue;
        }
        const std::uint64_t state = one.state.load(std::memory_order_acquire);
        const plan::Rendezvous& point = (*one.points)[releases(state) % one.points->size()];
        if (waiting(state) > 0 && waiting(state) >= size_of(point)) {
            release(i, releases(state));
        }
    }
}

std::int64_t RendezvousBoard::size_of(const plan::Rendezvous& point) const {
    const std::int64_t users = std::max<std::int64_t>(active_.load(std::memory_order_relaxed), 1);
    if (point.number > 0) {
        return std::min(point.number, users);
    }
    const double share = std::floor(point.percent * static_cast<double>(users));
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(share), 1, users);
}

RendezvousBoard::Arrival RendezvousBoard::arrive(std::size_t case_index, std::size_t point,
                                                 base::TimePoint now) {
    Case& one = *cases_[case_index];
    if (came_.load(std::memory_order_relaxed) < expected_.load(std::memory_order_relaxed)) {
        return {};  // not all users are there yet
    }
    std::uint64_t state = one.state.load(std::memory_order_acquire);
    while (true) {
        if (releases(state) % one.points->size() != point) {
            return {};
        }
        if (waiting(state) + 1 >= size_of((*one.points)[point])) {
            if (one.state.compare_exchange_weak(state, after_release(state),
                                                std::memory_order_acq_rel)) {
                wake_all();
                return {};
            }
        } else if (one.state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) {
            one.last_arrival_ns.store(now.time_since_epoch().count(), std::memory_order_relaxed);
            return {true, releases(state)};
        }
    }
}

bool RendezvousBoard::is_released(std::size_t case_index, std::uint32_t ticket) const {
    return releases(cases_[case_index]->state.load(std::memory_order_acquire)) != ticket;
}

void RendezvousBoard::give_up(std::size_t case_index, std::uint32_t ticket) {
    Case& one = *cases_[case_index];
    std::uint64_t state = one.state.load(std::memory_order_acquire);
    while (releases(state) == ticket && waiting(state) > 0 &&
           !one.state.compare_exchange_weak(state, state - 1, std::memory_order_acq_rel)) {
    }
}

base::TimePoint RendezvousBoard::deadline(std::size_t case_index, std::uint32_t ticket) const {
    const Case& one = *cases_[case_index];
    const base::TimePoint last(base::Duration(one.last_arrival_ns.load(std::memory_order_relaxed)));
    return last + (*one.points)[ticket % one.points->size()].timeout;
}

void RendezvousBoard::release(std::size_t case_index, std::uint32_t ticket) {
    Case& one = *cases_[case_index];
    std::uint64_t state = one.state.load(std::memory_order_acquire);
    while (releases(state) == ticket) {
        if (one.state.compare_exchange_weak(state, after_release(state),
                                            std::memory_order_acq_rel)) {
            wake_all();
            return;
        }
    }
}

void RendezvousBoard::wake_all() const {
    for (const std::function<void()>& wake : listeners_) {
        wake();
    }
}

}  // namespace boom::user
