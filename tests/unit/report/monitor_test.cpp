#include "report/monitor.hpp"

#include <catch2/catch.hpp>

#include <map>

namespace boom::report {
namespace {

MonitorSource parsed(const std::string& text) {
    const auto result = parse_monitor(text);
    if (const auto* what = std::get_if<std::string>(&result)) {
        FAIL(text << ": " << *what);
    }
    return std::get<MonitorSource>(result);
}

TEST_CASE("Monitor: an address alone is an exporter", "[report]") {
    const auto [text, url, name] = GENERATE(table<std::string, std::string, std::string>({
        {"http://db:9100", "http://db:9100/metrics", "db:9100"},
        {"db:9100/", "http://db:9100/metrics", "db:9100"},
        {"https://db/probe?x=y", "https://db/probe?x=y", "db"},
        {"exporter=db:9100\nname=data base", "http://db:9100/metrics", "data base"},
    }));
    const MonitorSource source = parsed(text);
    CHECK(source.kind == MonitorSource::Kind::Exporter);
    CHECK(source.url == url);
    CHECK(source.name == name);
}

TEST_CASE("Monitor: the placeholder of a query becomes the instance", "[report]") {
    const MonitorSource source = parsed(
        "name=heap\nprometheus=p:9090\npromql=a{i=\"%1$s\"} / b{i=\"%1$s\"}\ninstance=db:9100\n"
        "unit=bytes");
    CHECK(source.kind == MonitorSource::Kind::Query);
    CHECK(source.url == "http://p:9090/api/v1/query");
    CHECK(source.query == "a{i=\"db:9100\"} / b{i=\"db:9100\"}");
    CHECK(source.unit == "bytes");
    // Everything else is sent as it is.
    CHECK(parsed("prometheus=p\npromql=rate(a[1m])*100%2").query == "rate(a[1m])*100%2");
}

TEST_CASE("Monitor: what is wrong is said", "[report]") {
    for (const char* text : {"name=x", "promql=up", "exporter=a\npromql=up\nprometheus=p",
                             "prometheus=p\npromql=up{i=\"%1$s\"}", "exporter=a\nport=3"}) {
        CAPTURE(text);
        CHECK(std::holds_alternative<std::string>(parse_monitor(text)));
    }
}

constexpr const char* kBefore = R"(# HELP node_cpu_seconds_total x
node_cpu_seconds_total{cpu="0",mode="idle"} 100
node_cpu_seconds_total{cpu="1",mode="idle"} 200
node_cpu_seconds_total{cpu="0",mode="user"} 50
node_cpu_seconds_total{cpu="0",mode="iowait"} 10
node_network_receive_bytes_total{device="eth0"} 1000
node_network_receive_bytes_total{device="lo"} 5
node_network_receive_bytes_total{device="bond0"} 5
node_disk_read_bytes_total{device="a}b",x="y"} 1e3
node_netstat_Tcp_RetransSegs 7
broken
also{broken 1
nan_value NaN
)";
constexpr const char* kNow = R"(node_cpu_seconds_total{cpu="0",mode="idle"} 101
node_cpu_seconds_total{cpu="1",mode="idle"} 202
node_cpu_seconds_total{cpu="0",mode="user"} 56
node_cpu_seconds_total{cpu="0",mode="iowait"} 11
node_network_receive_bytes_total{device="eth0"} 5000
node_network_receive_bytes_total{device="lo"} 500000
node_network_receive_bytes_total{device="bond0"} 500000
node_disk_read_bytes_total{device="a}b\"}",x="y"} 3e3 1700000000000 # {trace="1"} 7
node_netstat_Tcp_RetransSegs 3
node_memory_MemTotal_bytes 1000
node_memory_MemAvailable_bytes 250
jobs_total{a="1"} 30
jobs_total{a="2"} 40
queue 5
)";

std::map<std::string, double> by_name(const std::vector<Figure>& figures) {
    std::map<std::string, double> result;
    for (const Figure& figure : figures) {
        result[figure.name] = figure.value;
    }
    return result;
}

TEST_CASE("Monitor: figures of a machine out of two scrapes", "[report]") {
    auto figures = by_name(machine_figures(read_scrape(kBefore, 10), read_scrape(kNow, 12)));
    CHECK(figures["cpu"] == Approx(0.6));  // 6 of 10 CPU seconds
    CHECK(figures["iowait"] == Approx(0.1));
    CHECK(figures["memory"] == Approx(0.75));
    CHECK(figures["network received"] == Approx(2000));  // eth0 alone
    CHECK(figures["disk read"] == Approx(1000));
    // A counter that fell, and ones that are not there: no figure, and never a zero.
    CHECK(figures.count("tcp retransmits") == 0);
    CHECK(figures.count("disk written") == 0);
    CHECK(figures.count("load") == 0);
}

TEST_CASE("Monitor: named metrics are summed; those that end in _total per second", "[report]") {
    Scrape before = read_scrape("jobs_total{a=\"1\"} 10\njobs_total{a=\"2\"} 40\n", 0);
    auto figures =
        by_name(named_figures({"jobs_total", "queue", "none"}, before, read_scrape(kNow, 2)));
    CHECK(figures["jobs_total"] == Approx(10));
    CHECK(figures["queue"] == 5);
    CHECK(figures.count("none") == 0);
}

TEST_CASE("Monitor: a log of any length keeps 3600 points and their mean", "[report]") {
    MonitorLog log;
    constexpr int kSamples = 20'000;
    for (int i = 0; i < kSamples; ++i) {
        log.add(i, "db", {"cpu", "ratio", i < kSamples / 2 ? 0.25 : 0.75});
    }
    log.add(kSamples, "db", {"late", "", 1});
    const auto series = log.series(kSamples - 1);  // what came after the end is not in it
    REQUIRE(series.size() == 1);
    CHECK(series[0].points.size() <= MonitorLog::kMaxPoints);
    CHECK(series[0].points.front().first == 0);
    CHECK(series[0].points.front().second == Approx(0.25));
    CHECK(series[0].points.back().second == Approx(0.75));
    for (std::size_t i = 1; i < series[0].points.size(); ++i) {
        CHECK(series[0].points[i].first > series[0].points[i - 1].first);
    }
}

}  // namespace
}  // namespace boom::report
