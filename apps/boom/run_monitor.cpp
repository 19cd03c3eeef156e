#include "boom/run_monitor.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <future>

namespace boom::app {

std::vector<report::MonitorSource> make_monitors(const std::vector<std::string>& texts) {
    std::vector<report::MonitorSource> sources;
    std::vector<base::Mistake> mistakes;
    for (const std::string& text : texts) {
        auto parsed = report::parse_monitor(text);
        if (auto* what = std::get_if<std::string>(&parsed)) {
            mistakes.push_back({{"monitor"}, std::move(*what), {}});
        } else {
            sources.push_back(std::get<report::MonitorSource>(std::move(parsed)));
        }
    }
    if (!mistakes.empty()) {
        throw base::ConfigError(std::move(mistakes));
    }
    return sources;
}

void check_monitors(const std::vector<report::MonitorSource>& sources) {
    // All at once: each may take its whole deadline.
    std::vector<std::future<std::string>> answers;
    answers.reserve(sources.size());
    for (const report::MonitorSource& source : sources) {
        answers.push_back(
            std::async(std::launch::async, [&source] { return report::check_monitor(source); }));
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (const std::string what = answers[i].get(); !what.empty()) {
            base::log::warning(
                "a monitored source does not answer",
                {{"name", sources[i].name}, {"url", sources[i].url}, {"reason", what}});
        }
    }
}

void add_worker_figures(report::MonitorLog& log, const cluster::Master& master, double t_s) {
    for (const auto& peer : master.peers()) {
        const std::string source =
            "worker " + (peer->hello.name.empty() ? peer->hello.id : peer->hello.name);
        log.add(t_s, source, {"cpu", "ratio", peer->last.cpu_percent / 100});
        log.add(t_s, source, {"memory", "ratio", peer->last.memory_percent / 100});
        const auto add = [&](const char* name, const char* unit, auto value) {
            log.add(t_s, source, {name, unit, static_cast<double>(value)});
        };
        add("network received", "bytes/s", peer->rates.bytes_received);
        add("network sent", "bytes/s", peer->rates.bytes_sent);
        if (peer->health.seconds > 0) {
            add("tcp connections", "", peer->health.sockets);
            add("tcp time-wait", "", peer->health.time_wait);
            add("local ports in use", "", peer->health.ports_in_use);
            add("descriptors", "", peer->health.descriptors);
        }
    }
}

}  // namespace boom::app
