#include "stats/health.hpp"

#include <algorithm>

namespace boom::stats {

void Health::add(const Health& other) {
    thread_seconds += other.thread_seconds;
    busy_thread_seconds += other.busy_thread_seconds;
    loop_busy_percent = std::max(loop_busy_percent, other.loop_busy_percent);
    thread_cpu_percent = std::max(thread_cpu_percent, other.thread_cpu_percent);
    loop_lag_us = std::max(loop_lag_us, other.loop_lag_us);
    sockets = std::max(sockets, other.sockets);
    time_wait = std::max(time_wait, other.time_wait);
    ephemeral_ports = std::max(ephemeral_ports, other.ephemeral_ports);
    descriptors = std::max(descriptors, other.descriptors);
    descriptor_limit = std::max(descriptor_limit, other.descriptor_limit);
}

}  // namespace boom::stats
