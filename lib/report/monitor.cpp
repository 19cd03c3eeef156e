// What a monitored source is asked, and where its answers are kept.
#include "report/monitor.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "net/fetch.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace boom::report {
namespace {

constexpr base::Duration kDeadline = std::chrono::seconds(2);
constexpr double kStaleSeconds = 1.5;        // reports come every second
constexpr std::size_t kMaxQuerySeries = 50;  // of one query

std::string with_scheme(std::string_view address, std::string_view path) {
    std::string url(base::trim(address));
    if (url.find("://") == std::string::npos) {
        url = "http://" + url;
    }
    const std::size_t slash = url.find('/', url.find("://") + 3);
    if (slash == std::string::npos) {
        return url + std::string(path);
    }
    return slash + 1 == url.size() ? url.substr(0, slash) + std::string(path) : url;
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

net::FetchResult ask(const MonitorSource& source) {
    net::FetchRequest request;
    request.url = source.url;
    request.deadline = kDeadline;
    if (source.kind == MonitorSource::Kind::Query) {
        request.url += "?query=" + base::percent_encode(source.query);
    }
    return net::fetch(request);
}

std::string why(const net::FetchResult& result) {
    return result.status == 0 ? result.error : fmt::format("it answered {}", result.status);
}

// The machine, then the labels that tell a query's series from the others.
std::string series_name(const nlohmann::json& metric) {
    std::string name = metric.value("instance", "");
    for (const auto& [key, value] : metric.items()) {
        if (key != "__name__" && key != "job" && key != "instance") {
            name += fmt::format("{}{}={}", name.empty() ? "" : " ", key, value.get<std::string>());
        }
    }
    return name;
}

class Monitor final : public Output {
public:
    Monitor(MonitorSource source, std::shared_ptr<MonitorLog> log)
        : source_(std::move(source)), name_("monitor " + source_.name), log_(std::move(log)) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    void start(const stats::Catalog& /*catalog*/) override {}
    void on_interval(const IntervalReport& report) override {
        const double told_s = report.view->run.duration_s;
        const double now_s = base::to_seconds(clock_.now() - base::TimePoint{});
        // The run began when its reports came least late. What is asked now belongs to now.
        start_s_ = std::min(start_s_, now_s - told_s);
        if (now_s - start_s_ - told_s > kStaleSeconds) {
            ++asked_;  // the next report is waiting already
            ++missed_;
            last_reason_ = last_reason_.empty() ? "it answers too slowly" : last_reason_;
        } else {
            sample(now_s - start_s_);
        }
    }
    void finish(const IntervalReport& /*last*/) override {}
    [[nodiscard]] std::string complaint() const override {
        return missed_ == 0
                   ? std::string()
                   : fmt::format("{} of {} samples are missing: {}", missed_, asked_, last_reason_);
    }

private:
    void sample(double at_s) {
        ++asked_;
        const net::FetchResult result = ask(source_);
        std::string reason = result.is_success() ? std::string() : why(result);
        if (reason.empty() && source_.kind == MonitorSource::Kind::Query) {
            reason = take_query(result.body, at_s);
        } else if (reason.empty()) {
            take_scrape(result.body, at_s);
        }
        if (!reason.empty()) {
            ++missed_;
            last_reason_ = std::move(reason);
        }
    }
    void take_scrape(std::string_view body, double at_s) {
        Scrape now = read_scrape(body, at_s);
        if (before_ && now.at_s > before_->at_s) {
            const auto figures = source_.metrics.empty()
                                     ? machine_figures(*before_, now)
                                     : named_figures(source_.metrics, *before_, now);
            for (const Figure& figure : figures) {
                log_->add(at_s, source_.name, figure);
            }
        }
        before_ = std::move(now);
    }
    std::string take_query(const std::string& body, double at_s) {
        try {
            const auto json = nlohmann::json::parse(body);
            const auto& result = json.at("data").at("result");
            if (json.at("data").at("resultType") == "scalar") {
                add(at_s, "", result.at(1).get<std::string>());
                return {};
            }
            std::size_t taken = 0;
            for (const auto& one : result) {
                if (++taken <= kMaxQuerySeries) {
                    add(at_s, series_name(one.at("metric")),
                        one.at("value").at(1).get<std::string>());
                }
            }
            return taken > 0 ? "" : "the query has no result";
        } catch (const nlohmann::json::exception&) {
            return "it answered something else than a vector";
        }
    }
    void add(double at_s, const std::string& series, const std::string& text) {
        const auto value = base::parse_real(text);
        if (value && std::isfinite(*value)) {
            log_->add(at_s, series, {source_.name, source_.unit, *value});
        }
    }

    base::SteadyClock clock_;
    double start_s_ = std::numeric_limits<double>::max();  // of the run, by that clock
    MonitorSource source_;
    std::string name_;
    std::shared_ptr<MonitorLog> log_;
    std::optional<Scrape> before_;
    int asked_ = 0;
    int missed_ = 0;
    std::string last_reason_;
};

}  // namespace

std::variant<MonitorSource, std::string> parse_monitor(std::string_view text) {
    std::map<std::string, std::string, std::less<>> values;
    if (text.find("://") < text.find('=') || text.find('=') == std::string_view::npos) {
        values["exporter"] = base::trim(text);
    } else {
        for (const std::string_view line : base::split_text(text, '\n')) {
            const std::size_t equals = line.find('=');
            values[std::string(line.substr(0, equals))] =
                equals == std::string_view::npos ? "" : line.substr(equals + 1);
        }
    }
    for (const auto& [key, value] : values) {
        constexpr std::array<std::string_view, 7> kKeys{
            "name", "exporter", "metrics", "prometheus", "promql", "instance", "unit"};
        if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
            return fmt::format(
                "'{}' is unknown; known: name, exporter, metrics, prometheus, "
                "promql, instance, unit",
                key);
        }
    }
    MonitorSource source;
    source.name = values["name"];
    source.unit = values["unit"];
    const bool is_query = !values["promql"].empty();
    if (is_query == !values["exporter"].empty()) {
        return "needs either an exporter, or promql with a prometheus";
    }
    if (is_query) {
        if (values["prometheus"].empty()) {
            return "promql needs the address of a prometheus";
        }
        source.kind = MonitorSource::Kind::Query;
        source.url = with_scheme(values["prometheus"], "/api/v1/query");
        source.query = replace_all(values["promql"], "%1$s", values["instance"]);
        if (source.query != values["promql"] && values["instance"].empty()) {
            return "%1$s stands for an instance, and none is named";
        }
        source.name = source.name.empty() ? source.query : source.name;
        return source;
    }
    source.url = with_scheme(values["exporter"], "/metrics");
    if (source.name.empty()) {
        const std::string_view rest =
            std::string_view(source.url).substr(source.url.find("://") + 3);
        source.name = rest.substr(0, rest.find('/'));
    }
    for (const std::string_view metric : base::split_text(values["metrics"], ',')) {
        if (!base::trim(metric).empty()) {
            source.metrics.emplace_back(base::trim(metric));
        }
    }
    return source;
}

