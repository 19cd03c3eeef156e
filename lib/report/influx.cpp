#include "report/remote.hpp"
#include "stats/rows.hpp"

#include <fmt/format.h>

namespace boom::report {
namespace {

// Tag keys and values, measurement names: commas, spaces and equals signs are escaped; a line feed
// would end the line.
std::string escape(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == ',' || c == ' ' || c == '=' || c == '\\') {
            result += '\\';
        }
        result += static_cast<unsigned char>(c) < 0x20 ? '_' : c;
    }
    return result;
}

void add_tag(std::string& tags, std::string_view key, std::string_view value) {
    if (!value.empty()) {  // an empty value is no tag
        tags += fmt::format(",{}={}", escape(key), escape(value));
    }
}

std::string fields(const stats::StepStats& step, double seconds) {
    const double length = seconds > 0 ? seconds : 1;
    std::string text = fmt::format(
        "requests={}i,failures={}i,interrupted={}i,rps={},bytes_sent={}i,bytes_received={}i",
        step.requests, step.failures, step.interrupted, static_cast<double>(step.requests) / length,
        step.bytes_sent, step.bytes_received);
    const stats::Histogram& times = step.response_time;
    if (!times.is_empty()) {  // no sample is no field, and never a zero
        const stats::Histogram::Moments moments = times.moments();
        text += fmt::format(
            ",min_us={}i,mean_us={},p50_us={}i,p90_us={}i,p95_us={}i,p99_us={}i,max_us={}i",
            moments.min_us, times.mean_us(), times.percentile_us(50), times.percentile_us(90),
            times.percentile_us(95), times.percentile_us(99), moments.max_us);
    }
    return text;
}

}  // namespace

std::string influx_lines(const IntervalReport& report, const stats::Catalog& catalog,
                         std::int64_t time_ns) {
    std::string common;
    add_tag(common, "run", report.view->run.id);
    for (const auto& [key, value] : report.view->run.tags) {
        add_tag(common, key, value);
    }
    std::string text;
    for (const auto& [info, step] : stats::rows_of(catalog, *report.delta, *report.totals)) {
        std::string tags = common;
        add_tag(tags, "step", info.name);
        add_tag(tags, "case", info.case_name);
        add_tag(tags, "method", info.method);
        add_tag(tags, "type", stats::name(info.kind));
        const stats::StepStats nothing;
        text += fmt::format("boom_step{} {} {}\n", tags,
                            fields(step != nullptr ? *step : nothing, report.interval_s), time_ns);
    }
    text += fmt::format("boom_total{} {} {}\n", common,
                        fields(report.delta->total(stats::kMainPhase, catalog), report.interval_s),
                        time_ns);
    text += fmt::format("boom_load{} users={}i,target_users={}i,workers={}i {}\n", common,
                        report.view->users, report.view->target_users, report.view->workers_active,
                        time_ns);
    return text;
}

}  // namespace boom::report
