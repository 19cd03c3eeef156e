#include "web/health_row.hpp"

namespace boom::web {

std::vector<std::pair<std::string_view, double>> HealthRow::figures() const {
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    return {{"loop_busy_percent", health.loop_busy_percent},
            {"loop_lag_us", number(health.loop_lag_us)},
            {"lateness_p99_us", number(lateness_p99_us)},
            {"overhead_percent", health.overhead_percent()},
            {"sockets", number(health.sockets)},
            {"time_wait", number(health.time_wait)},
            {"ports_in_use", number(health.ports_in_use)},
            {"ports", number(health.ephemeral_ports)},
            {"descriptors", number(health.descriptors)},
            {"descriptor_limit", number(health.descriptor_limit)},
            {"queued_bytes", number(health.queued_bytes)}};
}

}  // namespace boom::web
