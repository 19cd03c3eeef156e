#include "net/uring_demand.hpp"

#include <catch2/catch.hpp>

using namespace boom::net;

namespace {

void run(UringDemand& demand, unsigned turns, unsigned filled) {
    for (unsigned turn = 0; turn < turns; ++turn) {
        demand.on_turn(filled);
    }
}

// More than are remembered, twice: of the first ones nothing is left.
constexpr unsigned kLong = 20'000;

}  // namespace

TEST_CASE("UringDemand: nobody knows what the first turns bring, so all are wanted", "[net]") {
    UringDemand demand;
    CHECK(demand.wanted() == UringDemand::kMost);
    run(demand, 10, 1);
    CHECK(demand.wanted() == UringDemand::kMost);
}

TEST_CASE("UringDemand: a few times what the turns fill is wanted", "[net]") {
    UringDemand demand;
    run(demand, kLong, 0);
    CHECK(demand.wanted() == UringDemand::kFewest);
    run(demand, kLong, 60);
    CHECK(demand.wanted() == 256);
    run(demand, kLong, 100'000);
    CHECK(demand.wanted() == UringDemand::kMost);
}

TEST_CASE("UringDemand: it rises at once and falls when the need is long over", "[net]") {
    UringDemand demand;
    run(demand, kLong, 1);
    demand.on_turn(100);
    CHECK(demand.wanted() == 512);
    run(demand, 100, 1);
    CHECK(demand.wanted() == 512);
    run(demand, kLong, 1);
    CHECK(demand.wanted() == UringDemand::kFewest);
}

TEST_CASE("UringDemand: when the kernel had none left, all are wanted", "[net]") {
    UringDemand demand;
    run(demand, kLong, 1);
    demand.on_shortage();
    CHECK(demand.wanted() == UringDemand::kMost);
    run(demand, 100, 1);
    CHECK(demand.wanted() == UringDemand::kMost);
    run(demand, kLong, 1);
    CHECK(demand.wanted() == UringDemand::kFewest);
}
