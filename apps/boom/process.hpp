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

// A name for this process among those of its kind on this machine, the same in each run: `name`,
// else the host's name and the least number that no other such process holds. One thread.
class StableInstance {
public:
    StableInstance(const std::string& name, const std::string& kind);
    ~StableInstance();
    StableInstance(const StableInstance&) = delete;
    StableInstance& operator=(const StableInstance&) = delete;
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    int descriptor_ = -1;  // holds the number; the kernel frees it when the process ends
    std::string text_;
};

// What this process says of itself to a master.
[[nodiscard]] wire::Hello describe_worker(const std::string& name, const std::string& room,
                                          std::optional<std::int64_t> max_users);

}  // namespace boom::app
