#include "report/hdr_log.hpp"

#include "base/text.hpp"
#include "report/files.hpp"
#include "stats/rows.hpp"

#include <fmt/format.h>

#include <ctime>
#include <fstream>
#include <utility>

namespace boom::report {
namespace {

// Seconds since 1970 of "2026-11-21T01:45:33Z"; 0 for anything else.
std::int64_t epoch_seconds(const std::string& rfc3339) {
    std::tm time{};
    const char* end = strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
    return end == nullptr ? 0 : static_cast<std::int64_t>(timegm(&time));
}

// A tag ends at a comma, and tools split lines at spaces.
std::string tag_text(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool is_plain = static_cast<unsigned char>(c) > 0x20 && c != ',' && c != '"';
        text += is_plain ? c : '_';
    }
    return text;
}

class HdrLog final : public Output {
public:
    explicit HdrLog(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] std::string_view name() const override { return "hdr"; }
    void start(const stats::Catalog& catalog) override {
        catalog_ = catalog;
        file_.open(path_, std::ios::trunc | std::ios::binary);
    }
    void on_interval(const IntervalReport& report) override { write(report); }
    void finish(const IntervalReport& last) override {
        write(last);
        file_.close();
    }
    [[nodiscard]] std::string complaint() const override {
        return file_ ? std::string() : "cannot write " + path_;
    }

private:
    void write(const IntervalReport& report) {
        if (!has_header_) {
            file_ << hdr_log_header(*report.view);
            has_header_ = true;
        }
        const stats::Snapshot& delta = *report.delta;
        write_line("", delta.total(stats::kMainPhase, catalog_).response_time, report.interval_s);
        for (const auto& [info, step] : stats::rows_of(catalog_, delta)) {
            if (step != nullptr) {
                write_line(info.name, step->response_time, report.interval_s);
            }
        }
        at_s_ += report.interval_s;
        file_.flush();
    }
    void write_line(const std::string& tag, const stats::Histogram& times, double length_s) {
        if (!times.is_empty()) {
            const std::string hdr = base::encode_base64(times.encode());
            file_ << hdr_log_line(tag, {at_s_, length_s, times.moments().max_us, hdr});
        }
    }

    std::string path_;
    stats::Catalog catalog_;
    std::ofstream file_;
    bool has_header_ = false;
    double at_s_ = 0;
};

}  // namespace

std::string hdr_log_header(const Result& result) {
    return fmt::format(
        "#[Logged with boom {}]\n"
        "#[Histogram log format version 1.3]\n"
        "#[StartTime: {}.000 (seconds since epoch), {}]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
        "\"Interval_Compressed_Histogram\"\n",
        result.version, epoch_seconds(result.run.started_at), result.run.started_at);
}

std::string hdr_log_line(std::string_view tag, const HdrInterval& interval) {
    return fmt::format("{}{:.3f},{:.3f},{:.3f},{}\n",
                       tag.empty() ? "" : fmt::format("Tag={},", tag_text(tag)), interval.start_s,
                       interval.length_s, static_cast<double>(interval.max_us) / 1e3, interval.hdr);
}

std::string to_hdr_log(const Result& result) {
    std::string text = hdr_log_header(result);
    const auto add = [&](const std::string& tag, const stats::Distribution& times) {
        if (times.count > 0) {
            text += hdr_log_line(tag, {0, result.run.duration_s, times.max, times.hdr});
        }
    };
    add("", result.total.response_time);
    for (const stats::StepSummary& step : result.steps) {
        add(step.info.name, step.response_time);
    }
    return text;
}

std::unique_ptr<Output> make_hdr_log(std::string path) {
    return std::make_unique<HdrLog>(std::move(path));
}

}  // namespace boom::report
