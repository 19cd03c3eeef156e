#pragma once
// The result file as a JSON value: private to this module.

#include "report/result.hpp"

#include <nlohmann/json.hpp>

namespace boom::report {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json result_value(const Result& result);
// Text of any value; bytes that are no UTF-8 are replaced. -1: on one line.
[[nodiscard]] std::string dump(const Json& value, int indent);
// For pages: histograms are replaced by curves of percentiles, what to do next is added.
[[nodiscard]] Json page_value(const Result& result);

}  // namespace boom::report
