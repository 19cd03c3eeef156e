#include "stats/timeline.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <utility>

namespace boom::stats {

namespace {

void set_percentiles(TimelineRow& row, const Histogram& samples) {
    row.p50_us = samples.percentile_us(50);
    row.p95_us = samples.percentile_us(95);
    row.p99_us = samples.percentile_us(99);
}

}  // namespace

double TimelineRow::requests_per_second() const {
    return length_s > 0 ? static_cast<double>(requests) / length_s : 0.0;
}

void Timeline::add(std::int64_t second, const StepStats& total) {
    TimelineRow& row = row_at(second).figures;
    row.requests += total.requests;
    row.failures += total.failures;
    row.bytes_received += total.bytes_received;
    if (is_open(second) && !total.response_time.is_empty()) {
        open_samples(static_cast<std::size_t>(second / seconds_per_row_)).add(total.response_time);
    }
}

void Timeline::set_users(std::int64_t second, int users, int target_users, int workers) {
    Row& row = row_at(second);
    // A row of several seconds shows its end, whichever second is told last.
    if (second >= row.gauge_second) {
        row.gauge_second = second;
        row.figures.users = users;
        row.figures.target_users = target_users;
        row.figures.workers = workers;
    }
}

std::vector<TimelineRow> Timeline::rows() const {
    std::vector<TimelineRow> result;
    result.reserve(rows_.size());
    for (const Row& row : rows_) {
        result.push_back(row.figures);
        if (row.gauge_second < 0 && result.size() > 1) {
            // Nobody looked: as it was before.
            const TimelineRow& before = result[result.size() - 2];
            result.back().users = before.users;
            result.back().target_users = before.target_users;
            result.back().workers = before.workers;
        }
    }
    for (const OpenRow& open : open_) {
        set_percentiles(result[open.index], open.response_time);
    }
    if (!result.empty()) {
        TimelineRow& last = result.back();
        last.length_s = std::min(last.length_s, static_cast<double>(newest_second_ + 1) - last.t_s);
    }
    return result;
}

bool Timeline::is_open(std::int64_t second) const {
    return second > newest_second_ - kOpenRows;
}

Timeline::Row& Timeline::row_at(std::int64_t second) {
    BOOM_ASSERT(second >= 0);
    while (static_cast<std::size_t>(second / seconds_per_row_) >= kMaxRows) {
        merge_in_pairs();
    }
    if (second > newest_second_) {
        newest_second_ = second;
        close_old_rows();
    }
    const auto index = static_cast<std::size_t>(second / seconds_per_row_);
    while (rows_.size() <= index) {
        Row row;
        row.figures.length_s = static_cast<double>(seconds_per_row_);
        row.figures.t_s = static_cast<double>(rows_.size()) * row.figures.length_s;
        rows_.push_back(std::move(row));
    }
    return rows_[index];
}

Histogram& Timeline::open_samples(std::size_t index) {
    const auto place = std::ranges::find(open_, index, &OpenRow::index);
    if (place != open_.end()) {
        return place->response_time;
    }
    return open_.emplace_back(OpenRow{.index = index, .response_time = {}}).response_time;
}

void Timeline::close_old_rows() {
    const auto is_old = [this](const OpenRow& open) {
        const auto end = static_cast<std::int64_t>(open.index + 1) * seconds_per_row_;
        return !is_open(end - 1);
    };
    for (const OpenRow& open : open_) {
        if (is_old(open)) {
            close_row(open.index, open.response_time);
        }
    }
    std::erase_if(open_, is_old);
}

void Timeline::close_row(std::size_t index, const Histogram& samples) {
    Row& row = rows_[index];
    set_percentiles(row.figures, samples);
    row.samples = samples.encode();
    row.moments = samples.moments();
}

void Timeline::merge_in_pairs() {
    const std::vector<Row> old_rows = std::exchange(rows_, {});
    const std::vector<OpenRow> old_open = std::exchange(open_, {});
    seconds_per_row_ *= 2;
    for (const OpenRow& open : old_open) {
        open_samples(open.index / 2).add(open.response_time);
    }
    for (std::size_t i = 0; i < old_rows.size(); ++i) {
        const Row& old = old_rows[i];
        if (i % 2 == 0) {
            Row& left = rows_.emplace_back();
            left.figures.t_s = old.figures.t_s;
            left.figures.length_s = static_cast<double>(seconds_per_row_);
        }
        merge_row(old, i / 2);
        // Closed pair by pair, so that few rows are open at a time.
        if (i % 2 == 1 || i + 1 == old_rows.size()) {
            close_old_rows();
        }
    }
}

void Timeline::merge_row(const Row& from, std::size_t into) {
    Row& row = rows_[into];
    row.figures.requests += from.figures.requests;
    row.figures.failures += from.figures.failures;
    row.figures.bytes_received += from.figures.bytes_received;
    if (from.gauge_second >= 0) {
        row.gauge_second = from.gauge_second;
        row.figures.users = from.figures.users;
        row.figures.target_users = from.figures.target_users;
        row.figures.workers = from.figures.workers;
    }
    if (!from.samples.empty()) {
        const std::optional<Histogram> samples = Histogram::decode(from.samples, from.moments);
        BOOM_ASSERT(samples.has_value());
        open_samples(into).add(*samples);
    }
}

}  // namespace boom::stats
