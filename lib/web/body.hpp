#pragma once
// Bodies of /start, /rebalance and /stop: JSON objects of profile keys, checked as the reference
// does.

#include "load/profile.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace boom::web {

struct CommandBody {
    std::string testcase_path;  // of /start
    std::string start_at;       // of /start: when, as people type it; empty: at once
    std::string worker;         // of /rebalance: this one alone; empty: all
    std::vector<load::Setting> settings;
    std::string complaint;  // empty when all is well
};

enum class Command { Start, Rebalance };
[[nodiscard]] CommandBody parse_command_body(std::string_view text, Command command);

// Of POST /stop: nothing, or {"force": true}.
struct StopBody {
    bool is_forced = false;
    std::string complaint;  // empty when all is well
};
[[nodiscard]] StopBody parse_stop_body(std::string_view text);

}  // namespace boom::web
