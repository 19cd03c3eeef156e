#include "stats/health.hpp"

#include <algorithm>

namespace boom::stats {

void Health::add(const Health& other) {
    seconds += other.seconds;
    network_seconds += other.network_seconds;
    thread_seconds += other.thread_seconds;
    busy_thread_seconds += other.busy_thread_seconds;
    loop_busy_percent = std::max(loop_busy_percent, other.loop_busy_percent);
    thread_cpu_percent = std::max(thread_cpu_percent, other.thread_cpu_percent);
    cpu_percents.resize(std::max(cpu_percents.size(), other.cpu_percents.size()), 0);
    for (std::size_t thread = 0; thread < other.cpu_percents.size(); ++thread) {
        cpu_percents[thread] = std::max(cpu_percents[thread], other.cpu_percents[thread]);
    }
    loop_lag_us = std::max(loop_lag_us, other.loop_lag_us);
    sockets = std::max(sockets, other.sockets);
    time_wait = std::max(time_wait, other.time_wait);
    ports_in_use = std::max(ports_in_use, other.ports_in_use);
    ephemeral_ports = std::max(ephemeral_ports, other.ephemeral_ports);
    descriptors = std::max(descriptors, other.descriptors);
    descriptor_limit = std::max(descriptor_limit, other.descriptor_limit);
    users_peak = std::max(users_peak, other.users_peak);
    queued_bytes = std::max(queued_bytes, other.queued_bytes);
    user_us += other.user_us;
    occupied_us += other.occupied_us;
    without_row += other.without_row;
    never_due += other.never_due;
    cpu_us += other.cpu_us;
    function_cpu_us += other.function_cpu_us;
    if (other.connects > 0) {
        connect_min_us =
            connects > 0 ? std::min(connect_min_us, other.connect_min_us) : other.connect_min_us;
    }
    connects += other.connects;
}

void Health::add_connect(base::Duration took) {
    const std::int64_t us = base::to_us(took);
    connect_min_us = connects > 0 ? std::min(connect_min_us, us) : us;
    ++connects;
}

double Health::overhead_percent() const {
    return user_us > 0 ? 100 * (1 - static_cast<double>(occupied_us) / static_cast<double>(user_us))
                       : 0;
}

double Health::function_cpu_percent() const {
    return cpu_us > 0 ? 100.0 * static_cast<double>(function_cpu_us) / static_cast<double>(cpu_us)
                      : 0;
}

}  // namespace boom::stats
