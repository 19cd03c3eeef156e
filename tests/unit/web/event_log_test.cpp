#include "web/event_log.hpp"

#include <catch2/catch.hpp>

#include <regex>

using boom::stats::Histogram;
using boom::web::EventLog;
using boom::web::EventRow;
using boom::web::heat_bands;
using boom::web::IntervalRow;

namespace {

constexpr auto kForm = EventLog::Form::WithoutHistograms;
constexpr std::size_t kEverything = std::size_t{1} << 30;

std::vector<std::string> ids(const std::string& text) {
    static const std::regex kId("(?:^|\n)id: (\\S+)\n");
    std::vector<std::string> result;
    for (std::sregex_iterator it(text.begin(), text.end(), kId), end; it != end; ++it) {
        result.push_back((*it)[1]);
    }
    return result;
}

void add_intervals(EventLog& log, int count) {
    for (int i = 0; i < count; ++i) {
        log.add(IntervalRow{});
    }
}

constexpr const char* kReload = "event: reload\ndata: {}\n\n";

}  // namespace

TEST_CASE("EventLog: a reader gets the history of the latest run, then what is new", "[web]") {
    EventLog log;
    log.begin_run("first");
    add_intervals(log, 2);
    log.begin_run("second");
    log.add(EventRow{0, "start", "5 users", ""});
    add_intervals(log, 1);
    auto cursor = log.resume("");
    const std::string history = log.next(cursor, kForm, kEverything);
    CHECK(ids(history) == std::vector<std::string>{"2.1", "2.2", "3"});
    CHECK(history.find("event: run\nid: 2.1\ndata: {\"id\":\"second\"}\n\n") == 0);
    CHECK(log.next(cursor, kForm, kEverything).empty());
    log.add(EventRow{1, "adjust", "", ""});
    CHECK(ids(log.next(cursor, kForm, kEverything)) == std::vector<std::string>{"3.1"});
}

TEST_CASE("EventLog: a reader resumes behind any message without gap or repetition", "[web]") {
    EventLog log;
    log.begin_run("a");
    log.add(EventRow{});
    add_intervals(log, 3);
    log.add(EventRow{});
    log.begin_run("b");
    add_intervals(log, 2);
    auto all_cursor = log.resume("0.1");
    std::vector<std::string> all = ids(log.next(all_cursor, kForm, kEverything));
    all.insert(all.begin(), "0.1");
    REQUIRE(all == std::vector<std::string>{"0.1", "0.2", "1", "2", "3", "3.1", "3.2", "4", "5"});
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto cursor = log.resume(all[i]);
        CAPTURE(all[i]);
        CHECK(ids(log.next(cursor, kForm, kEverything)) ==
              std::vector(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end()));
    }
}

TEST_CASE("EventLog: an id that is not kept tells the reader to reload, once", "[web]") {
    const auto id = GENERATE(as<std::string>(), "99", "x", "1.x", "-1", "1.9", "1", ".", "1.2.3");
    CAPTURE(id);
    EventLog log;
    add_intervals(log, static_cast<int>(EventLog::kMaxEntries) + 10);
    auto cursor = log.resume(id == "99" ? "99999" : id);
    CHECK(log.next(cursor, kForm, kEverything) == kReload);
    CHECK(cursor.is_over);
    CHECK(log.next(cursor, kForm, kEverything).empty());
}

TEST_CASE("EventLog: a reader that falls behind is told to reload", "[web]") {
    EventLog log;
    auto cursor = log.resume("");
    REQUIRE(log.next(cursor, kForm, kEverything).empty());
    add_intervals(log, static_cast<int>(EventLog::kMaxLag));
    auto patient = cursor;
    CHECK(ids(log.next(patient, kForm, kEverything)).size() == EventLog::kMaxLag);
    add_intervals(log, 1);
    CHECK(log.next(cursor, kForm, kEverything) == kReload);
}

TEST_CASE("EventLog: the first history may be as long as the log, in pieces", "[web]") {
    EventLog log;
    add_intervals(log, static_cast<int>(EventLog::kMaxEntries) + 500);
    auto cursor = log.resume("");
    std::size_t count = 0;
    while (true) {
        const std::string piece = log.next(cursor, kForm, 10'000);
        if (piece.empty()) {
            break;
        }
        REQUIRE(piece.size() < 12'000);
        count += ids(piece).size();
    }
    CHECK(count == EventLog::kMaxEntries);
    CHECK_FALSE(cursor.is_over);
}

TEST_CASE("EventLog: histograms are sent when they are wanted", "[web]") {
    EventLog log;
    IntervalRow row;
    Histogram times;
    times.record(1000, 3);
    row.response_time = boom::stats::summarize(times);
    row.requests = 3;
    row.length_s = 1.5;
    log.add(row);
    auto cursor = log.resume("");
    const std::string lean = log.next(cursor, EventLog::Form::WithoutHistograms, kEverything);
    CHECK(lean.find("\"hdr\"") == std::string::npos);
    CHECK(lean.find("\"rps\":2.0") != std::string::npos);
    CHECK(lean.find("\"p999_us\":1000") != std::string::npos);
    cursor = log.resume("");
    const std::string whole = log.next(cursor, EventLog::Form::Whole, kEverything);
    CHECK(whole.find("\"hdr\":\"" + row.response_time.hdr + "\"") != std::string::npos);
}

TEST_CASE("EventLog: no text can break out of its line", "[web]") {
    EventLog log;
    log.add(EventRow{0, "lost", "a\n\nevent: run\r\ndata: {}\n\n\xff", "\n"});
    auto cursor = log.resume("");
    const std::string text = log.next(cursor, kForm, kEverything);
    CHECK(std::count(text.begin(), text.end(), '\n') == 4);
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("EventLog: heat bands keep every sample, eight to a power of two", "[web]") {
    Histogram times;
    times.record(0, 2);
    times.record(1, 1);
    times.record(1000, 5);
    times.record(2000, 7);
    times.record(3'600'000'000, 1);
    const auto bands = heat_bands(times);
    const std::vector<std::pair<int, std::int64_t>> expected{{0, 3}, {79, 5}, {87, 7}, {253, 1}};
    CHECK(bands == expected);
    Histogram wide;
    std::int64_t sum = 0;
    for (std::int64_t value = 1; value < Histogram::kMaxValueUs; value = value * 5 / 4 + 1) {
        wide.record(value, value % 7 + 1);
    }
    for (const auto& [band, count] : heat_bands(wide)) {
        sum += count;
    }
    CHECK(sum == wide.count());
}
