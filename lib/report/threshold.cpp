#include "report/threshold.hpp"

#include "base/duration.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace boom::report {
namespace {

enum class Kind { Time, Ratio, Number, Bytes };

struct Figure {
    std::string_view name;
    Kind kind = Kind::Number;
};
// Of steps or of the run; those of `kRunFigures` of the run alone. Percentiles are added to these.
constexpr std::array kStepFigures{
    Figure{"requests", Kind::Number},    Figure{"failures", Kind::Number},
    Figure{"interrupted", Kind::Number}, Figure{"error_ratio", Kind::Ratio},
    Figure{"rps", Kind::Number},         Figure{"failures_per_second", Kind::Number},
    Figure{"bytes_sent", Kind::Bytes},   Figure{"bytes_received", Kind::Bytes},
    Figure{"min", Kind::Time},           Figure{"mean", Kind::Time},
    Figure{"stddev", Kind::Time},        Figure{"max", Kind::Time},
    Figure{"pNN", Kind::Time},           Figure{"service_min", Kind::Time},
    Figure{"service_mean", Kind::Time},  Figure{"service_stddev", Kind::Time},
    Figure{"service_max", Kind::Time},   Figure{"service_pNN", Kind::Time}};
constexpr std::array kRunFigures{Figure{"iterations_started", Kind::Number},
                                 Figure{"iterations_finished", Kind::Number},
                                 Figure{"iterations_failed", Kind::Number},
                                 Figure{"iterations_dropped", Kind::Number},
                                 Figure{"iterations_interrupted", Kind::Number},
                                 Figure{"transactions_passed", Kind::Number},
                                 Figure{"transactions_failed", Kind::Number},
                                 Figure{"connections_failed", Kind::Number},
                                 Figure{"lateness_pNN", Kind::Time}};

struct Alias {
    std::string_view other, ours;
};
constexpr std::array kAliases{Alias{"avg", "mean"},
                              Alias{"med", "p50"},
                              Alias{"median", "p50"},
                              Alias{"count", "requests"},
                              Alias{"rate", "rps"},
                              Alias{"error_rate", "error_ratio"},
                              Alias{"dropped", "iterations_dropped"}};

// The percent of "p99.9" or "p(99.9)"; none for anything else.
std::optional<double> percent_of(std::string_view name) {
    if (name.size() < 2 || name.front() != 'p') {
        return std::nullopt;
    }
    name.remove_prefix(1);
    if (name.front() == '(' && name.back() == ')') {
        name = name.substr(1, name.size() - 2);
    }
    const auto percent = base::parse_real(name);
    return percent && std::isfinite(*percent) && *percent >= 0 && *percent <= 100 ? percent
                                                                                  : std::nullopt;
}

struct NamedFigure {
    std::string name;
    Kind kind = Kind::Number;
    bool is_of_run = false;
};

// The percentile's name without its prefix: "service_p95" is "p95" of the service time.
std::optional<NamedFigure> find_figure(std::string_view typed) {
    for (const Alias& alias : kAliases) {
        typed = typed == alias.other ? alias.ours : typed;
    }
    for (const std::string_view prefix : {"", "service_", "lateness_"}) {
        if (typed.substr(0, prefix.size()) == prefix) {
            if (const auto percent = percent_of(typed.substr(prefix.size()))) {
                return NamedFigure{fmt::format("{}p{:g}", prefix, *percent), Kind::Time,
                                   prefix == "lateness_"};
            }
        }
    }
    for (const Figure& figure : kStepFigures) {
        if (figure.name == typed) {
            return NamedFigure{std::string(typed), figure.kind, false};
        }
    }
    for (const Figure& figure : kRunFigures) {
        if (figure.name == typed) {
            return NamedFigure{std::string(typed), figure.kind, true};
        }
    }
    return std::nullopt;
}

struct Unit {
    Kind kind;
    std::string_view name;
    double scale;
};
constexpr std::array kUnits{
    Unit{Kind::Time, "us", 1},    Unit{Kind::Time, "\u00b5s", 1}, Unit{Kind::Time, "ms", 1e3},
    Unit{Kind::Time, "s", 1e6},   Unit{Kind::Time, "m", 60e6},    Unit{Kind::Ratio, "", 1},
    Unit{Kind::Ratio, "%", 0.01}, Unit{Kind::Number, "", 1},      Unit{Kind::Bytes, "", 1},
    Unit{Kind::Bytes, "B", 1},    Unit{Kind::Bytes, "kB", 1e3},   Unit{Kind::Bytes, "MB", 1e6},
    Unit{Kind::Bytes, "GB", 1e9}};

std::string read_bound(std::string_view text, Kind kind, Threshold& threshold) {
    const std::size_t digits = text.find_first_not_of("0123456789.eE+-");
    const std::string_view number = base::trim(text.substr(0, digits));
    const std::string_view unit =
        digits == std::string_view::npos ? "" : base::trim(text.substr(digits));
    const auto value = base::parse_real(number);
    if (!value || !std::isfinite(*value)) {
        return fmt::format("'{}' is no number", base::shorten(text, 40));
    }
    for (const Unit& known : kUnits) {
        if (known.kind == kind && known.name == unit) {
            threshold.bound = *value;
            threshold.unit = unit;
            threshold.scale = known.scale;
            return {};
        }
    }
    if (kind == Kind::Time && unit.empty()) {
        return fmt::format("{} needs a unit, e.g. {}ms", threshold.figure, number);
    }
    return fmt::format("'{}' is no unit of {}", unit, threshold.figure);
}

struct Comparison {
    std::string_view text;
    Threshold::Operator value;
};
// Longer ones first: "<=" is not "<".
constexpr std::array kComparisons{Comparison{"<=", Threshold::Operator::LessOrEqual},
                                  Comparison{">=", Threshold::Operator::GreaterOrEqual},
                                  Comparison{"==", Threshold::Operator::Equal},
                                  Comparison{"!=", Threshold::Operator::NotEqual},
                                  Comparison{"<", Threshold::Operator::Less},
                                  Comparison{">", Threshold::Operator::Greater}};

std::string read_labels(std::string_view text, StepFilter& filter) {
    for (const std::string_view part : base::split_text(text, ',')) {
        const std::size_t equals = part.find('=');
        const std::string_view key = base::trim(part.substr(0, equals));
        std::string* const field = key == "step"     ? &filter.step
                                   : key == "case"   ? &filter.case_name
                                   : key == "method" ? &filter.method
                                   : key == "type"   ? &filter.type
                                                     : nullptr;
        if (equals == std::string_view::npos || field == nullptr) {
            return fmt::format("'{}' is no label; known: step, case, method, type", part);
        }
        *field = base::trim(part.substr(equals + 1));
    }
    return {};
}

// "login:p99" or "{method=GET}:p99" or "p99"; names of steps may contain colons.
std::string read_left(std::string_view text, Threshold& threshold, NamedFigure& figure) {
    const std::size_t colon = text.rfind(':');
    const std::string_view name =
        base::trim(colon == std::string_view::npos ? text : text.substr(colon + 1));
    const auto found = find_figure(name);
    if (!found) {
        const std::vector<std::string_view> known = threshold_figures();
        const std::string hint = base::did_you_mean(name, known);
        return fmt::format("'{}' is no figure{}{}", base::shorten(name, 40),
                           hint.empty() ? "" : ", ", hint);
    }
    figure = *found;
    threshold.figure = found->name;
    if (colon == std::string_view::npos) {
        return {};
    }
    const std::string_view selector = base::trim(text.substr(0, colon));
    if (found->is_of_run) {
        return fmt::format("{} is a figure of the run, not of steps", found->name);
    }
    if (selector.size() >= 2 && selector.front() == '{' && selector.back() == '}') {
        return read_labels(selector.substr(1, selector.size() - 2), threshold.filter);
    }
    threshold.filter.step = selector;
    return selector.empty() ? "a step's name is missing before ':'" : "";
}

std::string read_option(std::string_view text, Threshold& threshold) {
    const std::size_t equals = text.find('=');
    const std::string_view key = base::trim(text.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? "true" : base::trim(text.substr(equals + 1));
    if (key == "delay") {
        const auto delay = base::parse_duration(value);
        threshold.delay = delay.value_or(base::Duration{});
        return delay ? "" : "delay must be a duration such as 10s";
    }
    if (key != "abort_on_fail" && key != "allow_empty") {
        return fmt::format("'{}' is no option; known: abort_on_fail, delay, allow_empty", key);
    }
    if (value != "true" && value != "false") {
        return fmt::format("{} must be true or false", key);
    }
    (key == "abort_on_fail" ? threshold.aborts : threshold.may_be_empty) = value == "true";
    return {};
}

}  // namespace

std::vector<std::string_view> threshold_figures() {
    std::vector<std::string_view> names;
    for (const Figure& figure : kStepFigures) {
        names.push_back(figure.name);
    }
    for (const Figure& figure : kRunFigures) {
        names.push_back(figure.name);
    }
    return names;
}

std::variant<Threshold, std::string> parse_threshold(std::string_view text) {
    Threshold threshold;
    const std::vector<std::string_view> parts = base::split_text(text, ';');
    const std::string_view condition = base::trim(parts.front());
    threshold.expression = condition;
    // The last comparison: names of steps may contain such characters too.
    std::size_t at = condition.find_last_of("<>=");
    if (at == std::string_view::npos || at == 0) {
        return fmt::format("'{}' is no condition such as p95<200ms", base::shorten(condition, 60));
    }
    at = condition[at] == '=' ? at - 1 : at;
    for (const Comparison& one : kComparisons) {
        if (condition.substr(at, one.text.size()) != one.text) {
            continue;
        }
        threshold.comparison = one.value;
        NamedFigure figure;
        std::string what = read_left(base::trim(condition.substr(0, at)), threshold, figure);
        if (what.empty()) {
            what = read_bound(base::trim(condition.substr(at + one.text.size())), figure.kind,
                              threshold);
        }
        for (std::size_t i = 1; i < parts.size() && what.empty(); ++i) {
            what = read_option(base::trim(parts[i]), threshold);
        }
        return what.empty() ? std::variant<Threshold, std::string>(std::move(threshold)) : what;
    }
    return fmt::format("'{}' has no comparison; known: < <= > >= == !=",
                       base::shorten(condition, 60));
}

}  // namespace boom::report
