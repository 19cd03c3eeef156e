#pragma once
// Databases and collectors that are written to while a run is on, besides the Pushgateway.

#include "report/output.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace boom::report {

// InfluxDB line protocol, one request per interval. `url` is the write address, query included
// ("http://host:8086/write?db=boom"); a bare "http://host:8086" writes to the database boom.
[[nodiscard]] std::unique_ptr<Output> make_influx(const std::string& url);
// OpenTelemetry metrics, OTLP/HTTP JSON; a bare "http://host:4318" means /v1/metrics there.
[[nodiscard]] std::unique_ptr<Output> make_otlp(const std::string& url);

// What is sent for one interval; `time_ns` is since 1970.
[[nodiscard]] std::string influx_lines(const IntervalReport& report, const stats::Catalog& catalog,
                                       std::int64_t time_ns);
[[nodiscard]] std::string otlp_json(const IntervalReport& report, const stats::Catalog& catalog,
                                    std::int64_t start_ns, std::int64_t time_ns);

}  // namespace boom::report
