#pragma once
// The numbers people read, computed from merged results. DIST and STEP of the result file.

#include "stats/snapshot.hpp"

#include <string>
#include <vector>

namespace boom::stats {

// Times in microseconds; all 0 when `count` is 0.
struct Distribution {
    std::int64_t count = 0;
    std::int64_t min = 0;
    double mean = 0;
    double stddev = 0;
    std::int64_t p50 = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0, p9999 = 0;
    std::int64_t max = 0;
    std::string hdr;  // base64 of the HdrHistogram V2 compressed payload
};
// The payload costs more than all the rest: what only shows figures leaves it out.
enum class Payload { With, Without };
[[nodiscard]] Distribution summarize(const Histogram& histogram, Payload payload = Payload::With);

struct StepSummary {
    StepInfo info;  // "Total" for the total row, whose `is_total` is set
    bool is_total = false;
    std::int64_t requests = 0, failures = 0, interrupted = 0;
    double error_ratio = 0;          // failures / requests; 0 without requests
    double requests_per_second = 0;  // over the measured duration
    std::int64_t bytes_sent = 0, bytes_received = 0;
    std::map<int, std::int64_t> status;
    Distribution response_time, service_time;
};
[[nodiscard]] StepSummary summarize(const StepInfo& info, const StepStats& step,
                                    base::Duration measured, Payload payload = Payload::With);
// The total row.
[[nodiscard]] StepSummary summarize_total(const StepStats& total, base::Duration measured);

}  // namespace boom::stats
