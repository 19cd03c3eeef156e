#pragma once
// The master with everything around it: signals, HTTP API, outputs, terminal.

#include "base/clock.hpp"
#include "boom/options.hpp"
#include "boom/process.hpp"
#include "boom/run_outputs.hpp"
#include "boom/terminal.hpp"
#include "cluster/master.hpp"
#include "web/run_control.hpp"
#include "web/server.hpp"

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace boom::app {

// Owns the master and everything around it. The loop's thread; the web server's thread comes in
// through ask(), which runs a function in the loop's thread.
class MasterShell final : public web::RunControl {
public:
    MasterShell(const Options& options, cluster::Link& link, std::string push_mode);
    ~MasterShell() override;

    // Until the run is over (one run) or quit was asked (API mode). Returns the exit code.
    int loop(std::optional<cluster::RunRequest> first_run);
    void serve_http();

    web::Answer start(const std::string& testcase_path,
                      const std::vector<load::Setting>& settings) override;
    web::Answer rebalance(const std::vector<load::Setting>& settings) override;
    web::Answer stop(StopMode mode) override;
    web::Answer quit() override;
    std::vector<web::WorkerRow> workers() const override;
    web::MasterRow master() const override;
    std::string stats_json() const override;
    std::string metrics_text() const override;
    bool is_healthy() const override { return true; }

private:
    struct Published {
        std::shared_ptr<const report::Result> result;
        std::shared_ptr<const stats::Snapshot> totals;
        std::shared_ptr<const stats::Catalog> catalog;
        std::vector<web::WorkerRow> workers;
        web::MasterRow master;
    };

    web::Answer ask(std::function<web::Answer()> command);
    void run_commands();
    void publish();
    void on_signals();
    bool try_auto_start(std::optional<cluster::RunRequest>& request, base::TimePoint deadline);
    void on_run_start(const cluster::Run& run);
    void on_interval(const cluster::Run& run, const stats::Snapshot& delta, double seconds);
    void on_run_end(const cluster::Run& run);

    const Options& options_;
    cluster::Link& link_;
    std::string push_mode_;
    StableInstance instance_;
    Terminal terminal_;
    base::SteadyClock clock_;
    cluster::Master master_;
    std::unique_ptr<RunOutputs> outputs_;
    std::unique_ptr<web::Server> server_;
    std::optional<int> exit_code_;
    bool is_quitting_ = false;
    int signals_handled_ = 0;

    std::mutex commands_mutex_;
    std::deque<std::packaged_task<web::Answer()>> commands_;
    bool is_closed_ = false;

    mutable std::mutex published_mutex_;
    Published published_;
};

}  // namespace boom::app
