// Sends what influx.cpp and otlp.cpp write.
#include "report/remote.hpp"

#include "net/fetch.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace boom::report {
namespace {

constexpr base::Duration kDeadline = std::chrono::seconds(2);

// Of the wall clock: databases know no other.
std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// "http://host:1" gets the default path; anything longer is taken as it is.
std::string with_path(const std::string& url, std::string_view path) {
    const std::size_t host = url.find("://");
    const std::size_t slash = url.find('/', host == std::string::npos ? 0 : host + 3);
    if (slash == std::string::npos) {
        return url + std::string(path);
    }
    return slash + 1 == url.size() ? url.substr(0, slash) + std::string(path) : url;
}

// One POST per interval. What one request could not deliver is added to the next.
class Remote : public Output {
public:
    Remote(std::string name, std::string url, std::string content_type)
        : name_(std::move(name)), url_(std::move(url)), content_type_(std::move(content_type)) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    void start(const stats::Catalog& catalog) override {
        catalog_ = catalog;
        start_ns_ = now_ns();
    }
    void on_interval(const IntervalReport& report) override { send(report); }
    void finish(const IntervalReport& last) override { send(last); }
    [[nodiscard]] std::string complaint() const override { return complaint_; }

protected:
    [[nodiscard]] virtual std::string body(const IntervalReport& report) const = 0;
    [[nodiscard]] const stats::Catalog& catalog() const { return catalog_; }
    [[nodiscard]] std::int64_t start_ns() const { return start_ns_; }

private:
    void send(const IntervalReport& report) {
        pending_.add(*report.delta);
        pending_s_ += report.interval_s;
        IntervalReport whole = report;
        whole.delta = std::make_shared<const stats::Snapshot>(pending_);
        whole.interval_s = pending_s_;
        const net::FetchResult result =
            net::fetch({"POST", url_, {"Content-Type: " + content_type_}, body(whole), kDeadline});
        if (result.is_success()) {
            complaint_.clear();
            pending_ = {};
            pending_s_ = 0;
        } else {
            complaint_ =
                result.status == 0 ? result.error : fmt::format("it answered {}", result.status);
        }
    }

    std::string name_, url_, content_type_, complaint_;
    stats::Catalog catalog_;
    stats::Snapshot pending_;
    double pending_s_ = 0;
    std::int64_t start_ns_ = 0;
};

class Influx final : public Remote {
public:
    explicit Influx(const std::string& url)
        : Remote("influx", with_path(url, "/write?db=boom"), "text/plain; charset=utf-8") {}

protected:
    [[nodiscard]] std::string body(const IntervalReport& report) const override {
        return influx_lines(report, catalog(), now_ns());
    }
};

class Otlp final : public Remote {
public:
    explicit Otlp(const std::string& url)
        : Remote("otlp", with_path(url, "/v1/metrics"), "application/json") {}

protected:
    [[nodiscard]] std::string body(const IntervalReport& report) const override {
        return otlp_json(report, catalog(), start_ns(), now_ns());
    }
};

}  // namespace

std::unique_ptr<Output> make_influx(const std::string& url) {
    return std::make_unique<Influx>(url);
}

std::unique_ptr<Output> make_otlp(const std::string& url) {
    return std::make_unique<Otlp>(url);
}

}  // namespace boom::report
