#include "web/event_log.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace boom::web {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kReload = "event: reload\ndata: {}\n\n";

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const stats::Distribution& d, EventLog::Form form) {
    Json result = {{"count", d.count}, {"min", d.min},   {"mean", d.mean},   {"stddev", d.stddev},
                   {"p50", d.p50},     {"p75", d.p75},   {"p90", d.p90},     {"p95", d.p95},
                   {"p99", d.p99},     {"p999", d.p999}, {"p9999", d.p9999}, {"max", d.max}};
    if (form == EventLog::Form::Whole) {
        result["hdr"] = d.hdr;
    }
    return result;
}

Json to_json(const IntervalRow& row, EventLog::Form form) {
    Json classes = Json::object();
    for (const auto& [name, count] : row.failures_by_class) {
        classes[name] = count;
    }
    Json health = {{"cpu_percents", row.health.health.cpu_percents}};
    for (const auto& [name, figure] : row.health.figures()) {
        health[name] = figure;
    }
    return {{"run_id", row.run_id},
            {"t_s", row.t_s},
            {"length_s", row.length_s},
            {"users", row.users},
            {"target_users", row.target_users},
            {"workers", row.workers},
            {"requests", row.requests},
            {"rps", static_cast<double>(row.requests) / std::max(row.length_s, 1e-3)},
            {"failures", row.failures},
            {"p50_us", row.response_time.p50},
            {"p95_us", row.response_time.p95},
            {"p99_us", row.response_time.p99},
            {"p999_us", row.response_time.p999},
            {"bytes_received", row.bytes_received},
            {"failures_by_class", std::move(classes)},
            {"health", std::move(health)},
            {"heat", row.heat},
            {"response_time_us", to_json(row.response_time, form)},
            {"service_time_us", to_json(row.service_time, form)}};
}

}  // namespace

std::vector<std::pair<int, std::int64_t>> heat_bands(const stats::Histogram& times) {
    std::vector<std::pair<int, std::int64_t>> bands;
    times.for_each_bucket([&](std::int64_t lowest, std::int64_t, std::int64_t count) {
        const double octaves = lowest < 1 ? 0 : std::log2(static_cast<double>(lowest));
        const int band = static_cast<int>(std::floor(octaves * kHeatBandsPerOctave + 1e-9));
        if (bands.empty() || bands.back().first != band) {
            bands.emplace_back(band, 0);
        }
        bands.back().second += count;
    });
    return bands;
}

void EventLog::push(Entry entry) {
    entries_.push_back(std::move(entry));
    while (entries_.size() > kMaxEntries) {
        entries_.pop_front();
        ++first_;
    }
}

void EventLog::begin_run(const std::string& id) {
    {
        const std::lock_guard lock(mutex_);
        run_start_ = first_ + entries_.size();
        push({number_, ++part_, RunRow{id}});
    }
    if (notify_) {
        notify_();
    }
}

void EventLog::add(IntervalRow row) {
    {
        const std::lock_guard lock(mutex_);
        part_ = 0;
        push({++number_, 0, std::move(row)});
    }
    if (notify_) {
        notify_();
    }
}

void EventLog::add(EventRow row) {
    {
        const std::lock_guard lock(mutex_);
        push({number_, ++part_, std::move(row)});
    }
    if (notify_) {
        notify_();
    }
}

EventLog::Cursor EventLog::resume(std::string_view last_id) const {
    const std::lock_guard lock(mutex_);
    Cursor cursor;
    cursor.position = std::max(first_, run_start_);
    if (last_id.empty()) {
        return cursor;
    }
    const std::size_t dot = last_id.find('.');
    const auto number = base::parse_integer(last_id.substr(0, dot));
    const auto part = dot == std::string_view::npos ? std::optional<std::int64_t>(0)
                                                    : base::parse_integer(last_id.substr(dot + 1));
    cursor.position = kLost;
    if (!number || !part || *number < 0 || *part < 0) {
        return cursor;
    }
    const std::pair seen(static_cast<std::uint64_t>(*number), static_cast<std::uint64_t>(*part));
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), seen,
                                        [](const Entry& entry, const auto& id) {
                                            return std::pair(entry.number, entry.part) < id;
                                        });
    if (found != entries_.end() && std::pair(found->number, found->part) == seen) {
        cursor.position = first_ + static_cast<std::uint64_t>(found - entries_.begin()) + 1;
    }
    return cursor;
}

std::string EventLog::next(Cursor& cursor, Form form, std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t end = first_ + entries_.size();
    const bool is_behind = cursor.has_caught_up && end - cursor.position > kMaxLag;
    if (cursor.is_over) {
        return {};
    }
    if (cursor.position == kLost || cursor.position < first_ || is_behind) {
        cursor.is_over = true;
        return std::string(kReload);
    }
    std::string text;
    while (cursor.position < end && text.size() < limit) {
        text += text_of(entries_[static_cast<std::size_t>(cursor.position - first_)], form);
        ++cursor.position;
    }
    cursor.has_caught_up = cursor.has_caught_up || cursor.position == end;
    return text;
}

std::string EventLog::text_of(const Entry& entry, Form form) {
    const std::string id = entry.part == 0 ? std::to_string(entry.number)
                                           : fmt::format("{}.{}", entry.number, entry.part);
    std::string_view kind = "interval";
    std::string data;
    if (const auto* interval = std::get_if<IntervalRow>(&entry.content)) {
        data = dump(to_json(*interval, form));
    } else if (const auto* event = std::get_if<EventRow>(&entry.content)) {
        kind = "event";
        data = dump({{"t_s", event->t_s},
                     {"kind", event->kind},
                     {"text", event->text},
                     {"worker", event->worker}});
    } else {
        kind = "run";
        data = dump({{"id", std::get<RunRow>(entry.content).id}});
    }
    // JSON text has no line breaks, so one data line holds it.
    return fmt::format("event: {}\nid: {}\ndata: {}\n\n", kind, id, data);
}

}  // namespace boom::web
