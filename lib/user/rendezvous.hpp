#pragma once
// Where users of one worker wait for each other (hrp-boom 5.7), or those of the whole fleet: then
// the master decides, and this only counts who waits and lets go. The points of a case are reached
// in order: one gathers at a time, those who come too early or too late for theirs pass, and after
// the last all are armed again.

#include "base/units.hpp"
#include "plan/plan.hpp"
#include "user/gathering.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace boom::user {

// Shared by the generator threads of a worker; no lock: one word per case changes.
class RendezvousBoard {
public:
    explicit RendezvousBoard(const plan::Plan& plan);

    // Before the threads start: called, from any thread, when a point was released.
    void add_listener(std::function<void()> wake) { listeners_.push_back(std::move(wake)); }
    // Control thread: users this worker shall have.
    void expect(std::int64_t users) { expected_.store(users, std::memory_order_relaxed); }

    // Any generator thread.
    void user_came();
    void user_left();
    struct Arrival {
        bool waits = false;
        std::uint32_t ticket = 0;  // of the gathering; for is_released()
    };
    [[nodiscard]] Arrival arrive(std::size_t case_index, std::size_t point, base::TimePoint now);
    [[nodiscard]] bool is_released(std::size_t case_index, std::uint32_t ticket) const;
    // Somebody who waited will not come: a stop.
    void give_up(std::size_t case_index, std::uint32_t ticket);
    // When the timeout of a gathering is over; each arrival moves it. Never: the master says when.
    [[nodiscard]] base::TimePoint deadline(std::size_t case_index, std::uint32_t ticket) const;
    // Lets those who wait go on, if the gathering is still that of the ticket.
    void release(std::size_t case_index, std::uint32_t ticket);

    // Control thread: how the points of the fleet stand here, and what the master has released.
    [[nodiscard]] Gatherings gatherings() const;
    void follow(const FleetReleases& fleet);

private:
    struct Case {
        const std::vector<plan::Rendezvous>* points = nullptr;
        // Releases so far in the upper half, users that wait in the lower half.
        std::atomic<std::uint64_t> state{0};
        std::atomic<std::int64_t> last_arrival_ns{0};
        bool is_of_fleet = false;
        std::atomic<std::uint64_t> arrivals{0};  // that waited; of the fleet's only
    };
    [[nodiscard]] Arrival arrive_for_fleet(Case& one, std::size_t point);
    [[nodiscard]] std::int64_t size_of(const plan::Rendezvous& point) const;
    void wake_all() const;

    std::vector<std::unique_ptr<Case>> cases_;
    std::vector<std::function<void()>> listeners_;
    std::atomic<std::int64_t> expected_{0}, came_{0}, active_{0};
    std::atomic<bool> is_open_{false};  // all users of the fleet have come once
};

}  // namespace boom::user
