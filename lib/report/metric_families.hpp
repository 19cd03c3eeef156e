#pragma once
// Results as prometheus-cpp families: private to this module.

#include "report/output.hpp"

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

namespace boom::report {

// The modern set of interfaces section 4: base units, counters, histograms.
[[nodiscard]] std::vector<prometheus::MetricFamily> modern_families(const stats::Snapshot& totals,
                                                                    const stats::Catalog& catalog,
                                                                    const Result& view);

// The reference's names (hrp-boom 4.4): milliseconds, figures of the last push interval.
[[nodiscard]] std::vector<prometheus::MetricFamily> reference_families(
    const stats::Snapshot& delta, double interval_s, const stats::Snapshot& totals,
    const stats::Catalog& catalog, const Result& view);

// The run's tags as labels of every series. A name that Prometheus or a family uses itself gets the
// prefix "tag_"; characters that a label may not have become "_", as which a leading digit starts.
void add_tag_labels(std::vector<prometheus::MetricFamily>& families,
                    const std::map<std::string, std::string>& tags);

// Step names as labels: at most kMaxStepLabels, then "__other__".
inline constexpr std::size_t kMaxStepLabels = 200;
[[nodiscard]] std::string step_label(const std::string& name, std::size_t row);
// "request-GET", "transaction": the reference's Type column.
[[nodiscard]] std::string type_label(const stats::StepInfo& info);

}  // namespace boom::report
