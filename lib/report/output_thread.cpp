// The shell that gives each output a thread of its own.
#include "report/output.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace boom::report {

struct OutputThread::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<IntervalReport> waiting;
    std::optional<IntervalReport> last;
    bool is_abandoned = false;
    bool is_done = false;
    std::string complaint;
    std::unique_ptr<Output> output;
    stats::Catalog catalog;

    static void run(const std::shared_ptr<State>& self);
};

void OutputThread::State::run(const std::shared_ptr<State>& self) {
    self->output->start(self->catalog);
    while (true) {
        std::optional<IntervalReport> report;
        bool is_last = false;
        {
            std::unique_lock lock(self->mutex);
            self->changed.wait(
                lock, [&] { return !self->waiting.empty() || self->last || self->is_abandoned; });
            if (self->is_abandoned) {
                return;
            }
            if (!self->waiting.empty()) {
                report = std::move(self->waiting.front());
                self->waiting.pop_front();
            } else {
                report = std::move(self->last);
                self->last.reset();
                is_last = true;
            }
        }
        if (is_last) {
            self->output->finish(*report);
        } else {
            self->output->on_interval(*report);
        }
        const std::lock_guard lock(self->mutex);
        self->complaint = self->output->complaint();
        if (is_last) {
            self->is_done = true;
            self->changed.notify_all();
            return;
        }
    }
}

OutputThread::OutputThread(std::unique_ptr<Output> output, stats::Catalog catalog)
    : state_(std::make_shared<State>()) {
    state_->output = std::move(output);
    state_->catalog = std::move(catalog);
    std::thread([state = state_] { State::run(state); }).detach();
}

OutputThread::~OutputThread() {
    const std::lock_guard lock(state_->mutex);
    state_->is_abandoned = !state_->is_done;
    state_->changed.notify_all();
}

void OutputThread::on_interval(IntervalReport report) {
    const std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() >= kQueue) {
        // The oldest gives way; what it counted goes on in the next one.
        const IntervalReport oldest = std::move(state_->waiting.front());
        state_->waiting.pop_front();
        IntervalReport& next = state_->waiting.front();
        stats::Snapshot merged = *oldest.delta;
        merged.add(*next.delta);
        next.delta = std::make_shared<const stats::Snapshot>(std::move(merged));
        next.interval_s += oldest.interval_s;
    }
    state_->waiting.push_back(std::move(report));
    state_->changed.notify_all();
}

std::string OutputThread::finish(IntervalReport last, base::Duration deadline) {
    std::unique_lock lock(state_->mutex);
    state_->last = std::move(last);
    state_->changed.notify_all();
    if (!state_->changed.wait_for(lock, deadline, [&] { return state_->is_done; })) {
        state_->is_abandoned = true;
        return fmt::format("{}: did not finish within {:g} s and was left behind",
                           state_->output->name(), base::to_seconds(deadline));
    }
    return state_->complaint.empty()
               ? std::string()
               : fmt::format("{}: {}", state_->output->name(), state_->complaint);
}

}  // namespace boom::report
