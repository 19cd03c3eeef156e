#pragma once
// From a run of the cluster to the result that outputs understand.

#include "cluster/master.hpp"
#include "report/result.hpp"

#include <map>
#include <string>

namespace boom::app {

enum class Signalled { No, Yes };

// Live while the run is on; final with verdict and exit code once it is over.
[[nodiscard]] report::Result make_result(const cluster::Master& master, const cluster::Run& run,
                                         Signalled signalled, stats::Payload payload);
// Of a worker's own view of its run; without payloads of histograms.
struct WorkerView {
    std::string run_id;
    const stats::Catalog* catalog = nullptr;
    const stats::Snapshot* totals = nullptr;
    base::Duration elapsed{};
    int users = 0;
    cluster::State state = cluster::State::Running;
    std::map<std::string, std::string> tags;
};
[[nodiscard]] report::Result make_result(const WorkerView& view);

}  // namespace boom::app
