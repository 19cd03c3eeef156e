#include "report/advice.hpp"
#include "report/files.hpp"
#include "report/page.hpp"
#include "report/text_style.hpp"

#include <fmt/format.h>

namespace boom::report {
namespace {

// XML 1.0 allows few control characters, and no broken UTF-8.
std::string escape(std::string_view text) {
    TextStyle style;
    style.charset = TextStyle::Charset::Utf8;
    return escape_html(clean_text(text, style));
}

struct Suite {
    std::string name;
    std::string cases;
    int tests = 0, failures = 0, errors = 0;
    double seconds = 0;

    // `kind` is "failure" or "error"; empty = passed.
    void add(std::string_view name_of_case, double took_s, std::string_view kind,
             std::string_view message) {
        ++tests;
        seconds += took_s;
        failures += kind == "failure" ? 1 : 0;
        errors += kind == "error" ? 1 : 0;
        const std::string begin =
            fmt::format("    <testcase classname=\"boom.{}\" name=\"{}\" time=\"{:.6f}\"",
                        escape(name), escape(name_of_case), took_s);
        cases += kind.empty() ? begin + "/>\n"
                              : fmt::format(
                                    "{}>\n      <{} message=\"{}\" type=\"{}\"/>\n"
                                    "    </testcase>\n",
                                    begin, kind, escape(message), name);
    }
    [[nodiscard]] std::string text(const Result& result) const {
        return fmt::format(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" "
            "time=\"{:.6f}\" timestamp=\"{}\">\n{}  </testsuite>\n",
            escape(name), tests, failures, errors, seconds,
            escape(result.run.started_at.substr(0, 19)), cases);
    }
};

std::string failures_of(const Result& result, const stats::StepSummary& step) {
    std::string text = fmt::format("{} of {} failed ({})", step.failures, step.requests,
                                   percent_text(step.error_ratio));
    for (const ErrorRow& row : result.errors) {
        if (row.step == step.info.name) {
            text += fmt::format("; {} x {}: {}", row.count, row.error_class, row.message);
            text += row.workers.empty() ? "" : " on " + workers_text(row);
        }
    }
    return text;
}

}  // namespace

std::string to_junit(const Result& result) {
    Suite run{"run", {}};
    const bool is_invalid = result.run.verdict == Verdict::Invalid;
    const bool has_nothing = result.run.exit_code == 96;
    run.add("run " + result.run.id, result.run.duration_s,
            is_invalid    ? "error"
            : has_nothing ? "failure"
                          : "",
            verdict_reason(result));
    Suite thresholds{"thresholds", {}};
    for (const ThresholdResult& one : result.thresholds) {
        thresholds.add(
            one.expression, 0, one.has_passed ? "" : "failure",
            one.observed ? fmt::format("observed {:.6g} {}", *one.observed, one.unit) : "no data");
    }
    Suite parts{"run_parts", {}};
    for (const auto* list : {&result.setup, &result.teardown}) {
        const std::string part = list == &result.setup ? "setup" : "teardown";
        for (const PartStep& step : *list) {
            parts.add(part + ": " + step.case_name + ": " + step.name,
                      static_cast<double>(step.time_us) / 1e6, step.has_passed() ? "" : "failure",
                      step.outcome + ": " + step.message);
        }
    }
    Suite steps{"steps", {}};
    for (const stats::StepSummary& step : result.steps) {
        if (step.info.kind == stats::StepKind::Request ||
            step.info.kind == stats::StepKind::WebSocket) {
            steps.add(step.info.case_name + ": " + step.info.name, step.response_time.mean / 1e6,
                      step.failures > 0 ? "failure" : "", failures_of(result, step));
        }
    }
    std::string suites;
    int tests = 0;
    int failures = 0;
    int errors = 0;
    for (const Suite& suite : {run, thresholds, parts, steps}) {
        if (suite.tests > 0) {
            suites += suite.text(result);
            tests += suite.tests;
            failures += suite.failures;
            errors += suite.errors;
        }
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"boom\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.6f}\">\n"
        "{}</testsuites>\n",
        tests, failures, errors, result.run.duration_s, suites);
}

}  // namespace boom::report
