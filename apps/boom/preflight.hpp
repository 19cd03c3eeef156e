#pragma once
// What is looked at before a load, and by `boom check` and `boom status`.

#include "boom/options.hpp"

#include <string>
#include <vector>

namespace boom::app {

// The address of a Pushgateway as this machine has to write it; empty: none is wanted.
[[nodiscard]] std::string gateway_from_here(const std::string& gateway,
                                            const std::string& master_host);
// Why nothing answers there, or empty. Any answer will do. Blocks for at most 2 s.
[[nodiscard]] std::string sink_problem(const std::string& url);
// Says before the load which of the sinks that this process writes to do not answer; the outputs
// themselves complain in the result when they could not do their work. 2 s at most.
void warn_of_sinks(const std::string& gateway, const std::vector<OutputFile>& outputs);
// One note for each sink that this process writes to and that does not answer; 2 s at most.
[[nodiscard]] std::vector<std::string> sink_notes(const std::string& gateway,
                                                  const std::vector<OutputFile>& outputs);

// `boom check`: sinks, files, target, master port and limits, as seen from here. 0, or 101 when
// something would keep a run from starting.
int run_check(const Options& options);
// `boom status`: what the master does. The last run's exit code; 103 when no master answers.
int run_status(const Options& options);

}  // namespace boom::app
