#pragma once
// What the process itself has: signals, and its use of the machine for heartbeats.

#include "base/process_usage.hpp"
#include "base/units.hpp"
#include "wire/message.hpp"

namespace boom::app {

// SIGINT and SIGTERM are counted; the loops look. SIGPIPE is ignored.
void watch_signals();
[[nodiscard]] int signals_seen();

// CPU use over the time since the last call. One thread.
class UsageMeter {
public:
    UsageMeter();
    void fill(wire::Heartbeat& beat, base::TimePoint now);

private:
    base::ProcessUsage process_;
    base::MachineUsage machine_;
    base::TimePoint last_{};
    double worker_cpu_ = 0, cpu_ = 0;
};

// What this process says of itself to a master.
[[nodiscard]] wire::Hello describe_worker(const std::string& name, const std::string& room,
                                          std::optional<std::int64_t> max_users);

}  // namespace boom::app
