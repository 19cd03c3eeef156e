#include "base/text.hpp"
#include "report/files.hpp"

#include <fmt/format.h>

namespace boom::report {
namespace {

std::string times_header(std::string_view prefix) {
    std::string text;
    for (const std::string_view name :
         {"count", "min_us", "mean_us", "stddev_us", "p50_us", "p75_us", "p90_us", "p95_us",
          "p99_us", "p999_us", "p9999_us", "max_us"}) {
        text += fmt::format(",{}_{}", prefix, name);
    }
    return text;
}

std::string times(const stats::Distribution& d) {
    return fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{}", d.count, d.min, d.mean, d.stddev,
                       d.p50, d.p75, d.p90, d.p95, d.p99, d.p999, d.p9999, d.max);
}

std::string step_row(const stats::StepSummary& step) {
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{}{}{}\n", csv_field(step.info.name),
                       csv_field(step.info.case_name),
                       step.is_total ? "total" : stats::name(step.info.kind),
                       csv_field(step.info.method), step.requests, step.failures, step.interrupted,
                       step.error_ratio, step.requests_per_second, step.bytes_sent,
                       step.bytes_received, times(step.response_time), times(step.service_time));
}

}  // namespace

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return result + "\"";
}

std::string to_csv(const Result& result) {
    std::string text =
        "name,case,type,method,requests,failures,interrupted,error_ratio,rps,bytes_sent,"
        "bytes_received" +
        times_header("response") + times_header("service") + "\n";
    for (const stats::StepSummary& step : result.steps) {
        text += step_row(step);
    }
    text += step_row(result.total);
    text += "\nt_s,users,target_users,rps,failures,p50_us,p95_us,p99_us,bytes_received,workers\n";
    for (const stats::TimelineRow& row : result.timeline) {
        text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", row.t_s, row.users, row.target_users,
                            row.requests_per_second(), row.failures, row.p50_us, row.p95_us,
                            row.p99_us, row.bytes_received, row.workers);
    }
    return text;
}

}  // namespace boom::report
