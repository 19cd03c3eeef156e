#pragma once
// boom plan CASE: the load over time that a run would offer, without running it.

#include "boom/options.hpp"
#include "load/schedule.hpp"

#include <string>

namespace boom::app {

int run_plan(const Options& options);
// The table and the chart, for `workers` equal workers.
[[nodiscard]] std::string plan_text(const load::Schedule& schedule, const load::Profile& profile,
                                    std::int64_t workers);
// The same as JSON: points of each kind of load, and the share of each worker.
[[nodiscard]] std::string plan_json(const load::Schedule& schedule, const load::Profile& profile,
                                    std::int64_t workers);

}  // namespace boom::app
