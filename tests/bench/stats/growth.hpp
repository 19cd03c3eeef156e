#pragma once
// Synthetic samples through the whole statistics path: recorder, a delta a second, message there
// and back, sums, time line, summary. Says what it cost and what memory it holds.

#include <cstdint>
#include <vector>

namespace boom::bench {

struct Growth {
    struct Part {
        double ns_per_sample = 0;
        double us_per_query = 0;      // all percentiles of all samples so far, best of several
        std::int64_t bytes_held = 0;  // by everybody, at its end; 0 where malloc does not tell
    };
    std::vector<Part> parts;        // of equal length
    std::int64_t requests = 0;      // in the sums at the end
    std::int64_t failures = 0;      // a hundredth of them, in as many texts as are kept
    std::int64_t in_histogram = 0;  // of the summary, over all steps
    std::int64_t timeline_rows = 0;
};

// The time line keeps a row a second, up to its 3600.
enum class TimelineUse { Yes, No };
// REQUIRES: a multiple of kParts * kSamplesPerSecond.
inline constexpr int kParts = 10;
inline constexpr std::int64_t kSamplesPerSecond = 10'000;
[[nodiscard]] Growth run_samples(std::int64_t count, TimelineUse use);

}  // namespace boom::bench
