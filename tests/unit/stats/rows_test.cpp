#include "stats/rows.hpp"

#include "stats/recorder.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace boom::stats;

namespace {

Catalog catalog() {
    return {{{"a", "c", StepKind::Request, "GET"},
             {"item $id", "c", StepKind::Request, "GET", NameUse::PerValue},
             {"Action", "c", StepKind::Transaction, ""}}};
}

Sample sample(std::int32_t step, std::string_view name, Outcome outcome = Outcome::Passed) {
    Sample result;
    result.step = StepId{step};
    result.name = name;
    result.outcome = outcome;
    result.bytes_received = 10;
    return result;
}

std::vector<std::string> names(const std::vector<Row>& rows) {
    std::vector<std::string> result;
    for (const Row& row : rows) {
        result.push_back(
            fmt::format("{} {}", row.info.name, row.stats == nullptr ? 0 : row.stats->requests));
    }
    return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Rows: a step whose name differs by value has a row for each", "[stats]") {
    const Catalog steps = catalog();
    Recorder recorder(steps);
    CHECK(names(rows_of(steps, recorder.take())) == Names{"a 0", "item $id 0", "Action 0"});
    recorder.record(sample(0, "ignored"));
    recorder.record(sample(1, "item 7"));
    recorder.record(sample(1, "item 5", Outcome::CheckFailed));
    recorder.record(sample(1, "item 7", Outcome::ConnectRefused));
    recorder.record(sample(1, "", Outcome::ExtractFailed));  // it came to no name
    const Snapshot first = recorder.take();
    const std::vector<Row> rows = rows_of(steps, first);
    CHECK(names(rows) == Names{"a 1", "item $id 1", "item 5 1", "item 7 2", "Action 0"});
    CHECK(rows[3].stats->failures == 1);
    CHECK(rows[3].stats->response_time.count() == 1);
    CHECK(rows[3].stats->bytes_received == 20);
    CHECK(rows[3].info.method == "GET");
    // The step itself, and with it the total, has all of them once.
    CHECK(first.find(kMainPhase, StepId{1})->requests == 4);
    CHECK(first.total(kMainPhase, steps).requests == 5);
    // In an interval without any request the rows that are known are there, with nothing in them.
    CHECK(names(rows_of(steps, {}, first)) ==
          Names{"a 0", "item $id 0", "item 5 0", "item 7 0", "Action 0"});
}

TEST_CASE("Rows: names of the warm-up are none of the results'", "[stats]") {
    const Catalog steps = catalog();
    Recorder recorder(steps);
    recorder.set_phase(kWarmUpPhase);
    recorder.record(sample(1, "item 7"));
    recorder.set_phase(kFirstStagePhase);
    recorder.record(sample(1, "item 8"));
    CHECK(names(rows_of(steps, recorder.take())) == Names{"a 0", "item 8 1", "Action 0"});
}

TEST_CASE("Rows: endless values end in one row", "[stats]") {
    const Catalog steps = catalog();
    Recorder recorder(steps);
    constexpr std::size_t kValues = 5000;
    for (std::size_t i = 0; i < kValues; ++i) {
        recorder.record(sample(1, fmt::format("item {}", i)));
    }
    const Snapshot snapshot = recorder.take();
    const std::vector<Row> rows = rows_of(steps, snapshot);
    CHECK(rows.size() == 1 + kMaxNames + 1 + 1);
    const auto other = snapshot.named.find(NameKeyView{StepId{1}, kOtherNames});
    REQUIRE(other != snapshot.named.end());
    CHECK(other->second.requests == kValues - kMaxNames);
}
