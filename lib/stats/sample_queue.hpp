#pragma once
// Single requests on their way from a generator thread to the log of samples, without locks and
// without allocation.

#include "base/spsc_ring.hpp"
#include "stats/recorder.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace boom::stats {

// Which requests are logged.
struct SampleChoice {
    enum class Kind { Errors, OneIn } kind = Kind::OneIn;
    std::int64_t one_in = 1;  // of a thread's requests
};

// One request; plain data of fixed size.
struct LoggedSample {
    static constexpr std::size_t kMaxText = 96;  // bytes of a message; more are cut

    base::Duration at{};  // its end, since the start of the run
    base::Duration response_time{}, service_time{};
    base::Duration first_byte{}, connect{};  // after sending; zero when there was none
    std::int64_t bytes_sent = 0, bytes_received = 0;
    std::int64_t user = 0;
    StepId step;
    std::int32_t status = 0;
    Outcome outcome = Outcome::Passed;
    std::uint8_t length = 0;  // of the text
    std::array<char, kMaxText> text{};

    [[nodiscard]] std::string_view message() const { return {text.data(), length}; }
};

// What the engine knows beside the sample.
struct SampleTimes {
    base::Duration first_byte{}, connect{};
};

// Producer: one generator thread. Consumer: the log's thread. When it is full, samples are left out
// and counted: the load never waits for a disk.
class SampleQueue {
public:
    static constexpr std::size_t kCapacity = 16 * 1024;

    explicit SampleQueue(SampleChoice choice) : choice_(choice) {}

    void offer(const Sample& sample, std::int64_t user, const SampleTimes& times);
    [[nodiscard]] std::optional<LoggedSample> pop() { return ring_.pop(); }
    [[nodiscard]] std::int64_t left_out() const {
        return left_out_.load(std::memory_order_relaxed);
    }

private:
    SampleChoice choice_;
    std::int64_t seen_ = 0;
    std::atomic<std::int64_t> left_out_{0};
    base::SpscRing<LoggedSample, kCapacity> ring_;
};

// The queues of one load, made before its threads run.
struct SampleQueues {
    SampleChoice choice;
    std::deque<SampleQueue> queues;  // grows only: references stay valid

    SampleQueue& add() { return queues.emplace_back(choice); }
};

}  // namespace boom::stats
