#pragma once
// The log of single requests: CSV with the columns of JMeter's JTL files, which its tools read,
// and exact times behind them. Pure functions.

#include "stats/sample_queue.hpp"

#include <string>
#include <string_view>

namespace boom::report {

struct SampleOrigin {
    std::string_view worker;
    double started_ms = 0;  // the run's start, since 1970
    int users = 0;          // active on this worker
};

[[nodiscard]] std::string_view sample_csv_header();  // with its line feed
void append_sample_csv(std::string& out, const stats::LoggedSample& sample,
                       const stats::StepInfo& step, const SampleOrigin& origin);

}  // namespace boom::report
