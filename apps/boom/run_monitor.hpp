#pragma once
// What is monitored beside a run: the sources of the profile, and the load boxes themselves.

#include "cluster/master.hpp"
#include "report/monitor.hpp"

#include <memory>
#include <string>
#include <vector>

namespace boom::app {

// Throws ConfigError with every mistake.
[[nodiscard]] std::vector<report::MonitorSource> make_monitors(
    const std::vector<std::string>& texts);
// Says on the log which source does not answer: a warning, never a refusal.
void check_monitors(const std::vector<report::MonitorSource>& sources);

// The figures that each worker told with its last heartbeat. The master's thread.
void add_worker_figures(report::MonitorLog& log, const cluster::Master& master, double t_s);

}  // namespace boom::app
