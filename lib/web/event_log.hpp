#pragma once
// What happened in the runs of this master, as messages for /events: bounded, numbered, readable
// from any point that is still kept.

#include "stats/summary.hpp"
#include "web/health_row.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace boom::web {

// One interval of a run: a row of the time line with its distributions.
struct IntervalRow {
    std::string run_id;
    double t_s = 0;  // its start, since the start of the run
    double length_s = 1;
    int users = 0, target_users = 0, workers = 0;
    std::int64_t requests = 0, failures = 0, bytes_received = 0;
    stats::Distribution response_time, service_time;
    std::vector<std::pair<std::string, std::int64_t>> failures_by_class;
    HealthRow health;
    std::vector<std::pair<int, std::int64_t>> heat;  // (band, count), see heat_bands()
};
// One row of the result's `events`.
struct EventRow {
    double t_s = 0;
    std::string kind, text, worker;
};
// Eight bands for each power of two of response time: band b begins at 2^(b/8) microseconds, band
// 0 at 0. Ascending, empty ones left out.
inline constexpr int kHeatBandsPerOctave = 8;
[[nodiscard]] std::vector<std::pair<int, std::int64_t>> heat_bands(const stats::Histogram& times);

// Any thread. Readers keep a cursor and no copy: a slow one costs nothing. An interval has the id
// N, what follows it N.1, N.2, …; numbers rise over all runs of the process.
class EventLog {
public:
    static constexpr std::size_t kMaxEntries = 4000;  // an hour of intervals, and their events
    // A reader that had caught up and is further behind than this starts anew.
    static constexpr std::uint64_t kMaxLag = 60;

    struct Cursor {
        std::uint64_t position = 0;
        bool has_caught_up = false;
        bool is_over = false;  // after the last message: the connection is to be closed
    };
    enum class Form { Whole, WithoutHistograms };

    void begin_run(const std::string& id);
    void add(IntervalRow row);
    void add(EventRow row);

    // Where a reader goes on that has seen the message with this id last; an empty id: at the
    // start of the latest run. An id that is unknown or no longer kept gives "reload".
    [[nodiscard]] Cursor resume(std::string_view last_id) const;
    // The next messages in the format of server-sent events, about `limit` bytes; empty: none yet.
    // "reload" tells the reader that it fell behind.
    [[nodiscard]] std::string next(Cursor& cursor, Form form, std::size_t limit) const;

    // Called without a lock after each message. Set once, before the first one.
    void on_change(std::function<void()> notify) { notify_ = std::move(notify); }

private:
    struct RunRow {
        std::string id;
    };
    struct Entry {
        std::uint64_t number = 0;
        std::uint64_t part = 0;
        std::variant<RunRow, IntervalRow, EventRow> content;
    };
    static constexpr std::uint64_t kLost = ~std::uint64_t{0};

    void push(Entry entry);
    static std::string text_of(const Entry& entry, Form form);

    mutable std::mutex mutex_;
    std::deque<Entry> entries_;
    std::uint64_t first_ = 0;  // position of the front
    std::uint64_t run_start_ = 0;
    std::uint64_t number_ = 0, part_ = 0;  // of the last message
    std::function<void()> notify_;
};

}  // namespace boom::web
