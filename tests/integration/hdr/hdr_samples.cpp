// Writes histograms and the figures that we read from them as JSON to stdout, for check.js.
#include "base/rng.hpp"
#include "base/text.hpp"
#include "stats/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

using boom::base::Rng;
using boom::stats::Histogram;

namespace {

struct Named {
    std::string name;
    Histogram histogram;
};

Histogram random_histogram(Rng& rng, unsigned bits, int count) {
    Histogram histogram;
    for (int i = 0; i < count; ++i) {
        const std::uint64_t limit = std::uint64_t{1} << (1 + rng.below(bits));
        histogram.record(static_cast<std::int64_t>(rng.below(limit)),
                         static_cast<std::int64_t>(1 + rng.below(5)));
    }
    return histogram;
}

Histogram histogram_of(const std::vector<std::pair<std::int64_t, std::int64_t>>& samples) {
    Histogram histogram;
    for (const auto& [value, times] : samples) {
        histogram.record(value, times);
    }
    return histogram;
}

std::string to_json(const Named& sample) {
    const Histogram& histogram = sample.histogram;
    std::string text =
        fmt::format(R"({{"name":"{}","hdr":"{}","count":{},"min":{},"max":{})", sample.name,
                    boom::base::encode_base64(histogram.encode()), histogram.count(),
                    histogram.moments().min_us, histogram.moments().max_us);
    std::string separator = R"(,"percentiles":[)";
    for (const double percent : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
        text += fmt::format("{}[{},{}]", separator, percent, histogram.percentile_us(percent));
        separator = ",";
    }
    text += R"(],"buckets":[)";
    separator.clear();
    histogram.for_each_bucket([&](std::int64_t lowest, std::int64_t highest, std::int64_t count) {
        text += fmt::format("{}[{},{},{}]", separator, lowest, highest, count);
        separator = ",";
    });
    return text + "]}";
}

}  // namespace

int main(int argc, char** argv) {
    // A fixed seed unless given: the file is then the same on every machine.
    const std::uint64_t seed = argc > 1 ? std::stoull(argv[1]) : 20'240'601;
    fmt::print(stderr, "seed {}\n", seed);
    Rng rng(seed);
    std::vector<Named> samples;
    samples.push_back({"empty", {}});
    samples.push_back({"zero", histogram_of({{0, 1}})});
    samples.push_back({"one", histogram_of({{1, 1}})});
    samples.push_back(
        {"edges",
         histogram_of(
             {{1023, 1}, {1024, 2}, {2047, 3}, {2048, 4}, {2049, 5}, {4095, 6}, {4096, 7}})});
    samples.push_back({"hour", histogram_of({{0, 1}, {Histogram::kMaxValueUs, 1}})});
    // Counts that need every length of a word up to what a JavaScript number holds.
    samples.push_back({"counts", histogram_of({{1, 63},
                                               {2, 64},
                                               {3, 8191},
                                               {4, 8192},
                                               {5, 1 << 20},
                                               {6, 1LL << 27},
                                               {7, 1LL << 34},
                                               {8, 1LL << 41},
                                               {9, 1LL << 48}})});
    Histogram merged;
    for (unsigned bits = 1; bits <= 32; ++bits) {
        const Histogram histogram = random_histogram(rng, bits, 1000);
        merged.add(histogram);
        samples.push_back({fmt::format("random {}", bits), histogram});
    }
    samples.push_back({"merged", merged});
    std::string separator = "[";
    for (const Named& sample : samples) {
        fmt::print("{}\n{}", separator, to_json(sample));
        separator = ",";
    }
    fmt::print("\n]\n");
    return 0;
}
