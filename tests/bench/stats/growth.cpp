#include "bench/stats/growth.hpp"

#include "base/rng.hpp"
#include "stats/recorder.hpp"
#include "stats/summary.hpp"
#include "stats/timeline.hpp"
#include "unit/stats/letters.hpp"
#include "wire/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <malloc.h>
#include <string>
#include <utility>

namespace boom::bench {
namespace {

using namespace stats;

constexpr std::int64_t kSteps = 8;
// Different times: few enough that all have been early, so that what grows later is a leak.
constexpr std::uint64_t kTimes = 4096;
constexpr std::uint64_t kTexts = 500;  // more than are kept

std::int64_t bytes_held() {
    return static_cast<std::int64_t>(mallinfo2().uordblks);
}

class Path {
public:
    explicit Path(TimelineUse use)
        : use_(use),
          catalog_{std::vector<StepInfo>(static_cast<std::size_t>(kSteps))},
          recorder_(catalog_) {
        // From a microsecond to ten seconds, each decade alike.
        for (std::uint64_t i = 0; i < kTimes; ++i) {
            times_.emplace_back(std::llround(std::exp(rng_.unit() * std::log(1e7))));
        }
        for (std::uint64_t i = 0; i < kTexts; ++i) {
            texts_.push_back(
                fmt::format("check {} failed: got another value", test::in_letters(i)));
        }
    }

    void run_second() {
        for (std::int64_t i = 0; i < kSamplesPerSecond; ++i) {
            Sample sample;
            sample.step = StepId{static_cast<std::int32_t>(i % kSteps)};
            sample.status = 200;
            sample.bytes_received = 900;
            const auto time = times_[rng_.below(kTimes)];
            sample.service_time = time;
            sample.response_time = time + std::chrono::microseconds(3);
            sample.at = std::chrono::seconds(second_);
            if (i % 100 == 0) {
                // One time: with so many texts others would take for ever to have been.
                sample.outcome = Outcome::CheckFailed;
                sample.message = texts_[rng_.below(kTexts)];
                sample.service_time = std::chrono::milliseconds(5);
                sample.response_time = sample.service_time;
            }
            recorder_.record(sample);
        }
        wire::Interval interval;
        interval.part = {"run", 1};
        interval.sequence = static_cast<std::uint64_t>(second_) + 1;
        interval.second = second_;
        interval.delta = recorder_.take();
        const auto message = wire::decode(wire::encode(interval));
        const Snapshot& delta = std::get<wire::Interval>(*message).delta;
        if (use_ == TimelineUse::Yes) {
            timeline_.add(second_, delta.total(kMainPhase, catalog_));
        }
        totals_.add(delta);
        ++second_;
    }

    // How long it takes to know the percentiles of everything so far.
    [[nodiscard]] double query_us() const {
        constexpr int kRounds = 20;
        double best_us = 1e18;
        for (int round = 0; round < kRounds; ++round) {
            const auto start = std::chrono::steady_clock::now();
            const Distribution whole = summarize(totals_.total(kMainPhase, catalog_).response_time);
            const std::chrono::duration<double, std::micro> taken =
                std::chrono::steady_clock::now() - start;
            best_us = whole.count > 0 ? std::min(best_us, taken.count()) : best_us;
        }
        return best_us;
    }

    void finish(Growth& growth) const {
        const StepStats total = totals_.total(kMainPhase, catalog_);
        growth.requests = total.requests;
        growth.failures = total.failures;
        growth.in_histogram = summarize(total.response_time).count;
        growth.timeline_rows = static_cast<std::int64_t>(timeline_.rows().size());
    }

private:
    TimelineUse use_;
    Catalog catalog_;
    Recorder recorder_;
    base::Rng rng_{1};
    std::vector<std::chrono::microseconds> times_;
    std::vector<std::string> texts_;
    Snapshot totals_;
    Timeline timeline_;
    std::int64_t second_ = 0;
};

}  // namespace

Growth run_samples(std::int64_t count, TimelineUse use) {
    Growth growth;
    growth.parts.resize(kParts);
    Path path(use);
    const std::int64_t seconds = count / kParts / kSamplesPerSecond;
    for (Growth::Part& part : growth.parts) {
        const auto start = std::chrono::steady_clock::now();
        for (std::int64_t i = 0; i < seconds; ++i) {
            path.run_second();
        }
        const std::chrono::duration<double, std::nano> taken =
            std::chrono::steady_clock::now() - start;
        part.ns_per_sample = taken.count() / static_cast<double>(seconds * kSamplesPerSecond);
        part.us_per_query = path.query_us();
        part.bytes_held = bytes_held();
    }
    path.finish(growth);
    return growth;
}

}  // namespace boom::bench
