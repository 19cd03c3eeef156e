#include "user/user_time.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using user::UserState;
using user::UserTime;

TEST_CASE("UserTime: requests and waits are the case's, the rest is the generator's", "[user]") {
    UserTime time;
    const base::TimePoint start = base::TimePoint{} + 1h;
    time.move(UserState::Pending, UserState::Ready, start);
    time.move(UserState::Pending, UserState::Ready, start);
    time.move(UserState::Ready, UserState::Sending, start + 1s);
    time.move(UserState::Ready, UserState::Thinking, start + 2s);
    // Two users for 4 s; 1 s and 2 s of it before they did anything.
    UserTime::Spent spent = time.take(start + 4s);
    CHECK(spent.total == 8s);
    CHECK(spent.occupied == 5s);
    // From one kind of occupation to another nothing changes.
    time.move(UserState::Sending, UserState::Gathering, start + 5s);
    time.move(UserState::Gathering, UserState::Calling, start + 6s);
    time.move(UserState::Thinking, UserState::Gone, start + 6s);
    spent = time.take(start + 10s);
    CHECK(spent.total == 8s);
    CHECK(spent.occupied == 4s);
    // One that waits for an arrival is not there.
    time.move(UserState::Calling, UserState::Idle, start + 10s);
    spent = time.take(start + 20s);
    CHECK(spent.total == 0s);
    CHECK(spent.occupied == 0s);
}
