// The end of a run as text, and its progress as one line.
#include "report/console.hpp"

#include "report/advice.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::report {
namespace {

constexpr std::size_t kMaxErrorRows = 5;  // of each class
constexpr std::size_t kMaxErrorClasses = 10;
constexpr std::size_t kMaxWorkers = 20;
constexpr double kHotPercent = 90;  // of a worker's CPU: its measurements are suspect

std::string heading(std::string_view title, const TextStyle& style) {
    return "\n" + paint(title, Ink::Bold, style) + "\n";
}

std::size_t room(const TextStyle& style, std::size_t used) {
    const auto width = static_cast<std::size_t>(std::max(style.width, 20));
    return width > used + 8 ? width - used : 8;
}

std::string verdict_line(const Result& result, const TextStyle& style) {
    const RunInfo& run = result.run;
    const std::string_view why = verdict_reason(result);
    const Ink ink = run.verdict == Verdict::Passed ? Ink::Good : Ink::Bad;
    std::string text = paint(verdict_word(result), ink, style);
    if (!why.empty()) {
        text += fmt::format(": {}", why);
    }
    text += fmt::format("  ({}, exit code {})\n", seconds_text(run.duration_s), run.exit_code);
    std::string cases;
    for (const CaseInfo& info : run.cases) {
        cases += (cases.empty() ? "" : ", ") + info.name;
    }
    text += fit_text(fmt::format("run {}  {}", run.id, cases), room(style, 0), style) + "\n";
    return text;
}

std::vector<Column> step_columns() {
    constexpr int kNeeded = Column::kNeeded;
    return {{"step, whole run", Align::Left, kNeeded},
            {"requests", Align::Right, kNeeded},
            {"failed", Align::Right, 90},
            {"failed %", Align::Right, 50},
            {"req/s", Align::Right, 80},
            {"mean", Align::Right, 40},
            {"p50", Align::Right, 70},
            {"p90", Align::Right, 45},
            {"p95", Align::Right, kNeeded},
            {"p99", Align::Right, 60},
            {"p99.9", Align::Right, 30},
            {"max", Align::Right, 55},
            {"received", Align::Right, 20}};
}

std::vector<std::string> step_cells(const std::string& name, const stats::StepSummary& step,
                                    const TextStyle& style) {
    const stats::Distribution& time = step.response_time;
    // No sample is no time: a dash and never a zero.
    const auto cell = [&](double us) {
        return time.count > 0 ? time_text(us, style) : std::string("-");
    };
    const auto percentile = [&](std::int64_t us) { return cell(static_cast<double>(us)); };
    return {name,
            fmt::format("{}", step.requests),
            fmt::format("{}", step.failures),
            percent_text(step.error_ratio),
            rate_text(step.requests_per_second),
            cell(time.mean),
            percentile(time.p50),
            percentile(time.p90),
            percentile(time.p95),
            percentile(time.p99),
            percentile(time.p999),
            percentile(time.max),
            bytes_text(static_cast<double>(step.bytes_received))};
}

std::string step_table(const Result& result, const TextStyle& style) {
    TextTable table(step_columns());
    for (const stats::StepSummary& step : result.steps) {
        auto cells = step_cells(clean_text(step.info.name, style), step, style);
        if (step.failures > 0) {
            table.add(std::move(cells), Ink::Bad);
        } else {
            table.add(std::move(cells));
        }
    }
    table.add(step_cells("Total", result.total, style), Ink::Bold);
    return "\n" + table.text(style);
}

std::string stage_table(const Result& result, const TextStyle& style) {
    if (result.stages.empty()) {
        return {};
    }
    std::vector<Column> columns = step_columns();
    columns[0].title = "stage";
    TextTable table(std::move(columns));
    for (const StageResult& stage : result.stages) {
        const std::string name = fmt::format("{}  {}..{}", clean_text(stage.name, style),
                                             seconds_text(stage.from_s), seconds_text(stage.to_s));
        table.add(step_cells(name, stage.total, style));
    }
    return "\n" + table.text(style);
}

std::string threshold_lines(const Result& result, const TextStyle& style) {
    std::string text;
    for (const ThresholdResult& one : result.thresholds) {
        const std::string_view word = one.has_passed ? "passed" : "failed";
        const std::string observed =
            one.observed ? fmt::format("observed {:.4g} {}", *one.observed, one.unit) : "no data";
        text +=
            fmt::format("  {}  {}  {}\n", paint(word, one.has_passed ? Ink::Good : Ink::Bad, style),
                        clean_text(one.expression, style), clean_text(observed, style));
    }
    return text.empty() ? text : heading("thresholds", style) + text;
}

std::string part_lines(std::string_view title, const std::vector<PartStep>& steps,
                       const TextStyle& style) {
    std::string text;
    for (const PartStep& step : steps) {
        const std::string word =
            paint(step.outcome, step.has_passed() ? Ink::Good : Ink::Bad, style);
        const std::string rest = step.name + (step.message.empty() ? "" : ": " + step.message);
        text += fmt::format("  {}  {:>3}  {:>8}  {}\n", word, step.status,
                            time_text(static_cast<double>(step.time_us), style),
                            fit_text(rest, room(style, 30), style));
    }
    return text.empty() ? text : heading(title, style) + text;
}

std::string error_lines(const Result& result, const TextStyle& style) {
    const std::vector<ErrorClass> groups = group_errors(result);
    if (groups.empty()) {
        return {};
    }
    std::string text =
        heading(fmt::format("errors  {} of {} requests ({})", result.total.failures,
                            result.total.requests, percent_text(result.total.error_ratio)),
                style);
    for (std::size_t i = 0; i < std::min(groups.size(), kMaxErrorClasses); ++i) {
        const ErrorClass& group = groups[i];
        text += fmt::format("  {:>8}  {:>7}  {}\n", group.count, percent_text(group.share),
                            paint(clean_text(group.name, style), Ink::Bad, style));
        for (std::size_t k = 0; k < std::min(group.rows.size(), kMaxErrorRows); ++k) {
            const ErrorRow& row = *group.rows[k];
            const std::string line = fmt::format("{}: {}  ({:.0f} s to {:.0f} s)", row.step,
                                                 row.message, row.first_s, row.last_s);
            text +=
                fmt::format("    {:>8}  {}\n", row.count, fit_text(line, room(style, 14), style));
            if (!row.workers.empty()) {
                text += fmt::format("              on {}\n",
                                    fit_text(workers_text(row), room(style, 17), style));
            }
        }
        if (group.rows.size() > kMaxErrorRows) {
            text +=
                fmt::format("              and {} more texts\n", group.rows.size() - kMaxErrorRows);
        }
    }
    if (groups.size() > kMaxErrorClasses) {
        text += fmt::format("  and {} more classes\n", groups.size() - kMaxErrorClasses);
    }
    return text;
}

std::string worker_lines(const Result& result, const TextStyle& style) {
    constexpr int kNeeded = Column::kNeeded;
    TextTable table({{fmt::format("workers: {}", result.workers.size()), Align::Left, kNeeded},
                     {"users", Align::Right, 50},
                     {"requests", Align::Right, kNeeded},
                     {"failed", Align::Right, 40},
                     {"cpu", Align::Right, 60},
                     {"late p99", Align::Right, 30},
                     {"", Align::Left, 70}});
    const std::vector<const WorkerResult*> workers = workers_by_load(result);
    for (std::size_t i = 0; i < std::min(workers.size(), kMaxWorkers); ++i) {
        const WorkerResult& worker = *workers[i];
        std::vector<std::string> cells{
            clean_text(worker.name.empty() ? worker.id : worker.name, style),
            fmt::format("{}", worker.users_peak),
            fmt::format("{}", worker.requests),
            fmt::format("{}", worker.failures),
            fmt::format("{:.0f} %", worker.cpu_percent_max),
            time_text(static_cast<double>(worker.lateness_p99_us), style),
            worker.is_lost ? "lost" : ""};
        if (worker.is_lost) {
            table.add(std::move(cells), Ink::Bad);
        } else if (worker.cpu_percent_max >= kHotPercent) {
            table.add(std::move(cells), Ink::Warning);
        } else {
            table.add(std::move(cells));
        }
    }
    std::string text = "\n" + table.text(style);
    if (result.workers.size() > kMaxWorkers) {
        text += fmt::format("and {} more\n", result.workers.size() - kMaxWorkers);
    }
    return text;
}

std::string count_lines(const Result& result) {
    const stats::Iterations& iterations = result.iterations;
    const stats::Connections& connections = result.connections;
    return fmt::format(
        "\niterations    {} started, {} finished, {} failed, {} interrupted{}\n"
        "transactions  {} passed, {} failed\n"
        "connections   {} opened, {} reused, {} failed; {} exchanges\n",
        iterations.started, iterations.finished, iterations.failed, iterations.interrupted,
        iterations.dropped > 0 ? fmt::format(", {} dropped", iterations.dropped) : "",
        result.transactions.passed, result.transactions.failed, connections.opened,
        connections.reused, connections.failed, connections.exchanges);
}

std::string health_lines(const Result& result, const TextStyle& style) {
    const Health& health = result.health;
    std::string text = fmt::format(
        "health        {}; asked {:g}, reached {:g}; late p99 {}\n",
        health.limited_by ? paint("limited by " + *health.limited_by, Ink::Warning, style)
                          : "not limited by the generator",
        health.asked, health.reached, time_text(static_cast<double>(health.lateness.p99), style));
    if (result.run.is_degraded) {
        text += paint("degraded", Ink::Warning, style) +
                "      the load was not what was asked for all the time\n";
    }
    for (const std::string& note : result.run.notes) {
        text += "note: " + clean_text(note, style) + "\n";
    }
    for (const std::string& next : advice(result)) {
        text += paint("next: ", Ink::Warning, style) + next + "\n";
    }
    return text;
}

}  // namespace

std::string progress_line(const Result& result, const TextStyle& style) {
    const stats::TimelineRow row = last_whole_second(result);
    const std::string failures = fmt::format("{} failed", result.total.failures);
    std::string waits;
    for (const std::string& wait : result.waits) {
        waits += "  | " + clean_text(wait, style);
    }
    return fmt::format(
        "{:>6.0f}s  {:<8}  users {}/{}  workers {}  {:.0f} req/s  {}  p50 {}  p95 {}{}",
        result.run.duration_s, result.state_name, result.users, result.target_users,
        result.workers_active, row.requests_per_second(),
        result.total.failures > 0 ? paint(failures, Ink::Bad, style) : failures,
        time_text(static_cast<double>(row.p50_us), style),
        time_text(static_cast<double>(row.p95_us), style), waits);
}

std::string final_report(const Result& result, const TextStyle& style) {
    return verdict_line(result, style) + part_lines("setup of the run", result.setup, style) +
           part_lines("teardown of the run", result.teardown, style) +
           threshold_lines(result, style) + step_table(result, style) + stage_table(result, style) +
           error_lines(result, style) + worker_lines(result, style) + count_lines(result) +
           health_lines(result, style);
}

}  // namespace boom::report
