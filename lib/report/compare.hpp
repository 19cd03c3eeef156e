#pragma once
// Two or more results side by side: the first is the base, the others are measured against it.
// Pure functions.

#include "report/result.hpp"
#include "report/text_style.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::report {

// One run's value of a figure against the base's.
struct Change {
    std::optional<double> value;     // µs, ratio or per second; none without samples
    std::optional<double> relative;  // (value - base) / base; none where that says nothing
    // More than chance explains, at 99 %: order statistics for percentiles, z-tests for means,
    // ratios and rates, all with the samples discounted by how much they hang together.
    bool is_significant = false;
    enum class Verdict { Same, Better, Worse } verdict = Verdict::Same;  // beyond `fail_over`
};

struct FigureRow {
    std::string_view name;  // "p95", "error_ratio", …
    bool is_time = false;
    std::vector<Change> changes;  // one per run; the first is the base itself
};

struct StepRow {
    stats::StepInfo info;  // "Total" for the last one
    bool is_total = false;
    std::vector<FigureRow> figures;
    std::vector<bool> is_there;  // per run
};

struct Comparison {
    std::vector<std::string> names;  // of the runs, as given
    std::vector<const Result*> runs;
    std::vector<std::string> warnings;  // why the runs may not be comparable
    double fail_over = 0;
    std::vector<StepRow> steps;
    int worse = 0, better = 0;  // figures
};

struct NamedResult {
    std::string name;  // its file
    const Result* result = nullptr;
};
// `fail_over`: the smallest relative change that counts. REQUIRES: at least two runs, which outlive
// the comparison.
[[nodiscard]] Comparison compare(const std::vector<NamedResult>& runs, double fail_over);

[[nodiscard]] std::string to_text(const Comparison& comparison, const TextStyle& style);
[[nodiscard]] std::string to_json(const Comparison& comparison);
[[nodiscard]] std::string to_html(const Comparison& comparison);

// Percentile `percent` lies between these, with 99 % confidence, when `effective` of the samples
// are independent.
struct Interval {
    double low = 0, high = 0;
};
[[nodiscard]] Interval percentile_interval(const stats::Histogram& samples, double percent,
                                           double effective);
// How many samples say as much as one independent sample, from how the medians of the run's seconds
// differ. A level that moves with time costs a mean more than it costs a percentile.
struct DesignEffect {
    double of_percentiles = 1;
    double of_mean = 1;
};
[[nodiscard]] DesignEffect design_effect(const Result& result);

}  // namespace boom::report
