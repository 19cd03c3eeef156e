#pragma once
// Whether the load that was asked for was offered, and what kept the generator from it.

#include "cluster/run.hpp"
#include "report/result.hpp"

namespace boom::app {

// A row for each stage.
void add_stages(report::Result& result, const cluster::Run& run);
// health.asked, reached, limited_by, and notes with numbers and remedy.
void add_delivery(report::Result& result, const cluster::Run& run);
// Less than the profile's minimum was delivered: the run says nothing about its target.
[[nodiscard]] bool is_short(const report::Result& result, const load::Profile& profile);

}  // namespace boom::app
