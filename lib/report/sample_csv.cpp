#include "report/sample_csv.hpp"

#include "report/files.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iterator>

namespace boom::report {
namespace {

std::int64_t ms(base::Duration time) {
    return std::llround(base::to_seconds(time) * 1e3);
}

// Whole ones, as the histograms count them.
std::int64_t us(base::Duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

std::string_view sample_csv_header() {
    return "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,"
           "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,Connect,"
           "responseTimeUs,serviceTimeUs\n";
}

void append_sample_csv(std::string& out, const stats::LoggedSample& sample,
                       const stats::StepInfo& step, const SampleOrigin& origin) {
    const bool has_passed = sample.outcome == stats::Outcome::Passed;
    // As JMeter: the time of sending; 0 where no answer came, whose reason stands beside it.
    const double sent_ms =
        origin.started_ms + base::to_seconds(sample.at - sample.service_time) * 1e3;
    fmt::format_to(std::back_inserter(out),
                   "{:.0f},{},{},{},{},{},{},{},{},{},{},{},,{},{},{},{}\n", sent_ms,
                   ms(sample.service_time), csv_field(step.name),
                   sample.status > 0 ? fmt::format("{}", sample.status) : std::string(),
                   has_passed ? "OK" : stats::name(sample.outcome),
                   csv_field(fmt::format("{} user {}", origin.worker, sample.user + 1)), has_passed,
                   csv_field(sample.message()), sample.bytes_received, sample.bytes_sent,
                   origin.users, origin.users, ms(sample.first_byte), ms(sample.connect),
                   us(sample.response_time), us(sample.service_time));
}

}  // namespace boom::report
