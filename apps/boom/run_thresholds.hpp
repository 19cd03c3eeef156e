#pragma once
// The thresholds of one run: looked at every interval, decided at the end. One thread.

#include "load/profile.hpp"
#include "report/threshold.hpp"

#include <string>
#include <vector>

namespace boom::app {

// Throws ConfigError with every mistake, steps that the case does not have included.
[[nodiscard]] std::vector<report::Threshold> make_thresholds(const load::Profile& profile,
                                                             const stats::Catalog& catalog);

class RunThresholds {
public:
    explicit RunThresholds(std::vector<report::Threshold> thresholds)
        : thresholds_(std::move(thresholds)) {}

    // Puts what holds now into the result of a running or finished test. Once the test is over a
    // threshold that failed is its verdict, where nothing weightier is.
    void judge(report::Result& result, const stats::Snapshot& totals,
               const stats::Catalog& catalog);
    // True once: a threshold that aborts has failed.
    [[nodiscard]] bool take_abort();

private:
    void abort(const report::ThresholdResult& one, report::Result& result);

    std::vector<report::Threshold> thresholds_;
    std::vector<report::Event> events_;
    std::string abort_note_;
    bool is_abort_wanted_ = false;
};

}  // namespace boom::app
