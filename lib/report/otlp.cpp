#include "report/metric_families.hpp"
#include "report/remote.hpp"
#include "report/result_value.hpp"

#include <fmt/format.h>

namespace boom::report {
namespace {

constexpr int kCumulative = 2;  // AGGREGATION_TEMPORALITY_CUMULATIVE

Json attribute(const std::string& key, const std::string& value) {
    return {{"key", key}, {"value", {{"stringValue", value}}}};
}

struct Span {
    std::string start_ns, time_ns;  // 64-bit numbers are texts in OTLP's JSON
};

Json point(const prometheus::ClientMetric& metric, const Span& span) {
    Json attributes = Json::array();
    for (const auto& label : metric.label) {
        attributes.push_back(attribute(label.name, label.value));
    }
    return {{"attributes", std::move(attributes)},
            {"startTimeUnixNano", span.start_ns},
            {"timeUnixNano", span.time_ns}};
}

Json histogram_point(const prometheus::ClientMetric& metric, const Span& span) {
    Json one = point(metric, span);
    Json bounds = Json::array();
    Json counts = Json::array();
    std::uint64_t before = 0;
    for (const auto& bucket : metric.histogram.bucket) {
        counts.push_back(std::to_string(bucket.cumulative_count - before));
        before = bucket.cumulative_count;
        if (&bucket != &metric.histogram.bucket.back()) {  // the last one has no bound
            bounds.push_back(bucket.upper_bound);
        }
    }
    one["count"] = std::to_string(metric.histogram.sample_count);
    one["sum"] = metric.histogram.sample_sum;
    one["bucketCounts"] = std::move(counts);
    one["explicitBounds"] = std::move(bounds);
    return one;
}

Json metric_of(const prometheus::MetricFamily& family, const Span& span) {
    const bool is_time = family.name.find("_seconds") != std::string::npos;
    Json metric = {
        {"name", family.name}, {"description", family.help}, {"unit", is_time ? "s" : "1"}};
    Json points = Json::array();
    for (const prometheus::ClientMetric& one : family.metric) {
        if (family.type == prometheus::MetricType::Histogram) {
            points.push_back(histogram_point(one, span));
            continue;
        }
        const bool is_counter = family.type == prometheus::MetricType::Counter;
        Json plain = point(one, span);
        plain["asDouble"] = is_counter ? one.counter.value : one.gauge.value;
        points.push_back(std::move(plain));
    }
    if (family.type == prometheus::MetricType::Histogram) {
        metric["histogram"] = {{"aggregationTemporality", kCumulative},
                               {"dataPoints", std::move(points)}};
    } else if (family.type == prometheus::MetricType::Counter) {
        metric["sum"] = {{"aggregationTemporality", kCumulative},
                         {"isMonotonic", true},
                         {"dataPoints", std::move(points)}};
    } else {
        metric["gauge"] = {{"dataPoints", std::move(points)}};
    }
    return metric;
}

}  // namespace

std::string otlp_json(const IntervalReport& report, const stats::Catalog& catalog,
                      std::int64_t start_ns, std::int64_t time_ns) {
    const Span span{std::to_string(start_ns), std::to_string(time_ns)};
    Json attributes = Json::array();
    attributes.push_back(attribute("service.name", "boom"));
    attributes.push_back(attribute("service.version", report.view->version));
    attributes.push_back(attribute("boom.run.id", report.view->run.id));
    for (const auto& [key, value] : report.view->run.tags) {
        attributes.push_back(attribute(key, value));
    }
    Json metrics = Json::array();
    for (const auto& family : modern_families(*report.totals, catalog, *report.view)) {
        if (!family.metric.empty()) {
            metrics.push_back(metric_of(family, span));
        }
    }
    const Json scope = {{"scope", {{"name", "boom"}, {"version", report.view->version}}},
                        {"metrics", std::move(metrics)}};
    const Json resource = {{"resource", {{"attributes", std::move(attributes)}}},
                           {"scopeMetrics", Json::array({scope})}};
    return dump({{"resourceMetrics", Json::array({resource})}}, -1);
}

}  // namespace boom::report
