#pragma once
// The thresholds of one run: looked at every interval, decided at the end. One thread.

#include "load/profile.hpp"
#include "report/threshold.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace boom::app {

// Throws ConfigError with every mistake, steps that the case does not have included.
[[nodiscard]] std::vector<report::Threshold> make_thresholds(const load::Profile& profile,
                                                             const stats::Catalog& catalog);

class RunThresholds {
public:
    explicit RunThresholds(std::vector<report::Threshold> thresholds)
        : thresholds_(std::move(thresholds)), held_(thresholds_.size()) {}

    // Puts what holds now into the result of a running or finished test. Once the test is over a
    // threshold that failed is its verdict, where nothing weightier is.
    void judge(report::Result& result, const stats::Snapshot& totals,
               const stats::Catalog& catalog);
    // True once: a threshold that aborts has failed.
    [[nodiscard]] bool take_abort();
    // What happened since the last call: a threshold was crossed, or ended the run.
    [[nodiscard]] std::vector<report::Event> take_events();

private:
    // A figure that swings round its bound fills no report.
    static constexpr std::size_t kMaxEvents = 100;

    void look_for_crossing(std::size_t index, const report::ThresholdResult& one, double t_s);
    void abort(const report::ThresholdResult& one, report::Result& result);
    void tell(double t_s, std::string text);

    std::vector<report::Threshold> thresholds_;
    std::vector<std::optional<bool>> held_;  // by threshold; none before it had data
    std::vector<report::Event> events_;
    std::size_t taken_ = 0;  // events
    std::string abort_note_;
    bool is_abort_wanted_ = false;
};

}  // namespace boom::app
