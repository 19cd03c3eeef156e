#pragma once
// The result of a run, live or final: the content of the result file (schema 1), which is the one
// source of truth for every output. Plain data; a published one is never written again.

#include "stats/summary.hpp"
#include "stats/timeline.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::report {

struct CaseInfo {
    std::string name, path, sha256;
};

enum class RunState { Running, Finished, Stopped, Aborted };
enum class Verdict { Passed, Failed, Invalid };

struct RunInfo {
    std::string id;
    std::vector<CaseInfo> cases;
    std::string started_at;  // RFC 3339
    double duration_s = 0;
    RunState state = RunState::Running;
    Verdict verdict = Verdict::Passed;
    int exit_code = 0;
    bool is_degraded = false;
    std::vector<std::string> notes;
    std::vector<std::pair<std::string, std::vector<std::string>>> profile;  // effective
    std::map<std::string, std::string> tags;
};

struct WorkerResult {
    std::string id, name, room;
    std::int64_t users_peak = 0;
    std::int64_t requests = 0;
    std::int64_t failures = 0;
    bool is_lost = false;
    double cpu_percent_max = 0;
    std::int64_t lateness_p99_us = 0;
    stats::Health health;
};

// So many workers are named with a failure, those that had it most.
inline constexpr std::size_t kMaxErrorWorkers = 8;
struct ErrorRow {
    std::string error_class, message, step;
    std::int64_t count = 0;
    double first_s = 0, last_s = 0;
    std::int64_t p50_us = 0, p99_us = 0, max_us = 0;
    struct Worker {
        std::string id;
        std::int64_t count = 0;
    };
    std::vector<Worker> workers{};  // empty where the run had one worker only
    std::int64_t more_workers = 0;  // that are not named
};

struct Event {
    double t_s = 0;
    std::string kind;  // start stage adjust joined lost returned drained threshold stop gap
    std::string text;
    std::string worker;
};

// A stage of the load: its own row of the results.
struct StageResult {
    std::string name;
    double from_s = 0, to_s = 0;  // since the start of the run
    stats::StepSummary total;
};

struct ThresholdResult {
    std::string expression;  // as typed
    double bound = 0;
    std::string unit;                // of both figures: "ms", "%", …; may be empty
    std::optional<double> observed;  // none = no data = failed
    bool has_passed = false;
};

// One figure of the tested system or of a load box over the time of the run.
struct MonitorSeries {
    std::string name;                               // "cpu"
    std::string source;                             // the machine
    std::string unit;                               // "ratio", "bytes/s", …; may be empty
    std::vector<std::pair<double, double>> points;  // seconds since the start, value
};

// A request of what a case does once per run; none of the load's.
struct PartStep {
    std::string case_name, name;
    std::string outcome;  // "passed", "interrupted", or a class of errors
    std::string message;  // of a failure
    int status = 0;       // of the last answer; 0: none
    std::int64_t time_us = 0;
    [[nodiscard]] bool has_passed() const { return outcome == "passed"; }
};

struct Health {
    std::optional<std::string> limited_by;
    double asked = 0, reached = 0;
    stats::Distribution lateness;
};

struct Result {
    std::string version;
    RunInfo run;
    std::vector<WorkerResult> workers;
    stats::StepSummary total;
    std::vector<stats::StepSummary> steps;
    stats::Iterations iterations;
    stats::Transactions transactions;
    std::vector<ErrorRow> errors;
    std::vector<Event> events;
    std::vector<StageResult> stages;
    std::vector<ThresholdResult> thresholds;
    stats::Connections connections;
    Health health;
    std::vector<stats::TimelineRow> timeline;
    std::vector<MonitorSeries> monitor;     // only in the file when something was monitored
    std::vector<PartStep> setup, teardown;  // of the run; only in the file where there are any
    // Not in the file: of this moment, for live displays.
    int users = 0, target_users = 0, workers_active = 0;
    std::string state_name;          // "ready", "spawning", …
    int state_number = 1;            // 1…7 as the reference counts them
    std::optional<double> progress;  // 0…1, where the end is known
    std::optional<double> left_s;
    std::vector<std::string> waits;  // what the run waits for, with deadlines
};

// What happened in the last second that is over; zeros before there is one.
[[nodiscard]] stats::TimelineRow last_whole_second(const Result& result);

// The result file. Key order as documented.
[[nodiscard]] std::string to_json(const Result& result);
// Reads it back. Throws ConfigError, at `path`, for what is no result file of schema 1.
[[nodiscard]] Result parse_result(std::string_view json, const std::string& path);

}  // namespace boom::report
