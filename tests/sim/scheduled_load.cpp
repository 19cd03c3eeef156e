#include "sim/scheduled_load.hpp"

#include <algorithm>
#include <utility>

namespace boom::sim {

using base::Duration;

ScheduledLoad::ScheduledLoad(user::LoadSpec spec, const base::Clock& clock, int threads,
                             std::shared_ptr<DueLog> log)
    : spec_(std::move(spec)),
      clock_(clock),
      schedule_(load::schedule_of(spec_.profile)),
      threads_(static_cast<std::size_t>(threads)),
      log_(std::move(log)),
      end_(schedule_.end) {}

void ScheduledLoad::start(base::TimePoint at) {
    started_ = at;
    for (Thread& thread : threads_) {
        thread.lanes.resize(schedule_.streams.size());
    }
    use(spec_.share);
}

void ScheduledLoad::use(const user::Share& share) {
    const std::vector<user::ThreadShare> parts =
        user::split_share(share, static_cast<int>(threads_.size()));
    for (std::size_t t = 0; t < parts.size(); ++t) {
        Thread& thread = threads_[t];
        for (std::size_t s = 0; s < thread.lanes.size(); ++s) {
            const user::ThreadStream& part = parts[t].streams[s];
            Lane& lane = thread.lanes[s];
            if (schedule_.streams[s].model == load::Model::Closed) {
                lane.users.emplace(part.target, part.ordinals);
                lane.users->skip_to(share.from - Duration(1));
            } else if (lane.arrivals) {
                lane.arrivals->adjust(part.target, part.stripe, share.from);
            } else {
                lane.arrivals.emplace(part.target, part.stripe, schedule_.streams[s].arrival,
                                      spec_.seed + s);
            }
        }
        if (parts[t].ceiling && thread.pacer) {
            thread.pacer->adjust(*parts[t].ceiling, share.from);
            thread.slot.reset();
        } else if (parts[t].ceiling) {
            thread.pacer.emplace(*parts[t].ceiling);
        }
    }
}

void ScheduledLoad::adjust(const user::Share& share) {
    coming_.push_back(share);
}

void ScheduledLoad::stop(user::StopMode) {
    if (started_) {
        const Duration now = clock_.now() - *started_;
        end_ = end_ ? std::min(*end_, now) : now;
    }
    is_done_ = is_done_ || !started_;
}

void ScheduledLoad::note(Due due) {
    const auto second = static_cast<std::size_t>(due.at / std::chrono::seconds(1));
    by_second_.resize(std::max(by_second_.size(), second + 1), 0);
    by_second_[second] += due.kind == Due::Kind::Leave ? 0 : 1;
    log_->push_back(due);
}

void ScheduledLoad::advance(Duration until) {
    for (Thread& thread : threads_) {
        for (std::size_t s = 0; s < thread.lanes.size(); ++s) {
            Lane& lane = thread.lanes[s];
            for (; lane.users && lane.users->next() && lane.users->next()->due < until;
                 lane.users->take()) {
                const load::UserSchedule::Change change = *lane.users->next();
                const bool is_start = change.kind == load::UserSchedule::Change::Kind::Start;
                note({s, is_start ? Due::Kind::Start : Due::Kind::Leave, change.due,
                      change.ordinal});
            }
            for (; lane.arrivals && lane.arrivals->next() && *lane.arrivals->next() < until;
                 lane.arrivals->take()) {
                note({s, Due::Kind::Arrival, *lane.arrivals->next(), 0});
            }
        }
        // One who sends whenever it may.
        while (thread.pacer) {
            thread.slot = thread.slot ? thread.slot : thread.pacer->take_slot(Duration::zero());
            if (!thread.slot || *thread.slot >= until) {
                break;
            }
            note({0, Due::Kind::Slot, *thread.slot, 0});
            thread.slot = thread.pacer->take_slot(*thread.slot);
        }
    }
}

std::optional<user::LoadDelta> ScheduledLoad::poll() {
    if (is_done_ || !started_) {
        return std::nullopt;
    }
    const Duration now = clock_.now() - *started_;
    const Duration until = end_ ? std::min(now, *end_) : now;
    while (!coming_.empty() && coming_.front().from <= until) {
        advance(coming_.front().from);
        use(coming_.front());
        coming_.pop_front();
    }
    advance(until);
    const bool is_over = end_ && now >= *end_;
    if (!is_over && now < std::chrono::seconds(second_ + 1)) {
        return std::nullopt;
    }
    user::LoadDelta delta;
    delta.second = second_;
    delta.users = users();
    const auto index = static_cast<std::size_t>(second_++);
    if (index < by_second_.size() && by_second_[index] > 0) {
        const std::int64_t count = by_second_[index];
        stats::StepStats& step = delta.snapshot.at(stats::kMainPhase, stats::StepId{0},
                                                   user::catalog_of(*spec_.plan).steps.size());
        step.requests = count;
        step.response_time.record(1000, count);
        delta.snapshot.connections.exchanges = count;
        delta.snapshot.iterations.started = count;
        delta.snapshot.iterations.finished = count;
    }
    is_done_ = is_over && static_cast<std::size_t>(second_) >= by_second_.size();
    return delta;
}

int ScheduledLoad::users() const {
    std::size_t sum = 0;
    for (const Thread& thread : threads_) {
        for (const Lane& lane : thread.lanes) {
            sum += lane.users ? lane.users->wanted() : 0;
        }
    }
    return started_ && !is_done_ ? static_cast<int>(sum) : 0;
}

}  // namespace boom::sim
