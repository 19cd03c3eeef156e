#pragma once
// Where results go while a run is on and when it is over. Each output works on a thread of its own
// behind a bounded queue: a slow one delays nobody.

#include "report/result.hpp"
#include "stats/snapshot.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boom::report {

// One interval, seen from this process.
struct IntervalReport {
    std::shared_ptr<const stats::Snapshot> delta;  // of this interval
    double interval_s = 1;
    std::shared_ptr<const stats::Snapshot> totals;  // since the start of the run, delta included
    std::shared_ptr<const Result> view;
};

class Output {
public:
    virtual ~Output() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    // All three are called from the output's own thread, in this order.
    virtual void start(const stats::Catalog& catalog) = 0;
    virtual void on_interval(const IntervalReport& report) = 0;
    virtual void finish(const IntervalReport& last) = 0;
    // Why it could not do its work so far; empty when it could. For run.notes.
    [[nodiscard]] virtual std::string complaint() const = 0;
};

// Runs an output on its own thread. Live reports: at most kQueue waiting, the oldest gives way and
// its delta is merged into the next one, so that sums stay right. finish() waits at most
// `deadline` for it; after that the output is left behind and named.
class OutputThread {
public:
    static constexpr std::size_t kQueue = 8;

    OutputThread(std::unique_ptr<Output> output, stats::Catalog catalog);
    ~OutputThread();
    OutputThread(const OutputThread&) = delete;
    OutputThread& operator=(const OutputThread&) = delete;

    void on_interval(IntervalReport report);
    // Empty, or what went wrong ("prometheus: no answer within 2 s").
    [[nodiscard]] std::string finish(IntervalReport last, base::Duration deadline);

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with the thread, which may outlive us when left behind
};

// The Pushgateway with the reference's metric names (hrp-boom 4.4), every 3 s, and the modern set.
struct PrometheusOptions {
    std::string gateway;   // base URL, complete
    std::string instance;  // stable name of this process
    std::string mode;      // "worker", "master", "standalone"
};
[[nodiscard]] std::unique_ptr<Output> make_prometheus_push(PrometheusOptions options);

// Text format 0.0.4 of the modern set (interfaces section 4), for /metrics.
[[nodiscard]] std::string prometheus_text(const stats::Snapshot& totals,
                                          const stats::Catalog& catalog, const Result& view);

// The normal form of what users type: ":5331" and "h:9091/" become "http://host:port"; an empty
// host is replaced by `master_host`. Empty for what is no address.
[[nodiscard]] std::string gateway_url(std::string_view text, std::string_view master_host);

}  // namespace boom::report
