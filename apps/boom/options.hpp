#pragma once
// The command line, the environment and the profile file, merged to one set of options.

#include "boom/secrets.hpp"
#include "boom/start_time.hpp"
#include "load/profile.hpp"
#include "plan/bundle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace boom::app {

enum class Mode { Local, Master, Worker, Target, Validate, Plan, Check, Status, Help };

struct OutputFile {
    std::string kind;  // "json"
    std::string path;
};

struct Options {
    Mode mode = Mode::Local;
    std::string text;                // Help: what to print
    std::vector<std::string> cases;  // files, folders or URLs
    load::Profile profile;
    plan::UrlRequest url;  // --method and --data
    std::vector<OutputFile> outputs;
    std::vector<std::string> monitor;  // entries of the profile, see report::parse_monitor

    std::optional<WallTime> start_at;  // the run waits for it
    bool auto_start = false;
    std::int64_t expect_workers = 1;
    base::Duration expect_workers_max_wait = std::chrono::seconds(120);
    std::string master_bind_host = "0.0.0.0";
    int master_bind_port = 5557;
    // Empty: none. `is_explicit`: a busy port is an error and not just a warning.
    std::string http_address;
    bool is_http_explicit = false;
    bool is_cluster_open = false;
    std::string token;  // empty: none
    ServerKeys http_keys;
    std::string run_folder;  // --run-dir; empty: none

    bool is_any_path_allowed = false;  // for /start
    bool is_master_named = false;      // --master-host or --master-port was given

    std::string master_host = "127.0.0.1";
    int master_port = 5557;
    bool ignore_quit = false;
    std::optional<std::int64_t> max_users;
    std::string room, name;

    bool is_debug = false;
    bool is_quiet = false;
    bool is_verbose = false;
    bool no_color = false;
    std::string log_file;
    bool is_log_json = false;
};

// Throws ConfigError with every mistake.
[[nodiscard]] Options parse_options(int argc, char** argv);

}  // namespace boom::app
