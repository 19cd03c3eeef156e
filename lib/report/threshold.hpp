#pragma once
// Conditions on the figures of a run: "p95<200ms", "login:p99<1s", "{method=GET}:error_ratio<1%".
// Parsing and evaluation are pure functions.

#include "report/result.hpp"
#include "stats/snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::report {

// Which steps: all labels must match; none = the whole run.
struct StepFilter {
    std::string step, case_name, method, type;  // empty = any
    [[nodiscard]] bool is_empty() const;
    [[nodiscard]] bool matches(const stats::StepInfo& info) const;
};

struct Threshold {
    enum class Operator { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual };

    std::string expression;  // as typed, without the options
    StepFilter filter;
    std::string figure;  // in its normal form: "p95", "error_ratio", "service_p99.9", …
    Operator comparison = Operator::Less;
    double bound = 0;  // in `unit`
    std::string unit;  // "ms", "%", "kB", … or empty
    double scale = 1;  // units of the figure (µs, ratio, bytes) in one `unit`
    // "; abort_on_fail" stops the run as soon as it fails, after "; delay=10s" of the run at least.
    bool aborts = false;
    base::Duration delay{};
    // "; allow_empty": no data is no failure.
    bool may_be_empty = false;
};

// The threshold, or what is wrong with the text.
[[nodiscard]] std::variant<Threshold, std::string> parse_threshold(std::string_view text);
// Every figure that a threshold may name, for messages ("pNN" stands for any percentile).
[[nodiscard]] std::vector<std::string_view> threshold_figures();

// What the figure is now, in units of the figure; none without data.
[[nodiscard]] std::optional<double> observe(const Threshold& threshold,
                                            const stats::Snapshot& totals,
                                            const stats::Catalog& catalog, const Result& result);
[[nodiscard]] ThresholdResult evaluate(const Threshold& threshold, const stats::Snapshot& totals,
                                       const stats::Catalog& catalog, const Result& result);

}  // namespace boom::report
