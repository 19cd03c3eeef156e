#pragma once
// --debug: one user, one iteration; every request and answer is printed, secrets masked.

#include "boom/options.hpp"

namespace boom::app {

// Returns the exit code: 0, or 96 when no request succeeded.
[[nodiscard]] int run_debug(const Options& options);

}  // namespace boom::app
