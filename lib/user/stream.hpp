#pragma once
// One kind of load on one thread: what is due when, and the users that carry it.

#include "load/arrival_schedule.hpp"
#include "load/pacer.hpp"
#include "load/schedule.hpp"
#include "load/user_schedule.hpp"
#include "net/event_loop.hpp"
#include "user/virtual_user.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace boom::user {

// The part of one thread in one stream of its worker's share.
struct ThreadStream {
    load::Curve target;                  // of the whole fleet
    std::vector<std::int64_t> ordinals;  // users of this thread, over the whole fleet, ascending
    std::int64_t first_ordinal = 0;      // added to what users call themselves
    load::Striping stripe;               // open model: which arrivals are this thread's
    double catch_up_rate = 1;            // users per second that are owed after a change of shares
};

// The part of one thread in its worker's share.
struct ThreadShare {
    std::vector<ThreadStream> streams;
    std::optional<load::Pacer::Share> ceiling;  // none: no ceiling
    Duration from{};                            // since the start of the run

    [[nodiscard]] std::int64_t users() const;
};

// State of one stream on one thread.
struct Stream {
    std::int32_t index = 0;
    load::Model model = load::Model::Closed;
    std::int32_t case_index = -1;  // -1: all cases by weight
    std::int64_t first_ordinal = 0;
    std::optional<load::UserSchedule> users;        // closed model
    std::optional<load::ArrivalSchedule> arrivals;  // open model
    std::int64_t most_in_flight = 0;                // open model
    struct Spawn {
        std::int64_t ordinal = 0;
        TimePoint due{};
    };
    std::deque<Spawn> owed;  // closed model: after a change of shares; ascending by due
    std::unordered_map<std::int64_t, std::uint64_t> by_ordinal;  // closed model: users by ordinal
    std::unordered_set<std::int64_t> finished;  // closed model: done with their loops
    std::vector<std::uint64_t> idle;  // open model: the one that finished last is at the back
    std::int64_t active = 0;
    net::TimerId timer;
};

}  // namespace boom::user
