#pragma once
// The master with everything around it: signals, HTTP API, outputs, terminal.

#include "base/clock.hpp"
#include "boom/options.hpp"
#include "boom/process.hpp"
#include "boom/run_events.hpp"
#include "boom/run_monitor.hpp"
#include "boom/run_outputs.hpp"
#include "boom/run_part.hpp"
#include "boom/run_result.hpp"
#include "boom/run_thresholds.hpp"
#include "boom/start_time.hpp"
#include "boom/terminal.hpp"
#include "cluster/master.hpp"
#include "web/run_control.hpp"
#include "web/run_files.hpp"
#include "web/server.hpp"

#include <array>
#include <atomic>
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
    MasterShell(const Options& options, cluster::Link& link, std::string push_mode,
                cluster::SharedBundle* shared = nullptr);
    ~MasterShell() override;

    // Until the run is over (one run) or quit was asked (API mode). Returns the exit code.
    int loop(std::optional<cluster::RunRequest> first_run);
    void serve_http();
    // Takes up what an earlier master left in --run-dir, when it is what is asked for now.
    void resume(const std::optional<cluster::RunRequest>& request);

    web::Answer start(const web::StartRequest& request) override;
    web::PlanAnswer plan(const web::StartRequest& request) override;
    web::Answer rebalance(const std::vector<load::Setting>& settings,
                          const std::string& worker) override;
    web::Answer stop(StopMode mode) override;
    web::Answer quit() override;
    web::Answer take_out(const std::string& worker) override;
    web::Answer bring_back(const std::string& worker) override;
    std::vector<web::WorkerRow> workers() const override;
    std::optional<web::WorkerTotals> worker_totals(const std::string& id) const override;
    std::optional<std::string> worker_log(const std::string& id) override;
    web::MasterRow master() const override;
    std::string stats_json(Detail detail) const override;
    std::string metrics_text() const override;
    std::string report_html() const override;
    bool is_healthy() const override { return true; }
    const web::EventLog& events() const override { return event_log_; }
    void refused(const std::string& address, const std::string& reason) override;
    std::vector<web::CaseFile> cases() const override;
    std::optional<std::string> case_text(const std::string& path) const override;
    std::vector<web::RunRow> runs() const override;
    std::optional<web::RunDocument> run_document(const std::string& id,
                                                 const std::string& format) const override;

private:
    struct Published {
        std::shared_ptr<const report::Result> result;
        std::shared_ptr<const stats::Snapshot> totals;
        std::shared_ptr<const stats::Catalog> catalog;
        std::string interval;  // the steps of the last one, when somebody looks
        std::vector<web::WorkerRow> workers;
        web::MasterRow master;
    };

    web::Answer ask(std::function<web::Answer()> command);
    void run_commands();
    void publish();
    void publish_run(std::shared_ptr<const report::Result> result, const cluster::Run& run,
                     std::string interval);
    [[nodiscard]] load::Profile profile_of(const web::StartRequest& request,
                                           web::Answer& answer) const;
    web::Answer start_later(const std::string& when, cluster::RunRequest run);
    void start_when_due();
    [[nodiscard]] std::string check_paths(const std::string& testcase_path) const;
    void on_signals();
    void tell_waits();
    bool try_auto_start(std::optional<cluster::RunRequest>& request, base::TimePoint deadline);
    void on_run_start(const cluster::Run& run);
    void on_interval(const cluster::Run& run, const stats::Snapshot& delta, double seconds);
    void on_run_end(const cluster::Run& run);

    // A whole run: setup, load, teardown, report (master_parts.cpp).
    [[nodiscard]] std::string begin_run(cluster::RunRequest request);
    [[nodiscard]] std::string stop_run(user::StopMode mode);
    [[nodiscard]] bool is_run_on() const;
    void follow_part();
    void finish_setup();
    void abandon(cluster::RunEnd end, const std::string& why);
    void begin_teardown(const cluster::Run& run);
    void finish_teardown();
    void tell_part();
    [[nodiscard]] report::Result result_of(const cluster::Run& run, Signalled signalled,
                                           stats::Payload payload) const;
    void deliver(const cluster::Run& run);

    const Options& options_;
    cluster::Link& link_;
    std::string push_mode_;
    StableInstance instance_;
    Terminal terminal_;
    const std::vector<report::MonitorSource> monitors_;
    base::SteadyClock clock_;
    cluster::Master master_;
    std::unique_ptr<RunOutputs> outputs_;
    RunThresholds thresholds_{{}};                     // of the run
    std::shared_ptr<report::MonitorLog> monitor_log_;  // of the run
    std::optional<web::RunFiles> run_files_;
    web::EventLog event_log_;
    RunEvents run_events_{event_log_};
    std::unique_ptr<web::Server> server_;
    std::optional<int> exit_code_;
    struct PendingStart {
        WallTime at;
        cluster::RunRequest request;
    };
    std::optional<PendingStart> pending_;             // of /start with start-at
    std::unique_ptr<RunPart> part_;                   // that is on
    cluster::RunRequest set_up_;                      // the run that the setup is for
    std::optional<cluster::Run> abandoned_;           // its load never began
    std::vector<report::PartStep> setup_, teardown_;  // of the run
    bool has_setup_failed_ = false;
    base::TimePoint last_told_{};  // of the part
    bool is_quitting_ = false;
    bool is_resumed_ = false;
    base::TimePoint last_tick_{};
    base::TimePoint last_wait_{};  // that was told
    int signals_handled_ = 0;

    std::mutex commands_mutex_;
    std::deque<std::packaged_task<web::Answer()>> commands_;
    bool is_closed_ = false;

    std::mutex refusals_mutex_;
    base::Refusals refusals_;  // of the HTTP API

    mutable std::mutex published_mutex_;
    Published published_;
    // Texts that every open page asks for are made once per result; the web server's thread.
    struct StatsText {
        std::shared_ptr<const report::Result> of;
        std::string text;
    };
    mutable std::array<StatsText, 2> stats_texts_;
    mutable std::atomic<base::TimePoint> last_look_{};  // at the brief result
};

}  // namespace boom::app
