#pragma once
// A master process, and a local run: a master with one worker in the same process.

#include "boom/options.hpp"

namespace boom::app {

// Both return the exit code; both throw ConfigError before any load when something is wrong.
[[nodiscard]] int run_master(const Options& options);
[[nodiscard]] int run_local(const Options& options);

}  // namespace boom::app
