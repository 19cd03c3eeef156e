#pragma once
// What the API tells of workers: all of them, one with its part in the last run, one's log.

#include "web/message.hpp"
#include "web/run_control.hpp"

#include <string>

namespace boom::web {

[[nodiscard]] ApiResponse workers_response(const ApiRequest& request, const RunControl& control);
[[nodiscard]] ApiResponse worker_response(const std::string& id, const RunControl& control);
[[nodiscard]] ApiResponse worker_log_response(const std::string& id, RunControl& control);

}  // namespace boom::web
