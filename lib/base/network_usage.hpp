#pragma once
// What the network side of this machine (of this network namespace) is doing: local ports taken,
// segments sent again, bytes that wait in the send queues of its interfaces.

#include "base/units.hpp"

#include <cstdint>
#include <string_view>

namespace boom::base {

struct PortUsage {
    std::int64_t first = 32768, last = 60999;  // local ports for outgoing connections
    // In use of them, at the address that has the most in use.
    std::int64_t in_use = 0;

    [[nodiscard]] std::int64_t count() const { return last - first + 1; }
};

// Nothing in use yet: only which ports there are.
[[nodiscard]] PortUsage read_port_range();

// Counts local ports from the kernel's table of connections. One thread. Reading a long table takes
// time (seconds, where a machine has some 100 000), so it is read so seldom that it costs at most
// one percent of a core, and nobody who must answer soon should wait for it.
class PortMeter {
public:
    [[nodiscard]] const PortUsage& read(TimePoint now);

private:
    PortUsage usage_;
    TimePoint next_{};
};

// Adds up ports of tables in the format of /proc/net/tcp; any order of calls. One thread.
[[nodiscard]] std::int64_t count_ports(std::string_view table, const PortUsage& range);

// Totals since the namespace was made.
struct SegmentCounts {
    std::int64_t sent = 0;
    std::int64_t sent_again = 0;
};
[[nodiscard]] SegmentCounts read_segment_counts();

// Bytes that wait at this moment because an interface, or a limit set on it, takes no more.
[[nodiscard]] std::int64_t read_queued_bytes();

}  // namespace boom::base
