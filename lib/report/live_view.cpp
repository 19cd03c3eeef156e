// A running test on a terminal, redrawn in place.
#include "report/advice.hpp"
#include "report/console.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace boom::report {
namespace {

constexpr std::size_t kSparkSeconds = 40;

std::size_t width_of(const TextStyle& style) {
    return static_cast<std::size_t>(std::max(style.width, 10));
}

std::string bar(double share, std::size_t width, const TextStyle& style) {
    const auto full = static_cast<std::size_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
    const bool is_utf8 = style.charset == TextStyle::Charset::Utf8;
    std::string text;
    for (std::size_t i = 0; i < width; ++i) {
        text += i < full ? (is_utf8 ? "\u2588" : "#") : (is_utf8 ? "\u2591" : "-");
    }
    return text;
}

std::string progress(const Result& result, const TextStyle& style) {
    const std::string time = seconds_text(result.run.duration_s);
    if (!result.progress) {
        return fmt::format("{}  {}", result.state_name, time);
    }
    const std::string percent = fmt::format("{:>3.0f} %", 100 * std::min(*result.progress, 1.0));
    const std::string left =
        result.left_s ? fmt::format("  {} left", seconds_text(std::max(*result.left_s, 0.0))) : "";
    const std::size_t used = result.state_name.size() + time.size() + left.size() + 13;
    const std::size_t width = width_of(style) > used + 10 ? width_of(style) - used : 0;
    return fmt::format("{}  {}  [{}] {}{}", result.state_name, time,
                       bar(*result.progress, std::min<std::size_t>(width, 40), style), percent,
                       left);
}

// The rate of the last seconds, as tall as the highest of them.
std::string sparkline(const Result& result, const TextStyle& style) {
    constexpr std::array<std::string_view, 8> kBlocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                                      "\u2585", "\u2586", "\u2587", "\u2588"};
    const std::size_t count = std::min(kSparkSeconds, result.timeline.size());
    if (style.charset != TextStyle::Charset::Utf8 || count < 2) {
        return {};
    }
    double most = 0;
    for (std::size_t i = result.timeline.size() - count; i < result.timeline.size(); ++i) {
        most = std::max(most, result.timeline[i].requests_per_second());
    }
    std::string text;
    for (std::size_t i = result.timeline.size() - count; i < result.timeline.size(); ++i) {
        const double share = most > 0 ? result.timeline[i].requests_per_second() / most : 0;
        text += kBlocks[static_cast<std::size_t>(std::lround(share * 7))];
    }
    return text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::vector<std::string> step_lines(const Result& result, std::size_t most,
                                    const TextStyle& style) {
    TextTable table({{"step", Align::Left, Column::kNeeded},
                     {"requests", Align::Right, Column::kNeeded},
                     {"failed", Align::Right, 80},
                     {"req/s", Align::Right, 60},
                     {"p50", Align::Right, 70},
                     {"p95", Align::Right, 90},
                     {"p99", Align::Right, 50},
                     {"max", Align::Right, 40}});
    std::size_t shown = 0;
    for (const stats::StepSummary& step : result.steps) {
        if (++shown > most) {
            break;
        }
        const auto cell = [&](std::int64_t us) {
            return step.response_time.count > 0 ? time_text(static_cast<double>(us), style)
                                                : std::string("-");
        };
        const stats::Distribution& time = step.response_time;
        std::vector<std::string> cells{clean_text(step.info.name, style),
                                       fmt::format("{}", step.requests),
                                       fmt::format("{}", step.failures),
                                       rate_text(step.requests_per_second),
                                       cell(time.p50),
                                       cell(time.p95),
                                       cell(time.p99),
                                       cell(time.max)};
        if (step.failures > 0) {
            table.add(std::move(cells), Ink::Bad);
        } else {
            table.add(std::move(cells));
        }
    }
    std::vector<std::string> lines = lines_of(table.text(style));
    if (result.steps.size() > most) {
        lines.push_back(fmt::format("and {} more steps", result.steps.size() - most));
    }
    return lines;
}

std::string now_line(const Result& result, const TextStyle& style) {
    const stats::TimelineRow row = last_whole_second(result);
    const auto time = [&](std::int64_t us) { return time_text(static_cast<double>(us), style); };
    return fit_text(fmt::format("now      {} req/s  p50 {}  p95 {}  p99 {}  {}",
                                rate_text(row.requests_per_second()), time(row.p50_us),
                                time(row.p95_us), time(row.p99_us), sparkline(result, style)),
                    width_of(style), style);
}

}  // namespace

