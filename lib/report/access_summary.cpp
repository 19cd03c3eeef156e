#include "report/access_summary.hpp"

#include "base/text.hpp"
#include "report/result_value.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::report {
namespace {

constexpr std::string_view kOther = "__other__";
constexpr int kFirstError = 400;

// What a page is made of; answers of services may end in json or html.
bool is_static(std::string_view path) {
    constexpr std::array<std::string_view, 13> kEndings{"css",  "gif",  "ico",  "jpeg", "jpg",
                                                        "js",   "map",  "png",  "svg",  "ttf",
                                                        "woff", "webp", "woff2"};
    const std::size_t dot = path.rfind('.');
    return dot != std::string_view::npos &&
           std::find(kEndings.begin(), kEndings.end(), base::to_lower(path.substr(dot + 1))) !=
               kEndings.end();
}

double ratio(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

Json time_value(const stats::Histogram& time) {
    return {{"count", time.count()},         {"mean", time.mean_us()},
            {"p50", time.percentile_us(50)}, {"p90", time.percentile_us(90)},
            {"p95", time.percentile_us(95)}, {"p99", time.percentile_us(99)},
            {"max", time.moments().max_us}};
}

}  // namespace

void AccessSummary::count(Figures& figures, const AccessLine& line) {
    ++figures.requests;
    figures.errors += line.status >= kFirstError ? 1 : 0;
    figures.bytes += line.bytes;
    if (line.time_us) {
        figures.time.record(*line.time_us);
    }
}

void AccessSummary::add_to_time_line(Source& source, const AccessLine& line) {
    if (!line.second) {
        return;
    }
    source.first = source.timed_lines == 0 ? *line.second : std::min(source.first, *line.second);
    source.last = std::max(source.last, *line.second);
    ++source.timed_lines;
    Row& row = source.rows[*line.second / source.row_s];
    ++row.requests;
    row.errors += line.status >= kFirstError ? 1 : 0;
    row.bytes += line.bytes;
    row.timed += line.time_us ? 1 : 0;
    row.time_us += static_cast<double>(line.time_us.value_or(0));
    while (source.rows.size() > kMaxRows) {
        source.row_s *= 2;
        std::map<std::int64_t, Row> longer;
        for (const auto& [at, one] : source.rows) {
            Row& sum = longer[at / 2];
            sum.requests += one.requests;
            sum.errors += one.errors;
            sum.bytes += one.bytes;
            sum.timed += one.timed;
            sum.time_us += one.time_us;
        }
        source.rows = std::move(longer);
    }
}

void AccessSummary::add(const AccessLine& line) {
    if (options_.static_files == AccessOptions::Static::LeftOut && is_static(line.path)) {
        ++static_files_;
        return;
    }
    Source& source = sources_[line.agent.find(options_.agent) != std::string_view::npos ? 0 : 1];
    count(source.total, line);
    auto path = source.paths.find(line.path);
    if (path == source.paths.end()) {
        const bool is_full = source.paths.size() >= kMaxPaths;
        path = source.paths.try_emplace(std::string(is_full ? kOther : line.path)).first;
    }
    count(path->second, line);
    add_to_time_line(source, line);
}

std::int64_t AccessSummary::lines() const {
    return sources_[0].total.requests + sources_[1].total.requests + static_files_ + unreadable_;
}

double AccessSummary::seconds(const Source& source) {
    return static_cast<double>(source.last - source.first + 1);
}

std::vector<const AccessSummary::PathRow*> AccessSummary::ordered(const Source& source) const {
    std::vector<const PathRow*> rows;
    for (const PathRow& row : source.paths) {
        rows.push_back(&row);
    }
    const auto key = [this](const Figures& one) {
        switch (options_.order) {
            case AccessOrder::Requests:
                return static_cast<double>(one.requests);
            case AccessOrder::Time:
                return one.time.mean_us();
            case AccessOrder::Bytes:
                return static_cast<double>(one.bytes);
            case AccessOrder::Errors:
                return static_cast<double>(one.errors);
        }
        return 0.0;
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const PathRow* a, const PathRow* b) {
        return key(a->second) > key(b->second);
    });
    return rows;
}

