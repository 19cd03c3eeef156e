#include "stats/recorder.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace boom::stats {

Recorder::Recorder(const Catalog& catalog) : catalog_(catalog) {}

void Recorder::set_phase(PhaseId phase) {
    if (phase != phase_) {
        phase_ = phase;
        phase_index_ = -1;
    }
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

namespace {

void count(StepStats& step, const Sample& sample) {
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
    if (!is_transport_error(sample.outcome)) {
        step.response_time.record(base::to_us(sample.response_time));
        step.service_time.record(base::to_us(sample.service_time));
    }
    step.failures += sample.outcome != Outcome::Passed ? 1 : 0;
}

}  // namespace

void Recorder::record(const Sample& sample) {
    count(cell(sample.step), sample);
    if (phase_ == kWarmUpPhase) {
        return;
    }
    const StepInfo& info = catalog_.at(sample.step);
    if (info.name_use == NameUse::PerValue) {
        const std::string_view name = sample.name.empty() ? info.name : sample.name;
        count(current_.named_cell({sample.step, name}), sample);
    }
    if (sample.outcome != Outcome::Passed && sample.outcome != Outcome::Interrupted) {
        record_error(sample, base::to_us(sample.service_time));
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
    Transactions ignored;
    Transactions& counts = phase_ == kWarmUpPhase ? ignored : current_.transactions;
    if (is_passed) {
        ++counts.passed;
    } else {
        ++row.failures;
        ++counts.failed;
    }
    // A transaction is not sent late: both times are its duration.
    row.response_time.record(base::to_us(duration));
    row.service_time.record(base::to_us(duration));
}

void Recorder::record_lateness(base::Duration lateness) {
    if (phase_ != kWarmUpPhase) {
        current_.lateness.record(base::to_us(lateness));
    }
}

void Recorder::add_stages_to_main() {
    const std::size_t count = catalog_.steps.size();
    // Made first: it moves the others.
    current_.at(kMainPhase, StepId{0}, count);
    const auto main = std::ranges::find(current_.phases, kMainPhase, &Phase::id);
    for (auto stage = main + 1; stage != current_.phases.end(); ++stage) {
        for (std::size_t step = 0; step < count; ++step) {
            main->steps[step].add(stage->steps[step]);
        }
    }
}

Snapshot Recorder::take() {
    phase_index_ = -1;
    if (!current_.phases.empty() && current_.phases.back().id >= kFirstStagePhase) {
        add_stages_to_main();
    }
    return std::exchange(current_, Snapshot{});
}

}  // namespace boom::stats
