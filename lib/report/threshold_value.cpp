// What a threshold is compared with.
#include "base/text.hpp"
#include "report/threshold.hpp"

namespace boom::report {
namespace {

std::optional<double> time_figure(std::string_view name, const stats::Histogram& times) {
    if (times.is_empty()) {
        return std::nullopt;
    }
    const stats::Histogram::Moments moments = times.moments();
    if (name == "min") {
        return static_cast<double>(moments.min_us);
    }
    if (name == "max") {
        return static_cast<double>(moments.max_us);
    }
    if (name == "mean") {
        return times.mean_us();
    }
    if (name == "stddev") {
        return times.stddev_us();
    }
    const auto percent = base::parse_real(name.substr(1));
    return percent ? std::optional(static_cast<double>(times.percentile_us(*percent)))
                   : std::nullopt;
}

std::optional<double> run_figure(std::string_view name, const stats::Snapshot& totals) {
    constexpr std::string_view kLateness = "lateness_";
    if (name.substr(0, kLateness.size()) == kLateness) {
        return time_figure(name.substr(kLateness.size()), totals.lateness);
    }
    const stats::Iterations& iterations = totals.iterations;
    const std::pair<std::string_view, std::int64_t> figures[] = {
        {"iterations_started", iterations.started},
        {"iterations_finished", iterations.finished},
        {"iterations_failed", iterations.failed},
        {"iterations_dropped", iterations.dropped},
        {"iterations_interrupted", iterations.interrupted},
        {"transactions_passed", totals.transactions.passed},
        {"transactions_failed", totals.transactions.failed},
        {"connections_failed", totals.connections.failed}};
    for (const auto& [known, value] : figures) {
        if (known == name) {
            // Before anything began there is nothing to judge.
            return iterations.started > 0 ? std::optional(static_cast<double>(value))
                                          : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<double> step_figure(std::string_view name, const stats::StepStats& step,
                                  double seconds) {
    constexpr std::string_view kService = "service_";
    if (step.requests == 0 && step.interrupted == 0) {
        return std::nullopt;
    }
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    if (name == "requests") {
        return number(step.requests);
    }
    if (name == "failures") {
        return number(step.failures);
    }
    if (name == "interrupted") {
        return number(step.interrupted);
    }
    if (name == "bytes_sent") {
        return number(step.bytes_sent);
    }
    if (name == "bytes_received") {
        return number(step.bytes_received);
    }
    if (name == "error_ratio") {
        return step.requests > 0 ? std::optional(number(step.failures) / number(step.requests))
                                 : std::nullopt;
    }
    if (name == "rps" || name == "failures_per_second") {
        const double count = number(name == "rps" ? step.requests : step.failures);
        return seconds > 0 ? std::optional(count / seconds) : std::nullopt;
    }
    return name.substr(0, kService.size()) == kService
               ? time_figure(name.substr(kService.size()), step.service_time)
               : time_figure(name, step.response_time);
}

bool holds(double value, Threshold::Operator comparison, double bound) {
    switch (comparison) {
        case Threshold::Operator::Less:
            return value < bound;
        case Threshold::Operator::LessOrEqual:
            return value <= bound;
        case Threshold::Operator::Greater:
            return value > bound;
        case Threshold::Operator::GreaterOrEqual:
            return value >= bound;
        case Threshold::Operator::Equal:
            return !(value < bound) && !(value > bound);
        case Threshold::Operator::NotEqual:
            return value < bound || value > bound;
    }
    return false;
}

}  // namespace

bool StepFilter::is_empty() const {
    return step.empty() && case_name.empty() && method.empty() && type.empty();
}

bool StepFilter::matches(const stats::StepInfo& info) const {
    return (step.empty() || step == info.name) &&
           (case_name.empty() || case_name == info.case_name) &&
           (method.empty() || base::equals_ignoring_case(method, info.method)) &&
           (type.empty() || type == stats::name(info.kind));
}

std::optional<double> observe(const Threshold& threshold, const stats::Snapshot& totals,
                              const stats::Catalog& catalog, const Result& result) {
    if (const auto value = run_figure(threshold.figure, totals)) {
        return value;
    }
    const double seconds = result.run.duration_s;
    if (threshold.filter.is_empty()) {
        return step_figure(threshold.figure, totals.total(stats::kMainPhase, catalog), seconds);
    }
    stats::StepStats sum;
    for (std::size_t i = 0; i < catalog.steps.size(); ++i) {
        const stats::StepId id{static_cast<std::int32_t>(i)};
        const stats::StepStats* step = totals.find(stats::kMainPhase, id);
        if (step != nullptr && threshold.filter.matches(catalog.steps[i])) {
            sum.add(*step);
        }
    }
    for (const auto& [key, value] : totals.named) {
        stats::StepInfo info = catalog.at(key.step);
        // Under its written name the whole step was found above.
        if (!threshold.filter.matches(info)) {
            info.name = key.name;
            if (threshold.filter.matches(info)) {
                sum.add(value);
            }
        }
    }
    return step_figure(threshold.figure, sum, seconds);
}

ThresholdResult evaluate(const Threshold& threshold, const stats::Snapshot& totals,
                         const stats::Catalog& catalog, const Result& result) {
    ThresholdResult verdict;
    verdict.expression = threshold.expression;
    verdict.bound = threshold.bound;
    verdict.unit = threshold.unit;
    const auto value = observe(threshold, totals, catalog, result);
    if (!value) {
        verdict.has_passed = threshold.may_be_empty;
        return verdict;
    }
    verdict.observed = *value / threshold.scale;
    verdict.has_passed = holds(*verdict.observed, threshold.comparison, threshold.bound);
    return verdict;
}

}  // namespace boom::report