std::string AccessSummary::table(const Source& source, const TextStyle& style) const {
    TextTable table({{"path", Align::Left, Column::kNeeded},
                     {"requests", Align::Right, Column::kNeeded},
                     {"rate/s", Align::Right, 90},
                     {"errors", Align::Right, Column::kNeeded},
                     {"err %", Align::Right, 60},
                     {"mean", Align::Right, 70},
                     {"p50", Align::Right, 50},
                     {"p95", Align::Right, 65},
                     {"p99", Align::Right, 55},
                     {"max", Align::Right, 40},
                     {"bytes", Align::Right, 45}});
    const auto cells = [&](std::string name, const Figures& one) {
        const auto time = [&](double us) {
            return one.time.is_empty() ? std::string("-") : time_text(us, style);
        };
        const auto percentile = [&](double percent) {
            return time(static_cast<double>(one.time.percentile_us(percent)));
        };
        return std::vector<std::string>{
            std::move(name),
            fmt::format("{}", one.requests),
            source.timed_lines > 0 ? rate_text(static_cast<double>(one.requests) / seconds(source))
                                   : std::string("-"),
            fmt::format("{}", one.errors),
            percent_text(ratio(one.errors, one.requests)),
            time(one.time.mean_us()),
            percentile(50),
            percentile(95),
            percentile(99),
            time(static_cast<double>(one.time.moments().max_us)),
            bytes_text(static_cast<double>(one.bytes))};
    };
    const auto rows = ordered(source);
    for (std::size_t i = 0; i < std::min(rows.size(), options_.top); ++i) {
        auto row = cells(clean_text(rows[i]->first, style), rows[i]->second);
        if (rows[i]->second.errors > 0) {
            table.add(std::move(row), Ink::Bad);
        } else {
            table.add(std::move(row));
        }
    }
    table.add(cells("Total", source.total), Ink::Bold);
    std::string text = table.text(style);
    if (rows.size() > options_.top) {
        text += fmt::format("({} more paths: --top)\n", rows.size() - options_.top);
    }
    return text;
}

std::string AccessSummary::text(const TextStyle& style) const {
    std::string text;
    for (const Source& source : sources_) {
        const std::string_view sign = &source == sources_.data() ? "with" : "without";
        text += paint(fmt::format("{} ({} '{}' in the User-Agent): {} requests", source.name, sign,
                                  clean_text(options_.agent, style), source.total.requests),
                      Ink::Bold, style);
        text += source.timed_lines > 0 ? fmt::format(" in {}\n", seconds_text(seconds(source)))
                                       : std::string("\n");
        if (source.total.requests > 0) {
            text += table(source, style);
            text += source.total.time.is_empty() ? "(the log has no $request_time)\n" : "";
        }
        text += "\n";
    }
    if (static_files_ > 0) {
        text += fmt::format("{} requests of static files are left out (--static)\n", static_files_);
    }
    if (unreadable_ > 0) {
        text += paint(fmt::format("{} lines are not of the log's format (--format)", unreadable_),
                      Ink::Warning, style) +
                "\n";
    }
    return text;
}

std::string AccessSummary::progress() const {
    return fmt::format("{} requests of the load test ({} errors), {} others ({} errors)",
                       sources_[0].total.requests, sources_[0].total.errors,
                       sources_[1].total.requests, sources_[1].total.errors);
}

std::string AccessSummary::json() const {
    Json value{{"schema", 1},
               {"agent", options_.agent},
               {"lines", lines()},
               {"unreadable", unreadable_},
               {"static_left_out", static_files_},
               {"sources", Json::array()}};
    for (const Source& source : sources_) {
        const auto row = [&](const Figures& one) {
            return Json{
                {"requests", one.requests},
                {"rps",
                 source.timed_lines > 0 ? static_cast<double>(one.requests) / seconds(source) : 0},
                {"errors", one.errors},
                {"error_ratio", ratio(one.errors, one.requests)},
                {"bytes", one.bytes},
                {"time_us", time_value(one.time)}};
        };
        Json one{{"name", source.name},
                 {"from", source.first},
                 {"seconds", source.timed_lines > 0 ? seconds(source) : 0},
                 {"total", row(source.total)},
                 {"paths", Json::array()},
                 {"interval_s", source.row_s},
                 {"timeline", Json::array()}};
        for (const PathRow* path : ordered(source)) {
            Json line{{"path", path->first}};
            line.update(row(path->second));
            one["paths"].push_back(std::move(line));
        }
        for (const auto& [at, figures] : source.rows) {
            one["timeline"].push_back(
                {{"at", at * source.row_s},
                 {"requests", figures.requests},
                 {"errors", figures.errors},
                 {"bytes", figures.bytes},
                 {"mean_time_us",
                  figures.timed > 0 ? figures.time_us / static_cast<double>(figures.timed) : 0}});
        }
        value["sources"].push_back(std::move(one));
    }
    return dump(value, 2);
}

}  // namespace boom::report
