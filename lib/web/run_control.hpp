#pragma once
// What the HTTP API may do to a run. Declared here, implemented by the app with the master.

#include "load/profile.hpp"
#include "web/case_files.hpp"
#include "web/health_row.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace boom::web {

class EventLog;

// Answer of a command: code 0 "success", 2 server error, 3 stop error, as the reference.
struct Answer {
    int code = 0;
    std::string message = "success";
};

struct WorkerRow {
    std::string id, ip, os, arch, name, state_name, room, version;
    int state = 1;      // 1…7
    int heartbeat = 3;  // liveness as the reference counts it: 3 right after a heartbeat
    std::int64_t user_count = 0;
    double worker_cpu_usage = 0, cpu_usage = 0;  // percent
    bool cpu_warning_emitted = false;
    double worker_memory_usage = 0, memory_usage = 0;  // percent
    std::optional<std::int64_t> max_users;
    std::int64_t target_users = 0;  // its share of them
    double rps = 0;
    std::int64_t lag_us = 0;
    HealthRow health;
};

// What one worker did in the run that is on, or in the last one; all its parts together.
struct WorkerTotals {
    std::string run_id;
    std::int64_t requests = 0, failures = 0, users_peak = 0, lateness_p99_us = 0;
    double cpu_percent_max = 0;
    std::optional<std::int64_t> connect_min_us;  // none: it opened no connection
    bool is_lost = false;
};

// Somebody who was turned away, and why.
struct RefusedPeer {
    std::string address, reason;
    std::int64_t count = 0;
};

struct MasterRow {
    int state = 1;
    std::string state_name = "ready";
    std::int64_t workers = 0, target_users = 0, current_users = 0;
    std::string run_id;
    double elapsed_s = 0, rps = 0, error_ratio = 0;
    bool is_degraded = false;
    std::optional<double> starts_in_s;  // of a start that waits for its time
    std::vector<std::string> waits;     // what the run waits for, with deadlines
    std::vector<RefusedPeer> refused;
    std::int64_t refused_count = 0;
};

// The load over time that a start would give.
struct PlanPoint {
    double t_s = 0;
    double target = 0;
    bool operator==(const PlanPoint&) const = default;
};
struct PlanAnswer {
    Answer answer;
    std::string unit = "users";  // or "iterations/s"
    std::vector<PlanPoint> points;
    double duration_s = 0;  // 0: until it is stopped
};

// What a start may say besides the profile.
struct StartRequest {
    std::string testcase_path;
    std::vector<load::Setting> settings;  // in the order of the body
    std::string start_at = {};            // as people type it; empty: at once
};

// A finished run that was kept.
struct RunRow {
    std::string id, started_at, verdict, state;
    std::vector<std::string> cases;
    std::vector<std::string> formats;  // what it can be had as
    std::map<std::string, std::string> tags;
    double duration_s = 0, rps = 0, error_ratio = 0;
    std::int64_t requests = 0, p95_us = 0;
};
struct RunDocument {
    std::string content_type, text;
};

// All calls come from the web server's thread; the implementation makes them safe. None may block
// longer than 30 s.
class RunControl {
public:
    virtual ~RunControl() = default;
    // The implementation adds its defaults to what the body named.
    virtual Answer start(const StartRequest& request) = 0;
    virtual PlanAnswer plan(const StartRequest& request) = 0;
    // An empty worker means all of them.
    virtual Answer rebalance(const std::vector<load::Setting>& settings,
                             const std::string& worker) = 0;
    enum class StopMode { Graceful, Force };
    virtual Answer stop(StopMode mode) = 0;
    virtual Answer quit() = 0;
    // Takes one worker out of the run, or back in. Code 4: there is no such worker.
    virtual Answer take_out(const std::string& worker) = 0;
    virtual Answer bring_back(const std::string& worker) = 0;

    [[nodiscard]] virtual std::vector<WorkerRow> workers() const = 0;
    // None: it took no part. The figures are those of the last second that was published.
    [[nodiscard]] virtual std::optional<WorkerTotals> worker_totals(
        const std::string& id) const = 0;
    // Plain text, a line for each thing that happened to it or that it said; none: no such worker.
    [[nodiscard]] virtual std::optional<std::string> worker_log(const std::string& id) = 0;
    [[nodiscard]] virtual MasterRow master() const = 0;
    // The result file, live; Brief leaves out time line and encoded histograms and adds what the
    // last interval gave, step by step.
    enum class Detail { Whole, Brief };
    [[nodiscard]] virtual std::string stats_json(Detail detail) const = 0;
    [[nodiscard]] virtual std::string metrics_text() const = 0;  // Prometheus text
    [[nodiscard]] virtual std::string report_html() const = 0;   // one page, live
    [[nodiscard]] virtual bool is_healthy() const = 0;
    [[nodiscard]] virtual const EventLog& events() const = 0;

    // Somebody was turned away: an address, or the port where none is known.
    virtual void refused(const std::string& address, const std::string& reason) = 0;

    [[nodiscard]] virtual std::vector<CaseFile> cases() const = 0;
    [[nodiscard]] virtual std::optional<std::string> case_text(const std::string& path) const = 0;
    [[nodiscard]] virtual std::vector<RunRow> runs() const = 0;
    [[nodiscard]] virtual std::optional<RunDocument> run_document(
        const std::string& id, const std::string& format) const = 0;
};

}  // namespace boom::web
