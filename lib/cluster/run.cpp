#include "cluster/run.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

namespace boom::cluster {

std::string make_run_id(std::uint64_t random) {
    std::string digits;
    for (const char c : base::wall_time_rfc3339()) {
        if (c >= '0' && c <= '9') {
            digits += c;
        }
    }
    return fmt::format("{}-{}-{:04x}", digits.substr(0, 8), digits.substr(8, 6), random & 0xFFFFU);
}

}  // namespace boom::cluster
