#include "report/metric_families.hpp"

#include "stats/rows.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace boom::report {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Chosen for latencies of services: dense between 1 ms and 1 s.
constexpr std::array<std::int64_t, 16> kBucketsUs{
    500,     1'000,   2'500,   5'000,     10'000,    25'000,    50'000,     75'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000};

MetricFamily family(std::string name, std::string help, MetricType type) {
    MetricFamily result;
    result.name = std::move(name);
    result.help = std::move(help);
    result.type = type;
    return result;
}

ClientMetric counter(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    return metric;
}

ClientMetric gauge(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    return metric;
}

ClientMetric histogram(Labels labels, const stats::Histogram& times) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.histogram.sample_count = static_cast<std::uint64_t>(times.count());
    metric.histogram.sample_sum = times.moments().sum_us / 1e6;
    for (const std::int64_t bound : kBucketsUs) {
        ClientMetric::Bucket bucket;
        bucket.upper_bound = static_cast<double>(bound) / 1e6;
        bucket.cumulative_count = static_cast<std::uint64_t>(times.count_at_or_below(bound));
        metric.histogram.bucket.push_back(bucket);
    }
    ClientMetric::Bucket all;
    all.upper_bound = std::numeric_limits<double>::infinity();
    all.cumulative_count = metric.histogram.sample_count;
    metric.histogram.bucket.push_back(all);
    return metric;
}

ClientMetric summary(Labels labels, const stats::Histogram& times) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.summary.sample_count = static_cast<std::uint64_t>(times.count());
    metric.summary.sample_sum = times.moments().sum_us / 1e3;
    for (const double quantile : {0.5, 0.9, 0.95}) {
        metric.summary.quantile.push_back(
            {quantile, static_cast<double>(times.percentile_us(quantile * 100)) / 1e3});
    }
    return metric;
}

// Steps with the same labels are one series.
using Key = std::pair<std::string, std::string>;
std::map<Key, stats::StepStats> by_labels(const std::vector<stats::Row>& rows, bool only_requests) {
    std::map<Key, stats::StepStats> result;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const stats::StepInfo& info = rows[i].info;
        if (only_requests && info.kind == stats::StepKind::Transaction) {
            continue;
        }
        const std::string type = only_requests ? info.method : type_label(info);
        stats::StepStats& sum = result[{step_label(info.name, i), type}];
        if (rows[i].stats != nullptr) {
            sum.add(*rows[i].stats);
        }
    }
    return result;
}

void add_gauge(std::vector<MetricFamily>& out, std::string name, double value) {
    MetricFamily one = family(name, name, MetricType::Gauge);
    one.metric.push_back(gauge({}, value));
    out.push_back(std::move(one));
}

double ms(std::int64_t us) {
    return static_cast<double>(us) / 1e3;
}

// Letters, digits and '_', and no digit first.
std::string label_name(std::string_view tag) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string name(!tag.empty() && is_digit(tag.front()) ? "_" : "");
    for (const char c : tag) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        name += is_letter || is_digit(c) ? c : '_';
    }
    return name.empty() ? "_" : name;
}

}  // namespace

void add_tag_labels(std::vector<MetricFamily>& families,
                    const std::map<std::string, std::string>& tags) {
    constexpr std::array<std::string_view, 14> kTaken{
        "job",       "instance", "mode", "step",  "method",   "outcome", "state",
        "direction", "worker",   "name", "error", "quantile", "le",      "exported_job"};
    std::set<std::string, std::less<>> taken(kTaken.begin(), kTaken.end());
    for (const auto& [key, value] : tags) {
        std::string name = label_name(key);
        if (taken.count(name) > 0 || name.substr(0, 2) == "__") {
            name = "tag_" + name;
        }
        while (!taken.insert(name).second) {
            name += '_';  // "a-b" and "a_b" are two tags
        }
        for (MetricFamily& family : families) {
            for (ClientMetric& metric : family.metric) {
                metric.label.push_back({name, value});
            }
        }
    }
}

std::string step_label(const std::string& name, std::size_t row) {
    return row < kMaxStepLabels ? name : std::string(stats::kOtherNames);
}

std::string type_label(const stats::StepInfo& info) {
    return info.kind == stats::StepKind::Request ? "request-" + info.method
                                                 : std::string(stats::name(info.kind));
}

