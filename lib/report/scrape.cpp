// Figures of a machine out of two scrapes of its exporter.
#include "base/text.hpp"
#include "report/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace boom::report {
namespace {

constexpr int kMaxLines = 100'000;

// The value of a label in `{a="x",b="y"}`; escapes are kept. Empty when absent.
std::string_view label(std::string_view labels, std::string_view name) {
    for (std::size_t at = labels.find(name); at != std::string_view::npos;
         at = labels.find(name, at + 1)) {
        const bool is_start = at > 0 && (labels[at - 1] == '{' || labels[at - 1] == ',');
        const std::string_view rest = labels.substr(at + name.size());
        if (is_start && rest.substr(0, 2) == "=\"") {
            return rest.substr(2, rest.find('"', 2) - 2);
        }
    }
    return {};
}

// Which sum a sample belongs to; empty for none. CPU is kept by mode; loopback and bonds, which
// count again what their members counted, are left out.
std::string key_of(std::string_view name, std::string_view labels) {
    if (name == "node_cpu_seconds_total") {
        return fmt::format("{}:{}", name, label(labels, "mode"));
    }
    if (name.substr(0, 13) == "node_network_") {
        const std::string_view device = label(labels, "device");
        return device == "lo" || device.substr(0, 4) == "bond" ? std::string() : std::string(name);
    }
    return std::string(name);
}

double value(const Scrape& scrape, const std::string& name) {
    const auto found = scrape.values.find(name);
    return found == scrape.values.end() ? std::nan("") : found->second;
}

// Where the labels that begin with '{' end: behind their '}', which values in quotes may contain.
std::size_t end_of_labels(std::string_view text) {
    bool is_quoted = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\' && is_quoted) {
            ++i;
        } else if (text[i] == '"') {
            is_quoted = !is_quoted;
        } else if (text[i] == '}' && !is_quoted) {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

class Differences {
public:
    Differences(const Scrape& before, const Scrape& now) : before_(before), now_(now) {}

    [[nodiscard]] double per_second(const std::string& name) const {
        const double change = value(now_, name) - value(before_, name);
        // A counter that fell began anew.
        return change < 0 ? std::nan("") : change / (now_.at_s - before_.at_s);
    }
    void add(std::string name, std::string unit, double figure) {
        if (std::isfinite(figure)) {
            figures_.push_back({std::move(name), std::move(unit), figure});
        }
    }
    [[nodiscard]] std::vector<Figure> take() { return std::move(figures_); }

private:
    const Scrape& before_;
    const Scrape& now_;
    std::vector<Figure> figures_;
};

}  // namespace

Scrape read_scrape(std::string_view text, double at_s) {
    Scrape scrape;
    scrape.at_s = at_s;
    for (int lines = 0; !text.empty() && lines < kMaxLines; ++lines) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::size_t name_end = line.find_first_of("{ ");
        if (name_end == std::string_view::npos) {
            continue;
        }
        std::string_view rest = line.substr(name_end);
        std::string_view labels;
        if (rest.front() == '{') {
            const std::size_t end_of = end_of_labels(rest);
            if (end_of == std::string_view::npos) {
                continue;
            }
            labels = rest.substr(0, end_of);
            rest.remove_prefix(end_of);
        }
        std::string_view number = base::trim(rest);
        number = number.substr(0, number.find(' '));  // a time may follow
        const std::string key = key_of(line.substr(0, name_end), labels);
        const auto parsed = base::parse_real(number);
        if (!key.empty() && parsed && std::isfinite(*parsed)) {
            scrape.values[key] += *parsed;
        }
    }
    return scrape;
}

std::vector<Figure> machine_figures(const Scrape& before, const Scrape& now) {
    Differences d(before, now);
    double cpu = 0;
    for (const auto& [name, seconds] : now.values) {
        if (name.rfind("node_cpu_seconds_total:", 0) == 0) {
            cpu += seconds - (before.values.count(name) > 0 ? value(before, name) : seconds);
        }
    }
    const double length = now.at_s - before.at_s;
    if (cpu > 0) {
        const double idle = d.per_second("node_cpu_seconds_total:idle") * length / cpu;
        const double iowait = d.per_second("node_cpu_seconds_total:iowait") * length / cpu;
        // The kernel rounds each mode for itself.
        d.add("cpu", "ratio", std::clamp(1 - idle - iowait, 0.0, 1.0));
        d.add("iowait", "ratio", iowait);
    }
    d.add("memory", "ratio",
          1 - value(now, "node_memory_MemAvailable_bytes") /
                  value(now, "node_memory_MemTotal_bytes"));
    d.add("load", "", value(now, "node_load1"));
    d.add("disk read", "bytes/s", d.per_second("node_disk_read_bytes_total"));
    d.add("disk written", "bytes/s", d.per_second("node_disk_written_bytes_total"));
    d.add("network received", "bytes/s", d.per_second("node_network_receive_bytes_total"));
    d.add("network sent", "bytes/s", d.per_second("node_network_transmit_bytes_total"));
    d.add("tcp connections", "", value(now, "node_netstat_Tcp_CurrEstab"));
    d.add("tcp time-wait", "", value(now, "node_sockstat_TCP_tw"));
    d.add("tcp retransmits", "per second", d.per_second("node_netstat_Tcp_RetransSegs"));
    return d.take();
}

std::vector<Figure> named_figures(const std::vector<std::string>& metrics, const Scrape& before,
                                  const Scrape& now) {
    constexpr std::string_view kTotal = "_total";
    Differences d(before, now);
    for (const std::string& name : metrics) {
        const bool is_counter =
            name.size() > kTotal.size() && name.substr(name.size() - kTotal.size()) == kTotal;
        d.add(name, is_counter ? "per second" : "",
              is_counter ? d.per_second(name) : value(now, name));
    }
    return d.take();
}

}  // namespace boom::report
