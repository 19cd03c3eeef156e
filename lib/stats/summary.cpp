#include "stats/summary.hpp"

#include "base/text.hpp"

namespace boom::stats {

Distribution summarize(const Histogram& histogram, Payload payload) {
    const Histogram::Moments moments = histogram.moments();
    return {.count = histogram.count(),
            .min = moments.min_us,
            .mean = histogram.mean_us(),
            .stddev = histogram.stddev_us(),
            .p50 = histogram.percentile_us(50),
            .p75 = histogram.percentile_us(75),
            .p90 = histogram.percentile_us(90),
            .p95 = histogram.percentile_us(95),
            .p99 = histogram.percentile_us(99),
            .p999 = histogram.percentile_us(99.9),
            .p9999 = histogram.percentile_us(99.99),
            .max = moments.max_us,
            .hdr = payload == Payload::With ? base::encode_base64(histogram.encode()) : ""};
}

StepSummary summarize(const StepInfo& info, const StepStats& step, base::Duration measured,
                      Payload payload) {
    StepSummary result{.info = info,
                       .requests = step.requests,
                       .failures = step.failures,
                       .interrupted = step.interrupted,
                       .bytes_sent = step.bytes_sent,
                       .bytes_received = step.bytes_received,
                       .status = step.status,
                       .response_time = summarize(step.response_time, payload),
                       .service_time = summarize(step.service_time, payload)};
    const auto requests = static_cast<double>(step.requests);
    if (step.requests > 0) {
        result.error_ratio = static_cast<double>(step.failures) / requests;
    }
    if (measured > base::Duration::zero()) {
        result.requests_per_second = requests / base::to_seconds(measured);
    }
    return result;
}

StepSummary summarize_total(const StepStats& total, base::Duration measured) {
    StepInfo info;
    info.name = "Total";
    StepSummary result = summarize(info, total, measured);
    result.is_total = true;
    return result;
}

}  // namespace boom::stats
