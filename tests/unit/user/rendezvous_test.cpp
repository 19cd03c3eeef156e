#include "user/rendezvous.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using user::RendezvousBoard;

namespace {

const base::TimePoint kNow{100s};

plan::Plan plan_of(std::vector<plan::Rendezvous> points) {
    plan::Plan plan;
    plan.cases.emplace_back().rendezvous = std::move(points);
    return plan;
}

plan::Rendezvous point_of(std::int64_t number, double percent = 0) {
    plan::Rendezvous point;
    point.number = number;
    point.percent = percent;
    return point;
}

struct Board : RendezvousBoard {
    Board(const plan::Plan& plan, int users) : RendezvousBoard(plan) {
        expect(users);
        add_listener([this] { ++wakes; });
        for (int i = 0; i < users; ++i) {
            user_came();
        }
    }
    int wakes = 0;
};

}  // namespace

TEST_CASE("Rendezvous: the last to come lets all go, and the next gathering counts afresh",
          "[user]") {
    const plan::Plan plan = plan_of({point_of(3)});
    Board board(plan, 5);
    for (int round = 0; round < 3; ++round) {
        const auto first = board.arrive(0, 0, kNow);
        const auto second = board.arrive(0, 0, kNow);
        CHECK(first.waits);
        CHECK(second.waits);
        CHECK_FALSE(board.is_released(0, first.ticket));
        CHECK_FALSE(board.arrive(0, 0, kNow).waits);
        CHECK(board.is_released(0, second.ticket));
        CHECK(board.wakes == round + 1);
    }
}

TEST_CASE("Rendezvous: each arrival moves the timeout; after it the count is whole again",
          "[user]") {
    const plan::Plan plan = plan_of({point_of(3)});
    Board board(plan, 5);
    const auto first = board.arrive(0, 0, kNow);
    CHECK(board.deadline(0, first.ticket) == kNow + 5s);
    const auto second = board.arrive(0, 0, kNow + 3s);
    CHECK(board.deadline(0, second.ticket) == kNow + 8s);
    board.release(0, second.ticket);
    board.release(0, first.ticket);  // of the gathering that is over: nothing
    // The reference stays broken after a timeout (DEF-E1).
    CHECK(board.arrive(0, 0, kNow + 9s).waits);
    CHECK(board.arrive(0, 0, kNow + 9s).waits);
    CHECK_FALSE(board.arrive(0, 0, kNow + 9s).waits);
}

TEST_CASE("Rendezvous: points open in order and are armed again after the last", "[user]") {
    const plan::Plan plan = plan_of({point_of(2), point_of(0, 1)});
    Board board(plan, 2);
    CHECK_FALSE(board.arrive(0, 1, kNow).waits);  // too early
    CHECK(board.arrive(0, 0, kNow).waits);
    CHECK_FALSE(board.arrive(0, 0, kNow).waits);
    CHECK_FALSE(board.arrive(0, 0, kNow).waits);  // released in this cycle already
    CHECK(board.arrive(0, 1, kNow).waits);
    CHECK_FALSE(board.arrive(0, 1, kNow).waits);
    CHECK(board.arrive(0, 0, kNow).waits);
}

TEST_CASE("Rendezvous: nobody waits before all users are there, nor for one who left", "[user]") {
    const plan::Plan plan = plan_of({point_of(0, 1)});
    Board board(plan, 2);
    board.expect(3);
    CHECK_FALSE(board.arrive(0, 0, kNow).waits);
    board.user_came();
    CHECK(board.arrive(0, 0, kNow).waits);
    const auto second = board.arrive(0, 0, kNow);
    CHECK(second.waits);
    board.user_left();
    CHECK(board.is_released(0, second.ticket));
    // One who gives up is not counted.
    const auto third = board.arrive(0, 0, kNow);
    CHECK(third.waits);
    board.give_up(0, third.ticket);
    CHECK(board.arrive(0, 0, kNow).waits);
}

TEST_CASE("Rendezvous: a point of the fleet waits for the master, who may be repeated", "[user]") {
    plan::Rendezvous point = point_of(0, 1);
    point.scope = plan::Rendezvous::Scope::Fleet;
    const plan::Plan plan = plan_of({point});
    Board board(plan, 2);
    CHECK_FALSE(board.arrive(0, 0, kNow).waits);  // the gates are closed
    board.follow({true, {}});
    const auto first = board.arrive(0, 0, kNow);
    const auto second = board.arrive(0, 0, kNow);
    CHECK(first.waits);
    CHECK(second.waits);  // all of this worker: nothing happens
    CHECK(board.deadline(0, first.ticket) == base::TimePoint::max());
    board.release(0, first.ticket);
    CHECK_FALSE(board.is_released(0, first.ticket));
    CHECK(board.gatherings() == user::Gatherings{true, true, 2, {{0, 0, 2, 2}}});
    board.follow({true, {{0, 1}}});
    CHECK(board.is_released(0, second.ticket));
    CHECK(board.wakes == 1);
    const auto third = board.arrive(0, 0, kNow);
    CHECK(third.waits);
    board.follow({false, {{0, 1}, {7, 9}, {-1, 2}}});  // late, or nonsense
    CHECK_FALSE(board.is_released(0, third.ticket));
    CHECK(board.wakes == 1);
    board.user_left();
    CHECK(board.gatherings() == user::Gatherings{true, true, 1, {{0, 1, 1, 3}}});
}
