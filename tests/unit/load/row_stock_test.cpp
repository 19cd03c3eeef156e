#include "load/row_stock.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <set>
#include <thread>

using namespace boom;
using load::RowRange;
using load::RowStock;

TEST_CASE("RowStock: rows go out in the order in which they came, each once", "[load]") {
    RowStock stock;
    CHECK_FALSE(stock.take());
    REQUIRE(stock.add(50, 53));
    REQUIRE(stock.add(7, 9));
    for (const std::int64_t row : {50, 51, 52, 7, 8}) {
        CHECK(stock.take() == row);
    }
    CHECK_FALSE(stock.take());
    CHECK(stock.taken() == 5);
    REQUIRE(stock.add(0, 1));
    CHECK(stock.take() == 0);
}

TEST_CASE("RowStock: what is given back comes from the end and does not go out", "[load]") {
    RowStock stock;
    REQUIRE(stock.add(0, 10));
    REQUIRE(stock.add(20, 25));
    CHECK(stock.take() == 0);
    CHECK(stock.give_back(7) == std::vector<RowRange>{{0, 8, 10}, {0, 20, 25}});
    CHECK(stock.left() == 7);
    REQUIRE(stock.add(8, 9));  // follows what is there
    REQUIRE(stock.add(40, 41));
    CHECK(stock.give_back(0).empty());
    std::vector<std::int64_t> rest;
    while (const auto row = stock.take()) {
        rest.push_back(*row);
    }
    CHECK(rest == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 40});
    CHECK(stock.give_back(100).empty());
}

TEST_CASE("RowStock: rows that may come again begin anew after the last", "[load]") {
    RowStock stock;
    CHECK_FALSE(stock.take_again());
    REQUIRE(stock.add(3, 5));
    for (const std::int64_t row : {3, 4, 3}) {
        CHECK(stock.take_again() == row);
    }
}

TEST_CASE("RowStock: ranges that no stock can hold are refused", "[load]") {
    RowStock stock;
    CHECK_FALSE(stock.add(-1, 5));
    CHECK_FALSE(stock.add(5, 4));
    CHECK_FALSE(stock.add(0, std::int64_t{1} << 32));
    REQUIRE(stock.add(0, (std::int64_t{1} << 32) - 1));
    CHECK_FALSE(stock.add(0, 1));
}

TEST_CASE("RowStock: any order of changes equals a plain list", "[load]") {
    const auto seed = base::random_seed();
    CAPTURE(seed);
    base::Rng rng(seed);
    RowStock stock;
    std::deque<std::int64_t> model;
    std::int64_t fresh = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto count = static_cast<std::int64_t>(rng.below(6));
        switch (rng.below(3)) {
            case 0:
                REQUIRE(stock.add(fresh, fresh + count));
                for (std::int64_t row = 0; row < count; ++row) {
                    model.push_back(fresh++);
                }
                fresh += static_cast<std::int64_t>(rng.below(2));
                break;
            case 1: {
                std::deque<std::int64_t> back;
                for (const RowRange& range : stock.give_back(count)) {
                    for (std::int64_t row = range.begin; row < range.end; ++row) {
                        back.push_back(row);
                    }
                }
                REQUIRE(back.size() == std::min(static_cast<std::size_t>(count), model.size()));
                const auto first = model.end() - static_cast<std::ptrdiff_t>(back.size());
                REQUIRE(std::equal(back.begin(), back.end(), first));
                model.erase(first, model.end());
                break;
            }
            default:
                if (const auto row = stock.take()) {
                    REQUIRE(*row == model.front());
                    model.pop_front();
                } else {
                    REQUIRE(model.empty());
                }
        }
        REQUIRE(stock.left() == static_cast<std::int64_t>(model.size()));
    }
}

TEST_CASE("RowStock: takers on other threads and a giver get every row once", "[load]") {
    RowStock stock;
    constexpr std::int64_t kRows = 20'000;
    REQUIRE(stock.add(0, kRows));
    std::vector<std::vector<std::int64_t>> taken(3);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : taken) {
            threads.emplace_back([&stock, &mine](const std::stop_token& stop) {
                while (!stop.stop_requested() || stock.left() > 0) {
                    if (const auto row = stock.take()) {
                        mine.push_back(*row);
                    }
                }
            });
        }
        while (stock.left() > 0) {
            for (const RowRange& range : stock.give_back(17)) {
                REQUIRE(stock.add(range.begin, range.end));
            }
        }
    }
    std::set<std::int64_t> seen;
    for (const auto& mine : taken) {
        seen.insert(mine.begin(), mine.end());
    }
    CHECK(taken[0].size() + taken[1].size() + taken[2].size() == kRows);
    CHECK(seen.size() == kRows);
}
