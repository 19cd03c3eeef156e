#include "report/page.hpp"

#include "base/text.hpp"
#include "report/advice.hpp"
#include "report/files.hpp"
#include "report/result_value.hpp"
#include "report/text_style.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace boom::report {
namespace {

// Enough for a smooth curve with a visible tail.
constexpr std::array<double, 24> kCurve{0,  10,   20,   30,    40,    50,     60,     70,
                                        75, 80,   85,   90,    92.5,  95,     97,     98,
                                        99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999, 100};

constexpr std::size_t kMonitorPoints = 30'000;

// A histogram takes kilobytes, its curve some hundred bytes.
void replace_histogram(Json& distribution) {
    const auto text = distribution["hdr"].get<std::string>();
    distribution.erase("hdr");
    const auto bytes = base::decode_base64(text);
    stats::Histogram::Moments moments;
    moments.min_us = distribution["min"].get<std::int64_t>();
    moments.max_us = distribution["max"].get<std::int64_t>();
    const auto histogram =
        bytes ? stats::Histogram::decode(*bytes, moments) : std::optional<stats::Histogram>();
    Json curve = Json::array();
    if (histogram && !histogram->is_empty()) {
        for (const double percent : kCurve) {
            curve.push_back({percent, histogram->percentile_us(percent)});
        }
    }
    distribution["curve"] = std::move(curve);
}

void replace_histograms(Json& step) {
    replace_histogram(step["response_time_us"]);
    step["service_time_us"].erase("hdr");
}

// As many points as a chart can show, of all series together as many as a page can carry.
void thin_monitor(Json& value) {
    if (!value.contains("monitor") || value["monitor"].empty()) {
        return;
    }
    const std::size_t room = std::max<std::size_t>(kMonitorPoints / value["monitor"].size(), 2);
    for (Json& series : value["monitor"]) {
        const Json& points = series["points"];
        const std::size_t step = (points.size() + room - 1) / room;
        Json thinned = Json::array();
        for (std::size_t begin = 0; begin < points.size(); begin += step) {
            const std::size_t end = std::min(begin + step, points.size());
            double sum = 0;
            for (std::size_t i = begin; i < end; ++i) {
                sum += points[i][1].get<double>();
            }
            const double mean = sum / static_cast<double>(end - begin);
            // Five digits: more cannot be seen.
            thinned.push_back({std::round(points[begin][0].get<double>() * 10) / 10,
                               std::stod(fmt::format("{:.5g}", mean))});
        }
        series["points"] = std::move(thinned);
    }
}

// Replaces "{{name}}"; what is put in is not looked at again.
std::string fill(std::string_view text,
                 const std::array<std::pair<std::string_view, std::string>, 7>& values) {
    std::string result;
    while (!text.empty()) {
        const std::size_t begin = text.find("{{");
        const std::size_t end = text.find("}}", begin);
        if (begin == std::string_view::npos || end == std::string_view::npos) {
            break;
        }
        result += text.substr(0, begin);
        const std::string_view name = text.substr(begin + 2, end - begin - 2);
        for (const auto& [key, value] : values) {
            result += key == name ? value : std::string();
        }
        text.remove_prefix(end + 2);
    }
    return result + std::string(text);
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '&':
                result += "&amp;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string make_page(const Page& page) {
    std::string script;
    for (const PagePart part :
         {PagePart::Texts, PagePart::Charts, PagePart::Tables, PagePart::Report}) {
        script += page_part(part);
    }
    if (page.script != PagePart::Report) {
        script += page_part(page.script);
    }
    // Inside a script element nothing may look like its end.
    std::string data;
    for (const char c : page.data) {
        data += c == '<' ? "\\u003c" : std::string(1, c);
    }
    return fill(page_part(PagePart::Template), {{{"title", escape_html(page.title)},
                                                 {"heading", escape_html(page.heading)},
                                                 {"subtitle", escape_html(page.subtitle)},
                                                 {"style", std::string(page_part(PagePart::Style))},
                                                 {"data", std::move(data)},
                                                 {"script", std::move(script)},
                                                 {"entry", std::string(page.entry)}}});
}

Json page_value(const Result& result) {
    Json value = result_value(result);
    replace_histograms(value["total"]);
    for (Json& step : value["steps"]) {
        replace_histograms(step);
    }
    for (Json& stage : value["stages"]) {
        replace_histograms(stage["total"]);
    }
    value["health"]["lateness_us"].erase("hdr");
    thin_monitor(value);
    value["advice"] = advice(result);
    return value;
}

std::string to_html(const Result& result) {
    TextStyle style;
    style.charset = TextStyle::Charset::Utf8;
    std::string names;
    for (const CaseInfo& info : result.run.cases) {
        names += (names.empty() ? "" : ", ") + info.name;
    }
    names = clean_text(names, style);
    const std::string_view why = verdict_reason(result);
    Page page;
    page.title = fmt::format("{}: {}", verdict_word(result), names);
    page.heading = fmt::format("{}: {}{}", names, verdict_word(result),
                               why.empty() ? "" : fmt::format(" ({})", why));
    page.subtitle = fmt::format("run {}, started at {}, {}", result.run.id, result.run.started_at,
                                seconds_text(result.run.duration_s));
    page.entry = "report";
    page.data = dump(page_value(result), -1);
    return make_page(page);
}

}  // namespace boom::report
