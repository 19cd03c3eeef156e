// What statistics cost: ns per sample on the generator's hot path, and µs per histogram where
// results are merged and sent. Prints one line per figure; the best of several rounds.
#include "base/rng.hpp"
#include "stats/recorder.hpp"
#include "stats/summary.hpp"
#include "stats/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

using boom::base::Rng;
using namespace boom::stats;

namespace {

constexpr int kRounds = 5;
constexpr std::size_t kValues = 4096;  // a power of two, so that the index is a mask

// Runs `body(i)` for i in 0 … times-1 and prints the time of one call in the best round.
template <typename Body>
void measure(const char* what, std::size_t times, double unit_ns, const char* unit, Body body) {
    double best_ns = 1e18;
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < times; ++i) {
            body(i);
        }
        const std::chrono::duration<double, std::nano> taken =
            std::chrono::steady_clock::now() - start;
        best_ns = std::min(best_ns, taken.count() / static_cast<double>(times));
    }
    fmt::print("{:<52} {:>9.1f} {}\n", what, best_ns / unit_ns, unit);
}

// Around half a millisecond with a tail, as a fast service has.
std::vector<std::int64_t> latencies() {
    Rng rng(1);
    std::vector<std::int64_t> values(kValues);
    for (std::int64_t& value : values) {
        const auto tail = static_cast<std::int64_t>(rng.below(100) == 0 ? rng.below(50'000) : 0);
        value = 300 + static_cast<std::int64_t>(rng.below(400)) + tail;
    }
    return values;
}

void measure_recording(const std::vector<std::int64_t>& values) {
    constexpr std::size_t kTimes = 5'000'000;
    Histogram histogram;
    measure("Histogram::record", kTimes, 1, "ns",
            [&](std::size_t i) { histogram.record(values[i % kValues]); });

    const Catalog catalog{std::vector<StepInfo>(8)};
    Recorder recorder(catalog);
    Sample sample;
    sample.status = 200;
    sample.bytes_sent = 120;
    sample.bytes_received = 900;
    const auto fill = [&](std::size_t i) {
        sample.step = StepId{static_cast<std::int32_t>(i % 8)};
        sample.service_time = std::chrono::microseconds(values[i % kValues]);
        sample.response_time = sample.service_time + std::chrono::microseconds(3);
    };
    measure("Recorder::record, passed", kTimes, 1, "ns", [&](std::size_t i) {
        fill(i);
        recorder.record(sample);
    });
    sample.outcome = Outcome::BadStatus;
    sample.status = 503;
    sample.message = "status 503 Service Unavailable, expected 200 or another success";
    measure("Recorder::record, failed", kTimes, 1, "ns", [&](std::size_t i) {
        fill(i);
        recorder.record(sample);
    });
}

void measure_merging(const std::vector<std::int64_t>& values) {
    constexpr std::size_t kTimes = 5000;
    Histogram histogram;
    for (const std::int64_t value : values) {
        histogram.record(value);
    }
    const std::string bytes = histogram.encode();
    const Histogram::Moments moments = histogram.moments();
    fmt::print("{:<52} {:>9} bytes\n", "one second of 4096 samples, encoded", bytes.size());
    std::size_t sink = 0;
    Histogram sum;
    measure("Histogram::add", kTimes, 1000, "us", [&](std::size_t) { sum.add(histogram); });
    measure("Histogram::encode", kTimes, 1000, "us",
            [&](std::size_t) { sink += histogram.encode().size(); });
    measure("Histogram::decode", kTimes, 1000, "us", [&](std::size_t) {
        sink += static_cast<std::size_t>(Histogram::decode(bytes, moments)->count());
    });
    measure("summarize", kTimes, 1000, "us",
            [&](std::size_t) { sink += summarize(histogram).hdr.size(); });
    fmt::print("{:<52} {:>9}\n", "(checksum)", sink % 1000);
}

// The second in which an hour's rows are merged in pairs.
void measure_timeline(const std::vector<std::int64_t>& values) {
    StepStats second;
    for (const std::int64_t value : values) {
        second.response_time.record(value);
    }
    Timeline full;
    constexpr auto kLast = static_cast<std::int64_t>(Timeline::kMaxRows);
    for (std::int64_t i = 0; i < kLast; ++i) {
        full.add(i, second);
    }
    measure("Timeline::add that merges 3600 rows", 1, 1000, "us", [&](std::size_t) {
        Timeline timeline = full;
        timeline.add(kLast, second);
    });
    Timeline timeline;
    std::int64_t i = 0;
    measure("Timeline::add, a new second", kLast / kRounds, 1000, "us",
            [&](std::size_t) { timeline.add(i++, second); });
}

}  // namespace

int main() {
    const std::vector<std::int64_t> values = latencies();
    measure_recording(values);
    measure_merging(values);
    measure_timeline(values);
    return 0;
}
