#pragma once
// The HdrHistogram log, format 1.3 (http://hdrhistogram.org): lines of encoded histograms that
// every HdrHistogram tool reads. Values are microseconds, the printed maximum milliseconds.

#include "report/output.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boom::report {

struct HdrInterval {
    double start_s = 0;  // since the start of the run
    double length_s = 0;
    std::int64_t max_us = 0;
    std::string_view hdr;  // base64 of the V2 compressed payload
};

[[nodiscard]] std::string hdr_log_header(const Result& result);
// One line; an empty tag for the total.
[[nodiscard]] std::string hdr_log_line(std::string_view tag, const HdrInterval& interval);

// Writes a line for the total and each step with samples every interval, while the run is on.
[[nodiscard]] std::unique_ptr<Output> make_hdr_log(std::string path);

}  // namespace boom::report
