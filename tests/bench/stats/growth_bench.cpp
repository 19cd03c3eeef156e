// A hundred million samples, or as many as are asked for: does a sample cost more, or does memory
// grow, the more there were?
#include "bench/stats/growth.hpp"

#include <fmt/format.h>

#include <cstdlib>

int main(int argc, char** argv) {
    const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 100'000'000;
    const boom::bench::Growth growth =
        boom::bench::run_samples(count, boom::bench::TimelineUse::Yes);
    fmt::print("{:>8}  {:>13}  {:>12}  {:>10}\n", "samples", "ns per sample", "us per query",
               "kB held");
    for (std::size_t i = 0; i < growth.parts.size(); ++i) {
        fmt::print("{:>7} %  {:>13.1f}  {:>12.1f}  {:>10}\n", (i + 1) * 100 / growth.parts.size(),
                   growth.parts[i].ns_per_sample, growth.parts[i].us_per_query,
                   growth.parts[i].bytes_held / 1024);
    }
    fmt::print("{} samples, {} failed, {} in the histogram, {} rows of the time line\n",
               growth.requests, growth.failures, growth.in_histogram, growth.timeline_rows);
    return growth.requests == count ? 0 : 1;
}
