#include "boom/run_thresholds.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::app {
namespace {

std::string unknown_step(const report::Threshold& threshold, const stats::Catalog& catalog) {
    // What names a step will have whose names differ by value is not known before.
    const auto is_known = [&](const stats::StepInfo& info) {
        return threshold.filter.matches(info) || info.name_use == stats::NameUse::PerValue;
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

void RunThresholds::tell(double t_s, std::string text) {
    events_.push_back({t_s, "threshold", std::move(text), {}});
}

void RunThresholds::look_for_crossing(std::size_t index, const report::ThresholdResult& one,
                                      double t_s) {
    using Operator = report::Threshold::Operator;
    if (!one.observed) {
        return;
    }
    const Operator comparison = thresholds_[index].comparison;
    const bool is_limit = comparison == Operator::Less || comparison == Operator::LessOrEqual;
    // What must be reached is not crossed by a run that has only begun.
    const bool held = held_[index].value_or(is_limit || one.has_passed);
    held_[index] = one.has_passed;
    if (held == one.has_passed || events_.size() >= kMaxEvents) {
        return;
    }
    tell(t_s, fmt::format("{} {}: observed {:.6g} {}", one.expression,
                          one.has_passed ? "holds" : "does not hold", *one.observed, one.unit));
    if (events_.size() == kMaxEvents) {
        tell(t_s, "more crossings of thresholds are not noted");
    }
}

void RunThresholds::abort(const report::ThresholdResult& one, report::Result& result) {
    is_abort_wanted_ = true;
    abort_note_ =
        fmt::format("stopped at {:.1f} s because {} did not hold: {}", result.run.duration_s,
                    one.expression, fmt::format("observed {:.6g} {}", *one.observed, one.unit));
    tell(result.run.duration_s, abort_note_);
}

void RunThresholds::judge(report::Result& result, const stats::Snapshot& totals,
                          const stats::Catalog& catalog) {
    const bool is_running = result.run.state == report::RunState::Running;
    bool has_failed = false;
    for (std::size_t index = 0; index < thresholds_.size(); ++index) {
        const report::Threshold& threshold = thresholds_[index];
        report::ThresholdResult one = report::evaluate(threshold, totals, catalog, result);
        has_failed = has_failed || !one.has_passed;
        if (is_running) {
            look_for_crossing(index, one, result.run.duration_s);
        }
        // Without data a running test has not failed yet.
        if (is_running && threshold.aborts && !one.has_passed && one.observed &&
            abort_note_.empty() && result.run.duration_s >= base::to_seconds(threshold.delay)) {
            abort(one, result);
        }
        result.thresholds.push_back(std::move(one));
    }
    result.events.insert(result.events.end(), events_.begin(), events_.end());
    std::stable_sort(result.events.begin(), result.events.end(),
                     [](const report::Event& a, const report::Event& b) { return a.t_s < b.t_s; });
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

std::vector<report::Event> RunThresholds::take_events() {
    const std::size_t first = std::exchange(taken_, events_.size());
    return {events_.begin() + static_cast<std::ptrdiff_t>(first), events_.end()};
}

bool RunThresholds::take_abort() {
    return std::exchange(is_abort_wanted_, false);
}

}  // namespace boom::app
