#include "stats/sample_queue.hpp"

#include <algorithm>

namespace boom::stats {

void SampleQueue::offer(const Sample& sample, std::int64_t user, const SampleTimes& times) {
    const bool has_failed = sample.outcome != Outcome::Passed;
    const std::int64_t number = seen_++;
    if ((choice_.kind == SampleChoice::Kind::Errors && !has_failed) ||
        (choice_.kind == SampleChoice::Kind::OneIn && number % choice_.one_in != 0)) {
        return;
    }
    LoggedSample logged;
    logged.at = sample.at;
    logged.response_time = sample.response_time;
    logged.service_time = sample.service_time;
    logged.first_byte = times.first_byte;
    logged.connect = times.connect;
    logged.bytes_sent = sample.bytes_sent;
    logged.bytes_received = sample.bytes_received;
    logged.user = user;
    logged.step = sample.step;
    logged.status = sample.status;
    logged.outcome = sample.outcome;
    const std::string_view text = sample.message.substr(0, LoggedSample::kMaxText);
    std::copy(text.begin(), text.end(), logged.text.begin());
    logged.length = static_cast<std::uint8_t>(text.size());
    if (!ring_.push(std::move(logged))) {
        left_out_.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace boom::stats
