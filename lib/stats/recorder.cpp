#include "stats/recorder.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace boom::stats {

Recorder::Recorder(const Catalog& catalog) : catalog_(catalog) {}

void Recorder::set_phase(PhaseId phase) {
    phase_ = phase;
    phase_index_ = -1;
}

StepStats& Recorder::cell(StepId step) {
    const auto index = static_cast<std::size_t>(step.value);
    BOOM_ASSERT(index < catalog_.steps.size());
    if (phase_index_ < 0) {
        current_.at(phase_, step, catalog_.steps.size());
        const auto place = std::ranges::find(current_.phases, phase_, &Phase::id);
        phase_index_ = place - current_.phases.begin();
    }
    return current_.phases[static_cast<std::size_t>(phase_index_)].steps[index];
}

void Recorder::record(const Sample& sample) {
    StepStats& step = cell(sample.step);
    if (sample.outcome == Outcome::Interrupted) {
        ++step.interrupted;
        return;
    }
    ++step.requests;
    step.bytes_sent += sample.bytes_sent;
    step.bytes_received += sample.bytes_received;
    if (sample.status != 0) {
        ++step.status[sample.status];
    }
    const std::int64_t service_us = base::to_us(sample.service_time);
    if (!is_transport_error(sample.outcome)) {
        step.response_time.record(base::to_us(sample.response_time));
        step.service_time.record(service_us);
    }
    if (sample.outcome != Outcome::Passed) {
        ++step.failures;
        record_error(sample, service_us);
    }
}

void Recorder::record_error(const Sample& sample, std::int64_t service_us) {
    // Only a text that has to be cut is copied.
    constexpr std::string_view kEllipsis = "…";
    std::string cut;
    std::string_view message = sample.message;
    if (message.size() > kMaxErrorText) {
        cut = base::shorten(message, kMaxErrorText - kEllipsis.size());
        message = cut;
    }
    ErrorStats& error = current_.error({sample.outcome, sample.step, message});
    error.first = error.count == 0 ? sample.at : std::min(error.first, sample.at);
    error.last = error.count == 0 ? sample.at : std::max(error.last, sample.at);
    ++error.count;
    error.time.record(service_us);
}

void Recorder::record_transaction(StepId step, bool is_passed, base::Duration duration) {
    StepStats& row = cell(step);
    ++row.requests;
    if (is_passed) {
        ++current_.transactions.passed;
    } else {
        ++row.failures;
        ++current_.transactions.failed;
    }
    // A transaction is not sent late: both times are its duration.
    row.response_time.record(base::to_us(duration));
    row.service_time.record(base::to_us(duration));
}

void Recorder::record_lateness(base::Duration lateness) {
    current_.lateness.record(base::to_us(lateness));
}

Snapshot Recorder::take() {
    phase_index_ = -1;
    return std::exchange(current_, Snapshot{});
}

}  // namespace boom::stats
