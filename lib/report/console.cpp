#include "report/console.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::report {
namespace {

constexpr std::size_t kMaxErrors = 10;
constexpr std::size_t kMaxWorkers = 20;

std::string time_text(double us) {
    if (us < 1000) {
        return fmt::format("{:.0f} us", us);
    }
    return us < 1e6 ? fmt::format("{:.2f} ms", us / 1e3) : fmt::format("{:.2f} s", us / 1e6);
}
std::string time_text(std::int64_t us) {
    return time_text(static_cast<double>(us));
}

std::string paint(std::string_view text, std::string_view code, const TextStyle& style) {
    return style.color == TextStyle::Color::On ? fmt::format("\x1b[{}m{}\x1b[0m", code, text)
                                               : std::string(text);
}

// At most `width` columns; ASCII names are cut by bytes, others a little earlier.
std::string fit(std::string_view text, std::size_t width) {
    return text.size() <= width ? std::string(text) : base::shorten(text, width - 1);
}

std::string verdict_line(const Result& result, const TextStyle& style) {
    const RunInfo& run = result.run;
    std::string text = run.verdict == Verdict::Passed   ? "passed"
                       : run.verdict == Verdict::Failed ? "failed"
                                                        : "invalid";
    std::string why;
    switch (run.exit_code) {
        case 96:
            why = "no request succeeded";
            break;
        case 97:
            why = "the load could not be delivered";
            break;
        case 98:
            why = "a worker was lost";
            break;
        case 99:
            why = "a threshold failed";
            break;
        case 101:
            why = "refused before the start";
            break;
        case 103:
            why = "not enough workers in time";
            break;
        case 105:
            why = "stopped by a signal";
            break;
        default:
            break;
    }
    const std::string_view color = run.verdict == Verdict::Passed ? "32;1" : "31;1";
    return fmt::format("{}{}{}  (exit code {}, run {}, {:.1f} s)\n", paint(text, color, style),
                       why.empty() ? "" : ": ", why, run.exit_code, run.id, run.duration_s);
}

std::string table_row(const stats::StepSummary& step, std::size_t name_width) {
    const stats::Distribution& time = step.response_time;
    return fmt::format("{:<{}} {:>10} {:>8} {:>9.1f} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
                       fit(step.is_total ? "Total" : step.info.name, name_width), name_width,
                       step.requests, step.failures, step.requests_per_second, time_text(time.mean),
                       time_text(time.p50), time_text(time.p90), time_text(time.p95),
                       time_text(time.p99), time_text(time.max));
}

std::string error_lines(const Result& result, const TextStyle& style) {
    std::string text;
    for (std::size_t i = 0; i < std::min(result.errors.size(), kMaxErrors); ++i) {
        const ErrorRow& row = result.errors[i];
        text += fmt::format("  {:>8}  {:<18} {}: {}\n", row.count, row.error_class,
                            fit(row.step, 24), fit(row.message, 60));
    }
    if (result.errors.size() > kMaxErrors) {
        text += fmt::format("  and {} more kinds\n", result.errors.size() - kMaxErrors);
    }
    return text.empty() ? text : "\n" + paint("errors", "1", style) + "\n" + text;
}

std::string worker_lines(const Result& result, const TextStyle& style) {
    std::string text =
        fmt::format("\n{}  {}\n", paint("workers", "1", style), result.workers.size());
    for (std::size_t i = 0; i < std::min(result.workers.size(), kMaxWorkers); ++i) {
        const WorkerResult& worker = result.workers[i];
        text += fmt::format("  {:<40} users {:>6}  requests {:>10}  failures {:>8}{}\n",
                            fit(worker.id, 40), worker.users_peak, worker.requests, worker.failures,
                            worker.is_lost ? "  lost" : "");
    }
    return text;
}

}  // namespace

std::string progress_line(const Result& result, const TextStyle& style) {
    double rps = 0;
    std::int64_t p50 = 0;
    std::int64_t p95 = 0;
    // The last whole second; the newest row is still filling.
    if (!result.timeline.empty()) {
        const std::size_t last = result.timeline.size() > 1 ? result.timeline.size() - 2 : 0;
        const stats::TimelineRow& row = result.timeline[last];
        rps = row.requests_per_second();
        p50 = row.p50_us;
        p95 = row.p95_us;
    }
    const std::string failures = fmt::format("{} failed", result.total.failures);
    return fmt::format(
        "{:>6.0f}s  {:<8}  users {}/{}  workers {}  {:.0f} req/s  {}  p50 {}  p95 {}",
        result.run.duration_s, result.state_name, result.users, result.target_users,
        result.workers_active, rps,
        result.total.failures > 0 ? paint(failures, "31", style) : failures, time_text(p50),
        time_text(p95));
}

std::string final_report(const Result& result, const TextStyle& style) {
    constexpr std::size_t kFigures = 92;
    const std::size_t name_width =
        std::clamp<std::size_t>(static_cast<std::size_t>(std::max(style.width, 0)) > kFigures
                                    ? static_cast<std::size_t>(style.width) - kFigures
                                    : 0,
                                24, 60);
    std::string text = verdict_line(result, style);
    text += fmt::format("\n{:<{}} {:>10} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "step",
                        name_width, "requests", "failures", "req/s", "mean", "p50", "p90", "p95",
                        "p99", "max");
    for (const stats::StepSummary& step : result.steps) {
        text += table_row(step, name_width);
    }
    text += table_row(result.total, name_width);
    const stats::Iterations& iterations = result.iterations;
    text += fmt::format(
        "\niterations  {} started, {} finished, {} failed, {} interrupted\n"
        "transactions  {} passed, {} failed\n"
        "connections  {} opened, {} reused, {} failed; {} exchanges\n",
        iterations.started, iterations.finished, iterations.failed, iterations.interrupted,
        result.transactions.passed, result.transactions.failed, result.connections.opened,
        result.connections.reused, result.connections.failed, result.connections.exchanges);
    text += error_lines(result, style);
    text += worker_lines(result, style);
    if (result.run.is_degraded) {
        text += paint("degraded", "33;1", style) + "\n";
    }
    for (const std::string& note : result.run.notes) {
        text += "note: " + note + "\n";
    }
    return text;
}

}  // namespace boom::report
