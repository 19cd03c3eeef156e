#pragma once
// How the users of a generator spend their time: what their case asks for, or waiting for the
// generator. Users × time is what throughput × (response time + think time) must give (Little).

#include "user/virtual_user.hpp"

#include <array>

namespace boom::user {

// Counts and sums only: nothing per user. Generator thread.
class UserTime {
public:
    struct Spent {
        base::Duration total{};     // of all users that are there
        base::Duration occupied{};  // in requests, think times, and waits that the load asks for
    };
    void move(UserState from, UserState to, base::TimePoint now) {
        if (kind_of(from) != kind_of(to)) {
            settle(now);
            --count_[kind_of(from)];
            ++count_[kind_of(to)];
        }
    }
    // Since the last call.
    [[nodiscard]] Spent take(base::TimePoint now) {
        settle(now);
        const Spent spent{spent_[kOccupied] + spent_[kOwn], spent_[kOccupied]};
        spent_ = {};
        return spent;
    }

private:
    static constexpr std::size_t kAway = 0, kOccupied = 1, kOwn = 2;

    static std::size_t kind_of(UserState state) {
        switch (state) {
            case UserState::Pending:
            case UserState::Idle:
            case UserState::Gone:
                return kAway;
            case UserState::Waiting:
            case UserState::Sending:
            case UserState::Thinking:
            case UserState::Gathering:
            case UserState::Stranded:
                return kOccupied;
            case UserState::Ready:
            case UserState::Calling:
                return kOwn;
        }
        return kAway;
    }
    void settle(base::TimePoint now) {
        if (now == since_) {
            return;
        }
        const base::Duration passed = now - since_;
        since_ = now;
        spent_[kOccupied] += passed * count_[kOccupied];
        spent_[kOwn] += passed * count_[kOwn];
    }

    std::array<std::int64_t, 3> count_{};  // of those away it means nothing
    std::array<base::Duration, 3> spent_{};
    base::TimePoint since_{};
};

}  // namespace boom::user