stats::TimelineRow last_whole_second(const Result& result) {
    if (result.timeline.empty()) {
        return {};
    }
    // The newest row is still filling.
    const std::size_t last = result.timeline.size() > 1 ? result.timeline.size() - 2 : 0;
    return result.timeline[last];
}

std::vector<std::string> live_view(const Result& result, const TextStyle& style) {
    const std::size_t width = width_of(style);
    std::vector<std::string> lines;
    const auto add = [&](const std::string& text) {
        lines.push_back(fit_text(text, width, style));
    };
    add(progress(result, style));
    add(fmt::format("load     users {}/{}  workers {}{}", result.users, result.target_users,
                    result.workers_active, result.run.is_degraded ? "  degraded" : ""));
    lines.push_back(now_line(result, style));
    add(fmt::format("so far   {} requests  {} failed ({})  {} req/s", result.total.requests,
                    result.total.failures, percent_text(result.total.error_ratio),
                    rate_text(result.total.requests_per_second)));
    for (const std::string& wait : result.waits) {
        lines.push_back(paint(fit_text("waits    " + clean_text(wait, style), width, style),
                              Ink::Warning, style));
    }
    if (result.health.limited_by) {
        lines.push_back(paint(
            fit_text("limited  by the generator's " + *result.health.limited_by, width, style),
            Ink::Warning, style));
    }
    const std::vector<ErrorClass> errors = group_errors(result);
    const std::size_t error_count = std::min<std::size_t>(errors.size(), 3);
    const auto height = static_cast<std::size_t>(std::max(style.height, 8));
    const std::size_t used = lines.size() + error_count + 3;
    for (std::string& line : step_lines(result, height > used ? height - used : 1, style)) {
        lines.push_back(std::move(line));
    }
    for (std::size_t i = 0; i < error_count; ++i) {
        const ErrorRow& row = *errors[i].rows.front();
        const std::string text =
            fmt::format("{} {}  {}: {}", errors[i].count, errors[i].name, row.step, row.message);
        lines.push_back(paint(fit_text(text, width, style), Ink::Bad, style));
    }
    lines.resize(std::min(lines.size(), height - 1));
    return lines;
}

std::string LiveScreen::draw(const std::vector<std::string>& lines, const TextStyle& style) {
    std::string text;
    // A window that became narrower has wrapped the old lines: they take more rows now.
    std::size_t rows = 0;
    const auto now = static_cast<std::size_t>(std::max(style.width, 1));
    for (const std::size_t width : widths_) {
        rows += style.width < width_ && width > now ? (width + now - 1) / now : 1;
    }
    if (rows > 0) {
        text += fmt::format("\x1b[{}A\r\x1b[J", rows);
    }
    widths_.clear();
    for (const std::string& line : lines) {
        text += line + "\x1b[K\r\n";
        std::string plain = line;
        for (std::size_t begin = 0; (begin = plain.find('\x1b')) != std::string::npos;) {
            plain.erase(begin, plain.find('m', begin) + 1 - begin);
        }
        widths_.push_back(display_width(plain));
    }
    width_ = style.width;
    return text;
}

std::string LiveScreen::erase() {
    const std::size_t rows = widths_.size();
    widths_.clear();
    return rows > 0 ? fmt::format("\x1b[{}A\r\x1b[J", rows) : std::string();
}

}  // namespace boom::report
