#pragma once
// What happened when: one row a second, at most 3600 rows; older ones are merged in pairs.

#include "stats/snapshot.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace boom::stats {

struct TimelineRow {
    double t_s = 0;       // start of the row since the start of the run
    double length_s = 1;  // doubles each time rows are merged in pairs
    int users = 0;        // at the end of the row
    int target_users = 0;
    int workers = 0;
    std::int64_t requests = 0;
    std::int64_t failures = 0;
    std::int64_t bytes_received = 0;
    std::int64_t p50_us = 0, p95_us = 0, p99_us = 0;  // of response time in this row

    [[nodiscard]] double requests_per_second() const;
};

// One thread. Deltas of several workers for the same second are added to the same row; a delta
// that arrives later than kOpenRows seconds still counts, but no longer moves the percentiles.
class Timeline {
public:
    static constexpr int kOpenRows = 10;
    static constexpr std::size_t kMaxRows = 3600;

    // `second`: index of the interval since the start of the run. REQUIRES: second >= 0.
    void add(std::int64_t second, const StepStats& total);
    // Gauges of that second: the last call wins.
    void set_users(std::int64_t second, int users, int target_users, int workers);
    // Rows up to now, percentiles included. Seconds without a delta are rows of zeros; the last row
    // is as long as the seconds that it has seen.
    [[nodiscard]] std::vector<TimelineRow> rows() const;

private:
    // Merged percentiles need the samples: a closed row keeps them in their encoded form.
    struct Row {
        TimelineRow figures;
        std::int64_t gauge_second = -1;  // of the gauges in `figures`
        std::string samples;             // empty = none
        Histogram::Moments moments;
    };
    struct OpenRow {
        std::size_t index = 0;  // in rows_
        Histogram response_time;
    };

    [[nodiscard]] Row& row_at(std::int64_t second);
    [[nodiscard]] bool is_open(std::int64_t second) const;
    [[nodiscard]] Histogram& open_samples(std::size_t index);
    // Puts what is older than kOpenRows seconds into its encoded form.
    void close_old_rows();
    void close_row(std::size_t index, const Histogram& samples);
    void merge_in_pairs();
    void merge_row(const Row& from, std::size_t into);

    std::vector<Row> rows_;      // without gaps, from second 0
    std::vector<OpenRow> open_;  // at most kOpenRows + 1
    std::int64_t seconds_per_row_ = 1;
    std::int64_t newest_second_ = -1;
};

}  // namespace boom::stats
