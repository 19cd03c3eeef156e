#pragma once
// What a load box says of itself: how busy it is, and how near its limits. Plain data.

#include <cstdint>

namespace boom::stats {

// Of one interval, or the worst of several; merging is exact, as that of all results.
struct Health {
    std::int64_t thread_seconds = 0;       // intervals times generator threads
    std::int64_t busy_thread_seconds = 0;  // those in which the loop hardly ever waited
    double loop_busy_percent = 0;          // of the busiest thread
    double thread_cpu_percent = 0;         // of the busiest thread
    std::int64_t loop_lag_us = 0;          // the longest turn of a loop: events waited as long
    std::int64_t sockets = 0;              // TCP, in use on the machine
    std::int64_t time_wait = 0;
    std::int64_t ephemeral_ports = 0;  // local ports that there are
    std::int64_t descriptors = 0;      // open in the process
    std::int64_t descriptor_limit = 0;

    void add(const Health& other);
    bool operator==(const Health&) const = default;
};

// A loop busier than this has no time left for more.
inline constexpr double kBusyPercent = 90;

}  // namespace boom::stats
