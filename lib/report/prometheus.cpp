#include "base/address.hpp"
#include "base/url.hpp"
#include "net/fetch.hpp"
#include "report/metric_families.hpp"
#include "report/output.hpp"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

namespace boom::report {
namespace {

constexpr double kPushEverySeconds = 3;
constexpr base::Duration kDeadline = std::chrono::seconds(2);
// Of a gateway that did not answer in time: it may still do what it was asked for.
constexpr base::Duration kLastDeadline = std::chrono::milliseconds(500);
constexpr int kDefaultPort = 9091;

class PrometheusPush final : public Output {
public:
    explicit PrometheusPush(PrometheusOptions options)
        : url_(fmt::format("{}/metrics/job/boom/instance/{}/mode/{}", options.gateway,
                           base::percent_encode(options.instance),
                           base::percent_encode(options.mode))) {}

    [[nodiscard]] std::string_view name() const override { return "prometheus-gateway"; }
    void start(const stats::Catalog& catalog) override { catalog_ = catalog; }

    void on_interval(const IntervalReport& report) override {
        collected_.add(*report.delta);
        collected_s_ += report.interval_s;
        // The first one at once: a gateway that is not there is known from the start.
        if (collected_s_ >= kPushEverySeconds || !has_pushed_) {
            push(report);
        }
    }

    void finish(const IntervalReport& last) override {
        collected_.add(*last.delta);
        if (!is_silent_) {
            push(last);
        }
        // Nothing stale stays behind (the reference leaves a dead group for every run).
        if (has_group_) {
            const base::Duration deadline = is_silent_ ? kLastDeadline : kDeadline;
            const net::FetchResult result = net::fetch({"DELETE", url_, {}, {}, deadline});
            if (!result.is_success() && complaint_.empty()) {
                complaint_ = "the group could not be deleted";
            }
        }
    }

    [[nodiscard]] std::string complaint() const override { return complaint_; }

private:
    void push(const IntervalReport& report) {
        std::vector<prometheus::MetricFamily> families =
            reference_families(collected_, collected_s_, *report.totals, catalog_, *report.view);
        for (prometheus::MetricFamily& family :
             modern_families(*report.totals, catalog_, *report.view)) {
            families.push_back(std::move(family));
        }
        std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
        add_tag_labels(families, report.view->run.tags);
        net::FetchRequest request;
        request.method = "PUT";
        request.url = url_;
        request.headers = {"Content-Type: text/plain; version=0.0.4"};
        request.body = prometheus::TextSerializer().Serialize(families);
        request.deadline = kDeadline;
        const net::FetchResult result = net::fetch(request);
        has_pushed_ = true;
        is_silent_ = result.status == 0;
        collected_ = {};
        collected_s_ = 0;
        if (result.is_success()) {
            complaint_.clear();
            has_group_ = true;
        } else {
            // What was sent and not answered may have been taken.
            has_group_ = has_group_ || is_silent_;
            complaint_ = result.status == 0 ? result.error
                                            : fmt::format("the gateway answered {}", result.status);
        }
    }

    std::string url_;
    stats::Catalog catalog_;
    stats::Snapshot collected_;
    double collected_s_ = 0;
    bool has_pushed_ = false;
    bool has_group_ = false;
    bool is_silent_ = false;  // the last push had no answer
    std::string complaint_;
};

}  // namespace

std::unique_ptr<Output> make_prometheus_push(PrometheusOptions options) {
    return std::make_unique<PrometheusPush>(std::move(options));
}

std::string prometheus_text(const stats::Snapshot& totals, const stats::Catalog& catalog,
                            const Result& view) {
    std::vector<prometheus::MetricFamily> families = modern_families(totals, catalog, view);
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    add_tag_labels(families, view.run.tags);
    return prometheus::TextSerializer().Serialize(families);
}

std::string gateway_url(std::string_view text, std::string_view master_host) {
    auto address = base::parse_address(text, kDefaultPort);
    if (!address) {
        return {};
    }
    if (address->host.empty()) {
        address->host = master_host;
    }
    const std::string_view scheme = text.find("https://") == 0 ? "https" : "http";
    return fmt::format("{}://{}", scheme, address->text());
}

}  // namespace boom::report