std::vector<MetricFamily> modern_families(const stats::Snapshot& totals,
                                          const stats::Catalog& catalog, const Result& view) {
    MetricFamily requests =
        family("boom_http_requests_total", "Requests by outcome.", MetricType::Counter);
    MetricFamily response = family("boom_http_request_duration_seconds",
                                   "Response time from the due time.", MetricType::Histogram);
    MetricFamily service = family("boom_http_service_duration_seconds",
                                  "Service time from sending.", MetricType::Histogram);
    for (const auto& [key, step] : by_labels(stats::rows_of(catalog, totals), true)) {
        const Labels labels{{"step", key.first}, {"method", key.second}};
        Labels passed = labels;
        passed.push_back({"outcome", "passed"});
        Labels failed = labels;
        failed.push_back({"outcome", "failed"});
        requests.metric.push_back(
            counter(std::move(passed), static_cast<double>(step.requests - step.failures)));
        requests.metric.push_back(counter(std::move(failed), static_cast<double>(step.failures)));
        response.metric.push_back(histogram(labels, step.response_time));
        service.metric.push_back(histogram(labels, step.service_time));
    }
    std::vector<MetricFamily> result{std::move(requests), std::move(response), std::move(service)};
    add_gauge(result, "boom_users", view.users);
    add_gauge(result, "boom_target_users", view.target_users);
    MetricFamily workers = family("boom_workers", "Workers by state.", MetricType::Gauge);
    workers.metric.push_back(gauge({{"state", "available"}}, view.workers_active));
    result.push_back(std::move(workers));
    MetricFamily iterations =
        family("boom_iterations_total", "Iterations by outcome.", MetricType::Counter);
    iterations.metric.push_back(
        counter({{"outcome", "finished"}}, static_cast<double>(totals.iterations.finished)));
    iterations.metric.push_back(
        counter({{"outcome", "failed"}}, static_cast<double>(totals.iterations.failed)));
    iterations.metric.push_back(
        counter({{"outcome", "interrupted"}}, static_cast<double>(totals.iterations.interrupted)));
    result.push_back(std::move(iterations));
    MetricFamily bytes = family("boom_bytes_total", "Bytes on the wire.", MetricType::Counter);
    bytes.metric.push_back(
        counter({{"direction", "sent"}}, static_cast<double>(view.total.bytes_sent)));
    bytes.metric.push_back(
        counter({{"direction", "received"}}, static_cast<double>(view.total.bytes_received)));
    result.push_back(std::move(bytes));
    MetricFamily lateness =
        family("boom_lateness_seconds", "How late users were released.", MetricType::Histogram);
    lateness.metric.push_back(histogram({}, totals.lateness));
    result.push_back(std::move(lateness));
    MetricFamily cpu =
        family("boom_generator_cpu_ratio", "CPU of a worker's process.", MetricType::Gauge);
    for (const WorkerResult& worker : view.workers) {
        cpu.metric.push_back(gauge({{"worker", worker.id}}, worker.cpu_percent_max / 100));
    }
    result.push_back(std::move(cpu));
    return result;
}

std::vector<MetricFamily> reference_families(const stats::Snapshot& delta, double interval_s,
                                             const stats::Snapshot& totals,
                                             const stats::Catalog& catalog, const Result& view) {
    std::map<std::string, MetricFamily> out;
    const auto put = [&](const std::string& name, const Labels& labels, double value) {
        auto [found, is_new] = out.try_emplace(name, family(name, name, MetricType::Gauge));
        found->second.metric.push_back(gauge(labels, value));
    };
    const double seconds = interval_s > 0 ? interval_s : 1;
    for (const auto& [key, step] : by_labels(stats::rows_of(catalog, delta, totals), false)) {
        const Labels labels{{"method", key.second}, {"name", key.first}};
        const stats::Histogram& times = step.response_time;
        put("num_requests", labels, static_cast<double>(step.requests));
        put("num_failures", labels, static_cast<double>(step.failures));
        put("median_response_time", labels, ms(times.percentile_us(50)));
        put("average_response_time", labels, times.mean_us() / 1e3);
        put("min_response_time", labels, ms(times.moments().min_us));
        put("max_response_time", labels, ms(times.moments().max_us));
        put("average_content_length", labels,
            step.requests > 0
                ? static_cast<double>(step.bytes_received) / static_cast<double>(step.requests)
                : 0);
        put("current_rps", labels, static_cast<double>(step.requests) / seconds);
        put("current_fail_per_sec", labels, static_cast<double>(step.failures) / seconds);
    }
    MetricFamily response = family("response_time", "Whole run, ms.", MetricType::Summary);
    for (const auto& [key, step] : by_labels(stats::rows_of(catalog, totals), false)) {
        const Labels labels{{"method", key.second}, {"name", key.first}};
        put("total_num_requests", labels, static_cast<double>(step.requests));
        put("total_num_failures", labels, static_cast<double>(step.failures));
        put("total_min_response_time", labels, ms(step.response_time.moments().min_us));
        put("total_max_response_time", labels, ms(step.response_time.moments().max_us));
        response.metric.push_back(summary(labels, step.response_time));
    }
    const stats::StepSummary& total = view.total;
    const Labels all{{"method", ""}, {"name", "Total"}};
    put("total_min_response_time", all, ms(total.response_time.min));
    put("total_max_response_time", all, ms(total.response_time.max));
    const double duration = view.run.duration_s > 0 ? view.run.duration_s : 1;
    put("users", {}, view.users);
    put("state", {}, view.state_number);
    put("duration", {}, view.run.duration_s);
    put("total_average_response_time", {}, total.response_time.mean / 1e3);
    put("total_rps", {}, total.requests_per_second);
    put("fail_ratio", {}, total.error_ratio);
    put("total_fail_per_sec", {}, static_cast<double>(total.failures) / duration);
    put("transactions_passed", {}, static_cast<double>(totals.transactions.passed));
    put("transactions_failed", {}, static_cast<double>(totals.transactions.failed));
    MetricFamily errors = family("errors", "Failures by text.", MetricType::Counter);
    for (const auto& [key, error] : totals.errors) {
        if (key.step.is_valid()) {
            errors.metric.push_back(counter(
                {{"method", type_label(catalog.at(key.step))},
                 {"name",
                  step_label(catalog.at(key.step).name, static_cast<std::size_t>(key.step.value))},
                 {"error", std::string(stats::name(key.outcome)) + ": " + key.message}},
                static_cast<double>(error.count)));
        }
    }
    std::vector<MetricFamily> result;
    for (auto& [name, one] : out) {
        result.push_back(std::move(one));
    }
    result.push_back(std::move(response));
    result.push_back(std::move(errors));
    return result;
}

}  // namespace boom::report
