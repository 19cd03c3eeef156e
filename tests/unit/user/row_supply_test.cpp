#include "user/row_supply.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace boom;
using user::RowsLeft;

namespace {

// One case whose sources have rows 0, 1, 2, … in slots 0, 1, …
plan::Plan plan_of(std::vector<std::int64_t> counts, plan::PickOrder order, plan::AtEnd at_end) {
    plan::Plan plan;
    plan::CasePlan& test_case = plan.cases.emplace_back();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        plan::ParameterSource source;
        source.order = order;
        source.at_end = at_end;
        source.split = order == plan::PickOrder::Unique ? plan::ParameterSource::Split::ByWorker
                                                        : plan::ParameterSource::Split::Whole;
        source.slots = {static_cast<int>(i)};
        for (std::int64_t row = 0; row < counts[i]; ++row) {
            source.cells.emplace_back(row);
        }
        test_case.parameters.sources.push_back(std::move(source));
    }
    test_case.parameters.at_end = at_end;
    test_case.slot_count = static_cast<int>(counts.size());
    return plan;
}

struct Walk {
    Walk(const plan::Plan& plan, user::Share share)
        : supply(plan, share), slots(static_cast<std::size_t>(plan.cases[0].slot_count)) {
        for (const load::RowRange& rows : user::all_unique_rows(plan)) {
            REQUIRE(supply.add(rows));
        }
    }

    // "0/1" of the next row; "none" or "error".
    std::string next() {
        switch (supply.take(0, slots, rng)) {
            case RowsLeft::None:
                return "none";
            case RowsLeft::NoneIsError:
                return "error";
            case RowsLeft::Some:
                break;
        }
        std::string text;
        for (const expr::Value& value : slots) {
            text += (text.empty() ? "" : "/") + value.text();
        }
        return text;
    }

    user::RowSupply supply;
    std::vector<expr::Value> slots;
    base::Rng rng{7};
};

user::Share share_of(std::vector<std::int64_t> users, std::size_t index = 0) {
    user::Share share;
    share.users = std::move(users);
    share.index = index;
    return share;
}

}  // namespace

TEST_CASE("RowSupply: sequential rows form a product whose last source varies fastest", "[user]") {
    const plan::Plan plan = plan_of({1, 2, 2}, plan::PickOrder::Sequential, plan::AtEnd::Recycle);
    Walk walk(plan, share_of({5}));
    const std::vector<std::string> expected = {"0/0/0", "0/0/1", "0/1/0", "0/1/1", "0/0/0"};
    for (const std::string& row : expected) {
        CHECK(walk.next() == row);
    }
}

TEST_CASE("RowSupply: limits count as in the reference (hrp-boom CASE-21)", "[user]") {
    const auto [limit, expected] = GENERATE(table<int, int>({{0, 6}, {4, 4}, {9, 9}}));
    plan::Plan plan = plan_of({3, 2, 1}, plan::PickOrder::Sequential, plan::AtEnd::Stop);
    if (limit > 0) {
        plan.cases[0].parameters.limit = limit;
    }
    Walk walk(plan, share_of({1}));
    int count = 0;
    while (walk.next() != "none" && count < 100) {
        ++count;
    }
    CHECK(count == expected);
}

TEST_CASE("RowSupply: unique rows are those that were leased, in that order", "[user]") {
    const plan::Plan plan = plan_of({9}, plan::PickOrder::Unique, plan::AtEnd::Stop);
    user::RowSupply supply(plan, share_of({1}));
    std::vector<expr::Value> slots(1);
    base::Rng rng(1);
    CHECK(supply.take(0, slots, rng) == RowsLeft::None);
    REQUIRE(supply.add({0, 4, 9}));
    REQUIRE(supply.take(0, slots, rng) == RowsLeft::Some);
    CHECK(slots[0].text() == "4");
    CHECK(supply.give_back({1, 2}) == std::vector<load::RowRange>{{0, 7, 9}});
    CHECK(supply.taken() == std::vector<std::int64_t>{1});
    CHECK_FALSE(supply.add({0, 8, 10}));  // there is no tenth row
    CHECK_FALSE(supply.add({1, 0, 1}));
    CHECK(supply.give_back({1, 1}) == std::vector<load::RowRange>{{0, 5, 7}});
    CHECK(supply.take(0, slots, rng) == RowsLeft::None);
}

TEST_CASE("RowSupply: unique sources go row by row, the shortest that ends is the end", "[user]") {
    using plan::AtEnd;
    plan::Plan plan = plan_of({5, 3, 2}, plan::PickOrder::Unique, AtEnd::Stop);
    plan.cases[0].parameters.sources[2].at_end = AtEnd::Recycle;
    CHECK(user::unique_rows(plan.cases[0].parameters) == 3);
    Walk walk(plan, share_of({1}));
    for (const std::string row : {"0/0/0", "1/1/1", "2/2/0", "none"}) {
        CHECK(walk.next() == row);
    }
    plan.cases[0].parameters.limit = 2;
    CHECK(user::unique_rows(plan.cases[0].parameters) == 2);
    const plan::Plan again = plan_of({5, 3}, plan::PickOrder::Unique, AtEnd::Recycle);
    CHECK(user::unique_rows(again.cases[0].parameters) == 5);
    const plan::Plan none = plan_of({5}, plan::PickOrder::Random, AtEnd::Recycle);
    CHECK(user::all_unique_rows(none).empty());
}

