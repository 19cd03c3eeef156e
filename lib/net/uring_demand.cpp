#include "net/uring_demand.hpp"

#include <algorithm>
#include <bit>

namespace boom::net {

unsigned UringDemand::enough_for(unsigned filled) {
    return std::clamp(std::bit_ceil(std::min(filled, kMost) * kReserve), kFewest, kMost);
}

void UringDemand::on_turn(unsigned filled) {
    most_filled_ = std::max(most_filled_, filled);
    wanted_ = std::max(wanted_, enough_for(filled));
    if (++turns_ == kMemory) {
        wanted_ = enough_for(most_filled_);
        most_filled_ = 0;
        turns_ = 0;
    }
}

void UringDemand::on_shortage() {
    wanted_ = kMost;
    most_filled_ = kMost;
}

}  // namespace boom::net
