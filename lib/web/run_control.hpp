#pragma once
// What the HTTP API may do to a run. Declared here, implemented by the app with the master.

#include "load/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace boom::web {

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
    double rps = 0;
    std::int64_t lag_us = 0;
};

struct MasterRow {
    int state = 1;
    std::string state_name = "ready";
    std::int64_t workers = 0, target_users = 0, current_users = 0;
    std::string run_id;
    double elapsed_s = 0, rps = 0, error_ratio = 0;
    bool is_degraded = false;
};

// All calls come from the web server's thread; the implementation makes them safe. None may block
// longer than 30 s.
class RunControl {
public:
    virtual ~RunControl() = default;
    // Settings that the body named, in its order; the implementation adds its defaults.
    virtual Answer start(const std::string& testcase_path,
                         const std::vector<load::Setting>& settings) = 0;
    virtual Answer rebalance(const std::vector<load::Setting>& settings) = 0;
    enum class StopMode { Graceful, Force };
    virtual Answer stop(StopMode mode) = 0;
    virtual Answer quit() = 0;
    [[nodiscard]] virtual std::vector<WorkerRow> workers() const = 0;
    [[nodiscard]] virtual MasterRow master() const = 0;
    [[nodiscard]] virtual std::string stats_json() const = 0;    // the result file, live
    [[nodiscard]] virtual std::string metrics_text() const = 0;  // Prometheus text
    [[nodiscard]] virtual bool is_healthy() const = 0;
};

}  // namespace boom::web
