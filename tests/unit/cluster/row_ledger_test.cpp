#include "cluster/row_ledger.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using cluster::RowLedger;
using load::RowRange;

using Ranges = std::vector<RowRange>;

TEST_CASE("RowLedger: blocks follow the users, in order, and sum to all rows", "[cluster]") {
    RowLedger two({{0, 0, 100}});
    two.deal({{0, {5}}, {1, {5}}});
    CHECK(two.leases(0) == Ranges{{0, 0, 50}});
    CHECK(two.leases(1) == Ranges{{0, 50, 100}});
    CHECK_FALSE(two.has_pool());
    RowLedger three({{0, 0, 2}});
    three.deal({{0, {2}}, {1, {2}}, {2, {2}}});
    CHECK(three.leases(1) == Ranges{{0, 1, 2}});
    CHECK(three.leases(2).empty());
}

TEST_CASE("RowLedger: rows of a case go to those that have users for it", "[cluster]") {
    RowLedger ledger({{0, 0, 10}, {2, 0, 6}, {3, 0, 4}});
    ledger.deal({{0, {1, 0, 0, 0}}, {1, {1, 9, 3, 0}}});
    CHECK(ledger.leases(0) == Ranges{{0, 0, 5}});
    CHECK(ledger.leases(1) == Ranges{{0, 5, 10}, {2, 0, 6}});
    CHECK(ledger.pool() == Ranges{{3, 0, 4}});  // nobody runs it
}

TEST_CASE("RowLedger: what comes back is one pool again and is dealt anew", "[cluster]") {
    RowLedger ledger({{0, 0, 30}});
    ledger.deal({{0, {1}}, {1, {1}}, {2, {1}}});
    ledger.take_back(0, {{0, 7, 10}});
    ledger.take_back(1, {{0, 10, 14}, {0, 18, 20}});
    CHECK(ledger.pool() == Ranges{{0, 7, 14}, {0, 18, 20}});
    ledger.take_back(1, {{0, 10, 14}});  // said twice
    ledger.take_back(0, {{0, 20, 30}});  // not its own
    CHECK(ledger.pool() == Ranges{{0, 7, 14}, {0, 18, 20}});
    ledger.deal({{2, {2}}, {3, {1}}});
    CHECK(ledger.leases(2) == Ranges{{0, 20, 30}, {0, 7, 13}});
    CHECK(ledger.leases(3) == Ranges{{0, 13, 14}, {0, 18, 20}});
}

TEST_CASE("RowLedger: a part that is over gives back what it did not get or use", "[cluster]") {
    RowLedger ledger({{0, 0, 10}});
    ledger.deal({{0, {1}}});
    ledger.take_back(0, {{0, 8, 10}});
    ledger.deal({{0, {1}}});  // lease 2, which it never saw
    ledger.settle(0, 1, {{0, 5, 8}});
    CHECK(ledger.pool() == Ranges{{0, 5, 10}});
    CHECK(ledger.open_rows(0).empty());
}

TEST_CASE("RowLedger: rows of a part that vanished are named and stay out", "[cluster]") {
    RowLedger ledger({{0, 0, 100}, {1, 0, 10}});
    ledger.deal({{0, {1, 1}}, {1, {1, 1}}});
    ledger.note_taken(1, {20, 0});
    ledger.note_taken(1, {12, 0});  // late: it never shrinks
    CHECK(ledger.open_rows(1) == Ranges{{0, 70, 100}, {1, 5, 10}});
    CHECK(cluster::describe_rows(ledger.open_rows(1), 0) == "71-100");
    CHECK(cluster::describe_rows(ledger.open_rows(1), 1) == "6-10");
    CHECK_FALSE(ledger.has_pool());
    CHECK(cluster::describe_rows({{0, 4, 5}, {0, 7, 9}}, 0) == "5, 8-9");
}

TEST_CASE("RowLedger: one part passes rows on to another", "[cluster]") {
    RowLedger ledger({{0, 0, 10}});
    ledger.deal({{0, {1}}});
    ledger.pass_on(0, {0, 6, 12}, 1);
    CHECK(ledger.leases(1) == Ranges{{0, 6, 10}});
    ledger.cancel(1);
    CHECK(ledger.pool() == Ranges{{0, 6, 10}});
    CHECK(RowLedger({}).is_idle());
}
