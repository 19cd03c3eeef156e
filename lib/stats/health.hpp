#pragma once
// What a load box says of itself: how busy it is, and how near its limits. Plain data.

#include "base/units.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace boom::stats {

// Of one interval, or the worst of several; merging is exact, as that of all results.
struct Health {
    std::int64_t seconds = 0;              // observed
    std::int64_t network_seconds = 0;      // those in which the network took no more
    std::int64_t thread_seconds = 0;       // seconds times generator threads
    std::int64_t busy_thread_seconds = 0;  // those in which the loop had no time left
    double loop_busy_percent = 0;          // of the busiest: it ran, or wanted to run
    double thread_cpu_percent = 0;         // of the busiest thread
    std::vector<double> cpu_percents;      // of each thread
    std::int64_t loop_lag_us = 0;          // the longest turn of a loop: events waited as long
    std::int64_t sockets = 0;              // TCP, in use on the machine
    std::int64_t time_wait = 0;
    std::int64_t ports_in_use = 0;     // of the following, at one address
    std::int64_t ephemeral_ports = 0;  // local ports that there are
    std::int64_t descriptors = 0;      // open in the process
    std::int64_t descriptor_limit = 0;
    std::int64_t users_peak = 0;    // at one time, in one box
    std::int64_t queued_bytes = 0;  // waiting for a network interface
    // Time of all users, and what of it they spent as their case says: in requests, waits and
    // think times. The rest is the generator's own.
    std::int64_t user_us = 0;
    std::int64_t occupied_us = 0;
    std::int64_t without_row = 0;      // arrivals, and users, that found no row of the parameters
    std::int64_t never_due = 0;        // arrivals that the end of the run overtook
    std::int64_t cpu_us = 0;           // of generator threads and hosts of functions
    std::int64_t function_cpu_us = 0;  // of that, in functions of users
    std::int64_t connects = 0;         // to whatever the load goes to
    std::int64_t connect_min_us = 0;   // the fastest of them, TCP alone: the way there and back

    void add(const Health& other);
    void add_connect(base::Duration took);
    // Of the users' time, what they waited for the generator; none without users.
    [[nodiscard]] double overhead_percent() const;
    [[nodiscard]] double function_cpu_percent() const;
    bool operator==(const Health&) const = default;
};

// Requests that are out while no answer came in for a second.
struct Waiting {
    std::int64_t requests = 0;
    base::Duration oldest{};

    void add(const Waiting& other) {
        requests += other.requests;
        oldest = std::max(oldest, other.oldest);
    }
    bool operator==(const Waiting&) const = default;
};

// A loop busier than this has no time left for more.
inline constexpr double kBusyPercent = 90;
// More than this, and throughput is not users / (response time + think time) any more.
inline constexpr double kOverheadPercent = 20;

}  // namespace boom::stats