void MonitorLog::add(double t_s, const std::string& source, const Figure& figure) {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(series_.begin(), series_.end(), [&](const MonitorSeries& one) {
        return one.name == figure.name && one.source == source;
    });
    if (found == series_.end()) {
        if (series_.size() >= kMaxSeries) {
            return;
        }
        series_.push_back({figure.name, source, figure.unit, {}});
        found = series_.end() - 1;
    }
    auto& points = found->points;
    if (points.size() >= kMaxPoints) {
        for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
            points[i / 2] = {points[i].first, (points[i].second + points[i + 1].second) / 2};
        }
        points.resize(points.size() / 2);
    }
    points.emplace_back(t_s, figure.value);
}

std::vector<MonitorSeries> MonitorLog::series(double until_s) const {
    const std::lock_guard lock(mutex_);
    std::vector<MonitorSeries> result = series_;
    for (MonitorSeries& one : result) {
        std::erase_if(one.points, [&](const auto& point) { return point.first > until_s; });
    }
    std::erase_if(result, [](const MonitorSeries& one) { return one.points.empty(); });
    return result;
}

std::unique_ptr<Output> make_monitor(MonitorSource source, std::shared_ptr<MonitorLog> log) {
    return std::make_unique<Monitor>(std::move(source), std::move(log));
}

std::string check_monitor(const MonitorSource& source) {
    const net::FetchResult result = ask(source);
    return result.is_success() ? std::string() : why(result);
}

}  // namespace boom::report
