#pragma once
// A worker process, and the worker inside a local run.

#include "boom/options.hpp"
#include "cluster/bundle_cache.hpp"
#include "cluster/link.hpp"

#include <memory>

namespace boom::app {

// Until the master quits (or for ever with --ignore-quit), or a signal. Returns the exit code.
[[nodiscard]] int run_worker(const Options& options);

// Runs a worker on a thread of its own until the master on the other end of the link quits, or,
// when that never happens because the master failed, until it is destroyed.
class InProcessWorker {
public:
    // The bundle and the options outlive it.
    InProcessWorker(cluster::Link& link, const Options& options,
                    const cluster::SharedBundle& shared);
    ~InProcessWorker();
    void join();  // once the master has quit
    InProcessWorker(const InProcessWorker&) = delete;
    InProcessWorker& operator=(const InProcessWorker&) = delete;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace boom::app
