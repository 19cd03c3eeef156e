#include "user/rendezvous.hpp"

namespace boom::user {
namespace {

using Scope = plan::Rendezvous::Scope;

constexpr std::uint64_t kOne = std::uint64_t{1} << 32U;

std::uint32_t releases(std::uint64_t state) {
    return static_cast<std::uint32_t>(state >> 32U);
}

std::int64_t waiting(std::uint64_t state) {
    return static_cast<std::int64_t>(state & (kOne - 1));
}

// Numbers of releases go round.
bool is_later(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) > 0;
}

std::uint64_t after_release(std::uint64_t state) {
    return (state & ~(kOne - 1)) + kOne;
}

}  // namespace

RendezvousBoard::RendezvousBoard(const plan::Plan& plan) {
    for (const plan::CasePlan& test_case : plan.cases) {
        cases_.push_back(std::make_unique<Case>());
        cases_.back()->points = &test_case.rendezvous;
        cases_.back()->is_of_fleet =
            !test_case.rendezvous.empty() && test_case.rendezvous.front().scope == Scope::Fleet;
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
        if (one.points->empty() || one.is_of_fleet) {
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
    return plan::size_of(point, active_.load(std::memory_order_relaxed));
}

RendezvousBoard::Arrival RendezvousBoard::arrive(std::size_t case_index, std::size_t point,
                                                 base::TimePoint now) {
    Case& one = *cases_[case_index];
    if (one.is_of_fleet) {
        return arrive_for_fleet(one, point);
    }
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

RendezvousBoard::Arrival RendezvousBoard::arrive_for_fleet(Case& one, std::size_t point) {
    if (!is_open_.load(std::memory_order_acquire)) {
        return {};
    }
    std::uint64_t state = one.state.load(std::memory_order_acquire);
    while (releases(state) % one.points->size() == point) {
        if (one.state.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) {
            one.arrivals.fetch_add(1, std::memory_order_relaxed);
            return {true, releases(state)};
        }
    }
    return {};
}

Gatherings RendezvousBoard::gatherings() const {
    Gatherings result;
    result.is_open = is_open_.load(std::memory_order_relaxed);
    result.is_complete =
        came_.load(std::memory_order_relaxed) >= expected_.load(std::memory_order_relaxed);
    result.users = active_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < cases_.size(); ++i) {
        const Case& one = *cases_[i];
        if (one.is_of_fleet) {
            const std::uint64_t state = one.state.load(std::memory_order_acquire);
            result.cases.push_back({static_cast<std::int32_t>(i), releases(state), waiting(state),
                                    one.arrivals.load(std::memory_order_relaxed)});
        }
    }
    return result;
}

void RendezvousBoard::follow(const FleetReleases& fleet) {
    if (fleet.is_open) {
        is_open_.store(true, std::memory_order_release);
    }
    bool has_news = false;
    for (const auto& [case_index, generation] : fleet.generations) {
        const auto index = static_cast<std::size_t>(case_index);
        if (case_index < 0 || index >= cases_.size() || !cases_[index]->is_of_fleet) {
            continue;
        }
        std::atomic<std::uint64_t>& word = cases_[index]->state;
        std::uint64_t state = word.load(std::memory_order_acquire);
        bool is_done = false;
        while (!is_done && is_later(generation, releases(state))) {
            is_done = word.compare_exchange_weak(state, std::uint64_t{generation} << 32U,
                                                 std::memory_order_acq_rel);
        }
        has_news = has_news || is_done;
    }
    if (has_news) {
        wake_all();
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
    if (one.is_of_fleet) {
        return base::TimePoint::max();
    }
    const base::TimePoint last(base::Duration(one.last_arrival_ns.load(std::memory_order_relaxed)));
    return last + (*one.points)[ticket % one.points->size()].timeout;
}

void RendezvousBoard::release(std::size_t case_index, std::uint32_t ticket) {
    Case& one = *cases_[case_index];
    std::uint64_t state = one.state.load(std::memory_order_acquire);
    while (!one.is_of_fleet && releases(state) == ticket) {
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
