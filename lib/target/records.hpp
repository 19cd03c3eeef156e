#pragma once
// What the threads of one target share. Any thread.

#include "base/units.hpp"
#include "target/counters.hpp"
#include "target/measurements.hpp"

#include <string>

namespace boom::target {

struct Records {
    Records(base::TimePoint now, std::uint64_t seed) : counters(now), measurements(now, seed) {}

    Counters counters;
    Measurements measurements;
    std::string secret;       // behind the nonces of digest authentication
    std::string certificate;  // PEM; empty without TLS
};

}  // namespace boom::target
