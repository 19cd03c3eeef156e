// A comparison as text, JSON and page.
#include "report/advice.hpp"
#include "report/compare.hpp"
#include "report/console.hpp"
#include "report/page.hpp"
#include "report/result_value.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

namespace boom::report {
namespace {

using Verdict = Change::Verdict;

std::string_view word(Verdict verdict) {
    switch (verdict) {
        case Verdict::Same:
            return "same";
        case Verdict::Better:
            return "better";
        case Verdict::Worse:
            return "worse";
    }
    return "";
}

std::string value_text(const FigureRow& figure, const Change& change, const TextStyle& style) {
    if (!change.value) {
        return "-";
    }
    return figure.is_time                 ? time_text(*change.value, style)
           : figure.name == "error_ratio" ? percent_text(*change.value)
                                          : rate_text(*change.value);
}

std::string change_text(const Change& change) {
    if (!change.relative) {
        return "";
    }
    return fmt::format("{:+.1f} %{}", 100 * *change.relative, change.is_significant ? "" : " ~");
}

Json figures_json(const StepRow& step) {
    Json figures = Json::array();
    for (const FigureRow& figure : step.figures) {
        Json changes = Json::array();
        for (const Change& change : figure.changes) {
            changes.push_back({{"value", change.value ? Json(*change.value) : Json()},
                               {"relative", change.relative ? Json(*change.relative) : Json()},
                               {"significant", change.is_significant},
                               {"verdict", word(change.verdict)}});
        }
        figures.push_back({{"name", figure.name},
                           {"unit", figure.is_time                 ? "us"
                                    : figure.name == "error_ratio" ? "ratio"
                                                                   : "per_second"},
                           {"runs", std::move(changes)}});
    }
    return figures;
}

Json value_of(const Comparison& comparison) {
    Json runs = Json::array();
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const Result& run = *comparison.runs[i];
        runs.push_back({{"file", comparison.names[i]},
                        {"id", run.run.id},
                        {"started_at", run.run.started_at},
                        {"duration_s", run.run.duration_s},
                        {"verdict", verdict_word(run)},
                        {"tags", run.run.tags}});
    }
    Json steps = Json::array();
    for (const StepRow& step : comparison.steps) {
        steps.push_back({{"name", step.info.name},
                         {"case", step.info.case_name},
                         {"method", step.info.method},
                         {"total", step.is_total},
                         {"figures", figures_json(step)}});
    }
    return {{"schema", 1},
            {"kind", "comparison"},
            {"fail_over", comparison.fail_over},
            {"worse", comparison.worse},
            {"better", comparison.better},
            {"warnings", comparison.warnings},
            {"runs", std::move(runs)},
            {"steps", std::move(steps)}};
}

std::string verdict_text(const Comparison& comparison) {
    return comparison.worse > 0
               ? fmt::format("{} figures are worse by more than {:g} %", comparison.worse,
                             100 * comparison.fail_over)
               : fmt::format("nothing is worse by more than {:g} %", 100 * comparison.fail_over);
}

std::string step_text(const Comparison& comparison, const StepRow& step, const TextStyle& style) {
    std::string title = step.info.name;
    if (!step.info.method.empty()) {
        title += "  (" + step.info.method + ")";
    }
    std::vector<Column> columns{{fit_text(title, 60, style), Align::Left, Column::kNeeded}};
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const int importance = 90 - static_cast<int>(std::min<std::size_t>(i, 40));
        columns.push_back(
            {i == 0 ? "base" : fmt::format("run {}", i + 1), Align::Right, importance});
        if (i > 0) {
            columns.push_back({"change", Align::Right, importance});
            columns.push_back({"", Align::Left, importance});
        }
    }
    TextTable table(std::move(columns));
    for (const FigureRow& figure : step.figures) {
        std::vector<std::string> cells{"  " + std::string(figure.name)};
        Verdict worst = Verdict::Same;
        for (std::size_t i = 0; i < figure.changes.size(); ++i) {
            const Change& change = figure.changes[i];
            cells.push_back(value_text(figure, change, style));
            if (i > 0) {
                cells.push_back(change_text(change));
                cells.emplace_back(change.verdict == Verdict::Same ? "" : word(change.verdict));
            }
            worst =
                change.verdict == Verdict::Worse || worst == Verdict::Same ? change.verdict : worst;
        }
        if (worst == Verdict::Same) {
            table.add(std::move(cells));
        } else {
            table.add(std::move(cells), worst == Verdict::Worse ? Ink::Bad : Ink::Good);
        }
    }
    return "\n" + table.text(style);
}

}  // namespace

std::string to_text(const Comparison& comparison, const TextStyle& style) {
    std::string text =
        paint(verdict_text(comparison), comparison.worse > 0 ? Ink::Bad : Ink::Good, style) + "\n";
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const RunInfo& run = comparison.runs[i]->run;
        text += fmt::format("{:<6}  {}  run {}  {}  {}\n",
                            i == 0 ? "base" : fmt::format("run {}", i + 1),
                            clean_text(comparison.names[i], style), clean_text(run.id, style),
                            clean_text(run.started_at, style), seconds_text(run.duration_s));
    }
    for (const std::string& warning : comparison.warnings) {
        text += paint("warning: ", Ink::Warning, style) + clean_text(warning, style) + "\n";
    }
    for (const StepRow& step : comparison.steps) {
        text += step_text(comparison, step, style);
    }
    return text + "\n~ not more than chance explains\n";
}

std::string to_json(const Comparison& comparison) {
    return dump(value_of(comparison), 2);
}

std::string to_html(const Comparison& comparison) {
    Json value = value_of(comparison);
    Json results = Json::array();
    for (const Result* run : comparison.runs) {
        results.push_back(page_value(*run));
    }
    value["results"] = std::move(results);
    Page page;
    page.title = "comparison: " + verdict_text(comparison);
    page.heading = verdict_text(comparison);
    page.subtitle = fmt::format("{} runs; the first is the base", comparison.runs.size());
    page.script = PagePart::Compare;
    page.entry = "compare";
    page.data = dump(value, -1);
    return make_page(page);
}

}  // namespace boom::report
