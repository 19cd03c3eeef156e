#pragma once
// What this process and this machine use, read from /proc and getrusage. Any thread; each call
// reads files, so not for hot paths.

#include "base/units.hpp"

#include <cstdint>
#include <string>

namespace boom::base {

struct ProcessUsage {
    Duration cpu_time{};            // user + system of this process
    std::int64_t memory_bytes = 0;  // resident set
    std::int64_t descriptors = 0;   // open now
};

struct MachineUsage {
    Duration busy_time{};   // all cores, since boot
    Duration total_time{};  // all cores, since boot
    std::int64_t memory_total_bytes = 0;
    std::int64_t memory_available_bytes = 0;
    std::int64_t sockets_time_wait = 0;
    std::int64_t sockets_in_use = 0;
};

// What one thread got of the processors, and what it would have liked.
struct ThreadUsage {
    Duration cpu_time{};
    // Ready to run, but others ran, or a quota of the container was used up. Zero where the kernel
    // does not tell.
    Duration delayed_time{};
};

// The thread that makes it. One thread.
class ThreadMeter {
public:
    ThreadMeter();
    ~ThreadMeter();
    ThreadMeter(const ThreadMeter&) = delete;
    ThreadMeter& operator=(const ThreadMeter&) = delete;
    [[nodiscard]] ThreadUsage read() const;

private:
    int descriptor_;
};

[[nodiscard]] ProcessUsage read_process_usage();
[[nodiscard]] MachineUsage read_machine_usage();

// Number of local ports that outgoing connections may use.
[[nodiscard]] std::int64_t ephemeral_port_count();
// Raises the soft limit of open descriptors to the hard one; returns the limit in force.
std::int64_t raise_descriptor_limit();
// Cores that this process may run on.
[[nodiscard]] int usable_cores();
// The machine's name as configured; never resolved.
[[nodiscard]] std::string host_name();
// The address that this machine uses towards others; the name when it has none. Nothing is sent.
[[nodiscard]] std::string own_address();
// Names as Go prints them, for the reference's API: "linux", "amd64" or "arm64".
[[nodiscard]] std::string os_name();
[[nodiscard]] std::string arch_name();

}  // namespace boom::base
