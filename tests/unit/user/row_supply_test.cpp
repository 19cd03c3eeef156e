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
        : supply(plan, share), slots(static_cast<std::size_t>(plan.cases[0].slot_count)) {}

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

TEST_CASE("RowSupply: unique rows are split over workers, each row exactly once", "[user]") {
    const auto [rows, users] = GENERATE(table<std::int64_t, std::vector<std::int64_t>>(
        {{100, {5, 5}}, {2, {1, 1, 1}}, {17, {4, 0, 2}}, {1, {3}}, {1000, {1, 2, 3, 4, 5}}}));
    const plan::Plan plan = plan_of({rows}, plan::PickOrder::Unique, plan::AtEnd::Stop);
    std::set<std::string> seen;
    for (std::size_t worker = 0; worker < users.size(); ++worker) {
        Walk walk(plan, share_of(users, worker));
        std::int64_t last = -1;
        for (std::string row = walk.next(); row != "none"; row = walk.next()) {
            CHECK(seen.insert(row).second);
            CHECK((last < 0 || std::stoll(row) == last + 1));  // contiguous, in order
            last = std::stoll(row);
        }
        CHECK(walk.next() == "none");
    }
    CHECK(static_cast<std::int64_t>(seen.size()) == rows);
}

TEST_CASE("RowSupply: at the end rows come again, or it is an error", "[user]") {
    const plan::Plan again = plan_of({3}, plan::PickOrder::Unique, plan::AtEnd::Recycle);
    Walk walk(again, share_of({1, 2}, 1));
    CHECK(walk.next() == "1");
    CHECK(walk.next() == "2");
    CHECK(walk.next() == "1");
    const plan::Plan once = plan_of({1}, plan::PickOrder::Unique, plan::AtEnd::Error);
    Walk strict(once, share_of({1}));
    CHECK(strict.next() == "0");
    CHECK(strict.next() == "error");
}

TEST_CASE("RowSupply: a worker that joins late gets no unique rows", "[user]") {
    const plan::Plan plan = plan_of({9}, plan::PickOrder::Unique, plan::AtEnd::Recycle);
    user::Share share = share_of({1, 1}, 1);
    share.rows = user::Share::Rows::Nothing;
    Walk walk(plan, share);
    CHECK(walk.next() == "none");
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
