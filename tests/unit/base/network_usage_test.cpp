#include "base/network_usage.hpp"

#include <catch2/catch.hpp>

using namespace boom::base;

namespace {

constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 0100007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   1: 0100007F:9C41 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0\n"
    "   2: 0100007F:9C41 0200007F:1F90 06 00000000:00000000 03:00001000 00000000     0\n"
    "   3: 0200007F:9C41 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0\n"
    "   4: 0100007F:1F90 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0\n";

}  // namespace

TEST_CASE("Ports: each counts once at its address, others than ephemeral ones not", "[base]") {
    PortUsage range;
    range.first = 40000;  // 9C40
    range.last = 40099;
    CHECK(range.count() == 100);
    CHECK(count_ports(kTable, range) == 2);
    range.first = 40001;
    CHECK(count_ports(kTable, range) == 1);
    CHECK(count_ports("", range) == 0);
    CHECK(count_ports("no table: at all\n:\n1: 2\n: :\n", range) == 0);
}

TEST_CASE("Ports: the kernel's own table is read, and not for ever anew", "[base]") {
    PortMeter meter;
    const TimePoint now = TimePoint{} + std::chrono::hours(1);
    const PortUsage first = meter.read(now);
    CHECK(first.first > 0);
    CHECK(first.last >= first.first);
    CHECK(first.in_use <= first.count());
    CHECK(meter.read(now).in_use == first.in_use);
    CHECK(read_queued_bytes() >= 0);
    CHECK(read_segment_counts().sent >= 0);
}