TEST_CASE("RowSupply: at the end rows come again, or it is an error", "[user]") {
    const plan::Plan again = plan_of({3}, plan::PickOrder::Unique, plan::AtEnd::Recycle);
    Walk walk(again, share_of({1, 2}, 1));
    for (const std::string row : {"0", "1", "2", "0"}) {
        CHECK(walk.next() == row);
    }
    const plan::Plan once = plan_of({1}, plan::PickOrder::Unique, plan::AtEnd::Error);
    Walk strict(once, share_of({1}));
    CHECK(strict.next() == "0");
    CHECK(strict.next() == "error");
}

TEST_CASE("RowSupply: split rows fall to workers in blocks, none to one who joins late", "[user]") {
    plan::Plan plan = plan_of({4}, plan::PickOrder::Sequential, plan::AtEnd::Recycle);
    plan.cases[0].parameters.sources[0].split = plan::ParameterSource::Split::ByWorker;
    user::Share share = share_of({1, 1}, 1);
    Walk second(plan, share);
    std::set<std::string> rows;
    for (int i = 0; i < 5; ++i) {
        rows.insert(second.next());
    }
    CHECK(rows == std::set<std::string>{"2", "3"});
    share.rows = user::Share::Rows::Nothing;
    Walk late(plan, share);
    CHECK(late.next() == "none");
}

TEST_CASE("RowSupply: random rows are all drawn, and workers start apart", "[user]") {
    const plan::Plan random = plan_of({4}, plan::PickOrder::Random, plan::AtEnd::Recycle);
    Walk walk(random, share_of({1}));
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        seen.insert(walk.next());
    }
    CHECK(seen.size() == 4);
    const plan::Plan plan = plan_of({4}, plan::PickOrder::Sequential, plan::AtEnd::Recycle);
    Walk second(plan, share_of({1, 1, 1}, 1));
    CHECK(second.next() == "1");
}

TEST_CASE("RowSupply: rows that a user shares with nobody begin anew for each", "[user]") {
    plan::Plan plan = plan_of({3}, plan::PickOrder::Sequential, plan::AtEnd::Stop);
    plan::Parameters& parameters = plan.cases[0].parameters;
    parameters.share = plan::Parameters::RowShare::User;
    parameters.walked = plan.cases[0].slot_count++;
    user::RowSupply supply(plan, share_of({4, 4}, 1));
    base::Rng rng(7);
    std::vector<std::vector<expr::Value>> users(3, std::vector<expr::Value>(2));
    for (std::int64_t row = 0; row < 3; ++row) {
        for (std::vector<expr::Value>& slots : users) {
            REQUIRE(supply.take(0, slots, rng) == RowsLeft::Some);
            CHECK(slots[0] == expr::Value(row));
        }
    }
    for (std::vector<expr::Value>& slots : users) {
        CHECK(supply.take(0, slots, rng) == RowsLeft::None);
    }

    parameters.limit = 2;  // of each
    user::RowSupply limited(plan, share_of({4, 4}, 1));
    std::vector<expr::Value> slots(2);
    CHECK(limited.take(0, slots, rng) == RowsLeft::Some);
    CHECK(limited.take(0, slots, rng) == RowsLeft::Some);
    CHECK(limited.take(0, slots, rng) == RowsLeft::None);

    parameters.limit.reset();
    parameters.at_end = plan::AtEnd::Recycle;
    user::RowSupply again(plan, share_of({4, 4}, 1));
    slots.assign(2, {});
    for (const std::int64_t row : {0, 1, 2, 0}) {  // from the first on every worker
        REQUIRE(again.take(0, slots, rng) == RowsLeft::Some);
        CHECK(slots[0] == expr::Value(row));
    }
}

TEST_CASE("RowSupply: cases share rows when they say so and the rows are the same", "[user]") {
    using RowShare = plan::Parameters::RowShare;
    plan::Plan plan = plan_of({4}, plan::PickOrder::Sequential, plan::AtEnd::Stop);
    plan.cases.push_back(plan.cases[0]);
    const auto rows = [&plan](RowShare share) {
        plan.cases[0].parameters.share = plan.cases[1].parameters.share = share;
        user::RowSupply supply(plan, share_of({1}));
        base::Rng rng(7);
        std::vector<expr::Value> slots(1);
        std::string text;
        for (const std::size_t index : {0U, 1U, 1U, 0U, 0U, 1U}) {
            text += supply.take(index, slots, rng) == RowsLeft::Some ? slots[0].text() : "-";
        }
        return text;
    };
    CHECK(rows(RowShare::All) == "0123--");
    CHECK(rows(RowShare::Case) == "001122");
    plan.cases[1].parameters.sources[0].key = "other";
    CHECK(rows(RowShare::All) == "001122");
}
