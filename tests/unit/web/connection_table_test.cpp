#include "web/connection_table.hpp"

#include <catch2/catch.hpp>

#include <vector>

using boom::base::TimePoint;
using boom::web::ConnectionTable;
using boom::web::kAnswerLimit;
using boom::web::kRequestLimit;
using Phase = ConnectionTable::Phase;

namespace {

std::vector<int> swept(ConnectionTable& table, TimePoint now) {
    std::vector<int> result;
    table.sweep(now, [&](int descriptor) { result.push_back(descriptor); });
    return result;
}

constexpr TimePoint kStart{};
constexpr boom::base::Duration kTick{1};

}  // namespace

TEST_CASE("ConnectionTable: a request that never ends is cut once", "[web]") {
    ConnectionTable table;
    table.opened(5, kStart);
    table.opened(6, kStart + kTick);
    CHECK(swept(table, kStart + kRequestLimit).empty());
    CHECK(swept(table, kStart + kRequestLimit + kTick) == std::vector<int>{5});
    CHECK(swept(table, kStart + kRequestLimit + 2 * kTick) == std::vector<int>{6});
    CHECK(swept(table, kStart + 2 * kRequestLimit).empty());
}

TEST_CASE("ConnectionTable: answers have a longer limit, streams have none", "[web]") {
    ConnectionTable table;
    table.opened(1, kStart);
    table.opened(2, kStart);
    table.entered(1, Phase::Answer, kStart);
    table.entered(2, Phase::Stream, kStart);
    CHECK(swept(table, kStart + kAnswerLimit).empty());
    CHECK(swept(table, kStart + kAnswerLimit + kTick) == std::vector<int>{1});
    CHECK(swept(table, kStart + 1000 * kAnswerLimit).empty());
}

TEST_CASE("ConnectionTable: a kept-alive connection starts anew, a closed one is forgotten",
          "[web]") {
    ConnectionTable table;
    table.opened(1, kStart);
    table.opened(2, kStart);
    table.entered(1, Phase::Request, kStart + kRequestLimit);
    table.closed(2);
    table.entered(2, Phase::Request, kStart);  // of a connection that is gone
    CHECK(swept(table, kStart + 2 * kRequestLimit).empty());
    CHECK(swept(table, kStart + 2 * kRequestLimit + kTick) == std::vector<int>{1});
}
