#pragma once
// The tested system's own figures, sampled while a run is on: exporters in the Prometheus text
// format, scraped directly, and queries to a Prometheus.

#include "report/output.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::report {

struct MonitorSource {
    enum class Kind { Exporter, Query } kind = Kind::Exporter;
    std::string name;  // of the machine, or of the query's figure
    std::string url;   // of the exporter's metrics, or of the Prometheus
    // Of an exporter that is no node_exporter: these metrics, summed over their labels; those that
    // end in "_total" per second. Empty: what node_exporter tells of a machine.
    std::vector<std::string> metrics;
    std::string query;  // PromQL, complete
    std::string unit;   // of the query's figure: "ratio", "bytes", …; may be empty
};

// One entry of `monitor:` as "key=value" lines, or an exporter's URL alone. Keys: name, exporter,
// metrics, prometheus, promql, instance (replaces %1$s), unit. Or what is wrong with it.
[[nodiscard]] std::variant<MonitorSource, std::string> parse_monitor(std::string_view text);

// Metrics of one scrape, summed over all their labels but those that the figures need.
struct Scrape {
    double at_s = 0;
    std::map<std::string, double> values;
};
// Bounded: lines that are no samples are skipped, at most 100 000 lines are read.
[[nodiscard]] Scrape read_scrape(std::string_view text, double at_s);
struct Figure {
    std::string name, unit;
    double value = 0;
};
// What happened between two scrapes: CPU, iowait, memory, disks, network, TCP.
[[nodiscard]] std::vector<Figure> machine_figures(const Scrape& before, const Scrape& now);
[[nodiscard]] std::vector<Figure> named_figures(const std::vector<std::string>& metrics,
                                                const Scrape& before, const Scrape& now);

// What all sources have told so far. Any thread.
class MonitorLog {
public:
    static constexpr std::size_t kMaxPoints = 3600;  // per series; then pairs are averaged
    static constexpr std::size_t kMaxSeries = 500;   // more are not taken up

    void add(double t_s, const std::string& source, const Figure& figure);
    // Without what was told after the end of the run.
    [[nodiscard]] std::vector<MonitorSeries> series(double until_s) const;

private:
    mutable std::mutex mutex_;
    std::vector<MonitorSeries> series_;
};

// Samples one source every interval, on its own thread. A source that does not answer leaves gaps
// and a complaint.
[[nodiscard]] std::unique_ptr<Output> make_monitor(MonitorSource source,
                                                   std::shared_ptr<MonitorLog> log);
// Empty, or why the source does not answer now.
[[nodiscard]] std::string check_monitor(const MonitorSource& source);

}  // namespace boom::report
