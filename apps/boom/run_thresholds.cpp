#include "boom/run_thresholds.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::app {
namespace {

std::string unknown_step(const report::Threshold& threshold, const stats::Catalog& catalog) {
    const auto is_known = [&](const stats::StepInfo& info) {
        return threshold.filter.matches(info);
    };
    if (threshold.filter.is_empty() ||
        std::any_of(catalog.steps.begin(), catalog.steps.end(), is_known)) {
        return {};
    }
    std::vector<std::string_view> names;
    for (const stats::StepInfo& info : catalog.steps) {
        names.push_back(info.name);
    }
    const std::string hint = base::did_you_mean(threshold.filter.step, names);
    return fmt::format("'{}' is about no step of this test{}{}", threshold.expression,
                       hint.empty() ? "" : ": ", hint);
}

}  // namespace

std::vector<report::Threshold> make_thresholds(const load::Profile& profile,
                                               const stats::Catalog& catalog) {
    std::vector<report::Threshold> thresholds;
    std::vector<base::Mistake> mistakes;
    for (const std::string& text : profile.threshold) {
        auto parsed = report::parse_threshold(text);
        if (const auto* what = std::get_if<std::string>(&parsed)) {
            mistakes.push_back({{"--threshold"}, *what, {}});
            continue;
        }
        auto& threshold = std::get<report::Threshold>(parsed);
        if (std::string what = unknown_step(threshold, catalog); !what.empty()) {
            mistakes.push_back({{"--threshold"}, std::move(what), {}});
        }
        thresholds.push_back(std::move(threshold));
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    return thresholds;
}

void RunThresholds::abort(const report::ThresholdResult& one, report::Result& result) {
    is_abort_wanted_ = true;
    abort_note_ =
        fmt::format("stopped at {:.1f} s because {} did not hold: {}", result.run.duration_s,
                    one.expression, fmt::format("observed {:.6g} {}", *one.observed, one.unit));
    events_.push_back({result.run.duration_s, "threshold", abort_note_, {}});
}

void RunThresholds::judge(report::Result& result, const stats::Snapshot& totals,
                          const stats::Catalog& catalog) {
    const bool is_running = result.run.state == report::RunState::Running;
    bool has_failed = false;
    for (const report::Threshold& threshold : thresholds_) {
        report::ThresholdResult one = report::evaluate(threshold, totals, catalog, result);
        has_failed = has_failed || !one.has_passed;
        // Without data a running test has not failed yet.
        if (is_running && threshold.aborts && !one.has_passed && one.observed &&
            abort_note_.empty() && result.run.duration_s >= base::to_seconds(threshold.delay)) {
            abort(one, result);
        }
        result.thresholds.push_back(std::move(one));
    }
    result.events.insert(result.events.end(), events_.begin(), events_.end());
    if (!abort_note_.empty()) {
        result.run.notes.push_back(abort_note_);
    }
    if (is_running) {
        return;
    }
    if (!abort_note_.empty() && result.run.state == report::RunState::Stopped) {
        result.run.state = report::RunState::Aborted;
    }
    if (has_failed && result.run.exit_code == static_cast<int>(base::ExitCode::Passed)) {
        result.run.exit_code = static_cast<int>(base::ExitCode::ThresholdFailed);
        result.run.verdict = report::Verdict::Failed;
    }
}

bool RunThresholds::take_abort() {
    return std::exchange(is_abort_wanted_, false);
}

}  // namespace boom::app
