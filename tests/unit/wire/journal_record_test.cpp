#include "wire/journal_record.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;

namespace {

wire::JournalEntry round_trip(const wire::JournalEntry& entry) {
    const auto decoded = wire::decode_record(wire::encode_record(entry));
    REQUIRE(decoded);
    REQUIRE(std::holds_alternative<wire::JournalEntry>(*decoded));
    return std::get<wire::JournalEntry>(*decoded);
}

}  // namespace

TEST_CASE("JournalRecord: moves of unique rows are read back as they were written", "[wire]") {
    wire::JournalEntry entry;
    entry.row_moves = {{{0, 0, 50}, load::RowMove::kNobody, 1},
                       {{3, 25, 50}, 1, load::RowMove::kNobody},
                       {{3, 7'000'000'000, 7'000'000'001}, 2, 3}};
    CHECK(round_trip(entry).row_moves == entry.row_moves);
}

TEST_CASE("JournalRecord: moves of rows that cannot be are malformed", "[wire]") {
    wire::JournalEntry entry;
    entry.row_moves = {{GENERATE(values<load::RowRange>({{0, -1, 5}, {0, 5, 4}, {1 << 20, 0, 1}})),
                        load::RowMove::kNobody, 1}};
    CHECK_FALSE(wire::decode_record(wire::encode_record(entry)));
}

TEST_CASE("JournalRecord: variables of the fleet keep their value, source and order", "[wire]") {
    wire::JournalEntry entry;
    wire::Shared shared;
    shared.part = {"not kept", 9};
    shared.name = "token";
    shared.json = std::string("\"a\0\xff\"", 5);
    shared.from_part = 4;
    shared.from_thread = 3;
    shared.number = 1ULL << 40;
    shared.sequence = 12;
    shared.order = 1'000'000'017;
    entry.shared = {shared, shared};
    entry.shared.back().name = "second";
    const wire::JournalEntry got = round_trip(entry);
    REQUIRE(got.shared.size() == 2);
    CHECK(got.shared[0].name == "token");
    CHECK(got.shared[0].json == shared.json);
    CHECK(got.shared[0].from_part == 4);
    CHECK(got.shared[0].from_thread == 3);
    CHECK(got.shared[0].number == 1ULL << 40);
    CHECK(got.shared[0].sequence == 12);
    CHECK(got.shared[0].order == 1'000'000'017);
    CHECK(got.shared[0].part.is_none());
    CHECK(got.shared[1].name == "second");
}

TEST_CASE("JournalRecord: demands for rows are read back with their part", "[wire]") {
    wire::JournalEntry entry;
    entry.at = 1250ms;
    wire::JournalPart& part = entry.parts.emplace_back();
    part.number = 2;
    part.id = "w1";
    part.rows_taken = {5, 0, 7};
    part.recalls = 3;
    part.recall = {{1, 3}, 4};
    part.is_recalled = true;
    part.sums.unused = {{1, 2, 3}};
    const wire::JournalEntry got = round_trip(entry);
    CHECK(got.at == 1250ms);
    REQUIRE(got.parts.size() == 1);
    CHECK(got.parts[0].number == 2);
    CHECK(got.parts[0].id == "w1");
    CHECK(got.parts[0].rows_taken == part.rows_taken);
    CHECK(got.parts[0].recalls == 3);
    REQUIRE(got.parts[0].recall);
    CHECK(got.parts[0].recall->give == load::Fraction{1, 3});
    CHECK(got.parts[0].recall->to == 4);
    CHECK(got.parts[0].is_recalled);
    CHECK(got.parts[0].sums.unused.empty());  // its counts only
}

TEST_CASE("JournalRecord: failures are read back with their parts, in order", "[wire]") {
    using Parts = std::vector<stats::PartFailures>;
    const auto [parts, is_right] = GENERATE(table<Parts, bool>({
        {Parts{}, true},
        {Parts{{1, 5}, {3, 1LL << 40}}, true},
        {Parts{{0, 5}}, false},
        {Parts{{3, 1}, {3, 5}}, false},
        {Parts{{3, 1}, {1, 5}}, false},
    }));
    wire::JournalEntry entry;
    wire::JournalSecond& second = entry.seconds.emplace_back();
    second.second = 7;
    stats::ErrorStats& error =
        second.delta.error({stats::Outcome::CheckFailed, stats::StepId{0}, "got nothing"});
    error.count = 6;
    error.parts = parts;
    if (!is_right) {
        CHECK_FALSE(wire::decode_record(wire::encode_record(entry)));
        return;
    }
    const wire::JournalEntry got = round_trip(entry);
    REQUIRE(got.seconds.size() == 1);
    REQUIRE(got.seconds[0].delta.errors.size() == 1);
    CHECK(got.seconds[0].delta.errors.begin()->second.parts == parts);
}
