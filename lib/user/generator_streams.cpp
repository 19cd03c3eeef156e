// The load of a generator over time: users that start and leave, arrivals, changes of the share.
#include "base/assert.hpp"
#include "user/generator.hpp"

#include <algorithm>
#include <utility>

namespace boom::user {

std::int64_t ThreadShare::users() const {
    std::int64_t sum = 0;
    for (const ThreadStream& stream : streams) {
        sum += static_cast<std::int64_t>(stream.ordinals.size());
    }
    return sum;
}

void Generator::begin_streams() {
    for (std::size_t i = 0; i < schedule_.streams.size(); ++i) {
        const load::Stream& planned = schedule_.streams[i];
        Stream& stream = streams_.emplace_back();
        stream.index = static_cast<std::int32_t>(i);
        stream.model = planned.model;
        for (std::size_t c = 0; c < plan_->cases.size() && !planned.case_name.empty(); ++c) {
            if (plan_->cases[c].name == planned.case_name) {
                stream.case_index = static_cast<std::int32_t>(c);
            }
        }
    }
    use_share();
}

// What the share in hand says, from its time on.
void Generator::use_share() {
    use_ceiling();
    engine_->set_expected_users(static_cast<int>(share_.users()));
    for (Stream& stream : streams_) {
        const ThreadStream& part = share_.streams[static_cast<std::size_t>(stream.index)];
        stream.first_ordinal = part.first_ordinal;
        // Who is there is found again by its ordinal when it leaves.
        for (const auto& [ordinal, user] : stream.by_ordinal) {
            users_[user].ordinal = stream.first_ordinal + ordinal;
        }
        stream.most_in_flight = static_cast<std::int64_t>(part.ordinals.size());
        if (stream.model == load::Model::Closed) {
            stream.users.emplace(part.target, part.ordinals);
            stream.users->skip_to(share_.from - Duration(1));
            reconcile(stream);
        } else if (stream.arrivals) {
            stream.arrivals->adjust(part.target, part.stripe, share_.from);
        } else {
            // One walk for the whole fleet: the run's seed without the thread's part.
            const std::uint64_t seed = arrival_seed_ + static_cast<std::uint64_t>(stream.index);
            stream.arrivals.emplace(
                part.target, part.stripe,
                schedule_.streams[static_cast<std::size_t>(stream.index)].arrival, seed);
            if (share_.from > Duration::zero()) {
                stream.arrivals->adjust(part.target, part.stripe, share_.from);
            }
        }
        arm(stream);
    }
    note_spawned();
}

void Generator::use_ceiling() {
    const Duration now = std::max(since_start(), Duration::zero());
    if (!share_.ceiling) {
        pacer_.reset();
    } else if (pacer_) {
        pacer_->adjust(*share_.ceiling, now);
    } else {
        pacer_.emplace(*share_.ceiling);
    }
    ask_for_slots_again();
}

void Generator::adjust(ThreadShare share) {
    if (is_stopping_) {
        return;
    }
    if (!has_begun_) {
        share_ = std::move(share);
        adjustments_done_.fetch_add(1, std::memory_order_release);
        return;
    }
    coming_.push_back(std::move(share));
    if (coming_.size() == 1) {
        switch_timer_ = loop_->start_timer(at(coming_.front().from), *this, kSwitchTimer);
    }
}

void Generator::switch_share() {
    if (coming_.empty()) {
        return;
    }
    // What was due before belongs to the old share.
    for (Stream& stream : streams_) {
        const TimePoint last = at(coming_.front().from) - Duration(1);
        spawn_due_users(stream, last);
        release_due_arrivals(stream, last);
    }
    share_ = std::move(coming_.front());
    coming_.pop_front();
    use_share();
    adjustments_done_.fetch_add(1, std::memory_order_release);
    if (!coming_.empty()) {
        switch_timer_ = loop_->start_timer(at(coming_.front().from), *this, kSwitchTimer);
    }
}

// After a change the wanted users are others, in number and in ordinals. Those who are there take
// over the ordinals that are missing; the surplus leaves at the end of its iteration, the rest is
// started one by one.
void Generator::reconcile(Stream& stream) {
    const std::vector<std::int64_t>& ordinals = stream.users->ordinals();
    const auto wanted_end = ordinals.begin() + static_cast<std::ptrdiff_t>(stream.users->wanted());
    stream.owed.clear();
    std::vector<std::uint64_t> spare;
    for (const auto& [ordinal, index] : stream.by_ordinal) {
        const bool is_wanted = std::binary_search(ordinals.begin(), wanted_end, ordinal);
        users_[index].is_surplus = !is_wanted;
        if (!is_wanted) {
            spare.push_back(index);
        }
    }
    const double rate = share_.streams[static_cast<std::size_t>(stream.index)].catch_up_rate;
    std::int64_t owed = 0;
    for (auto ordinal = ordinals.begin(); ordinal != wanted_end; ++ordinal) {
        if (stream.by_ordinal.count(*ordinal) > 0 || stream.finished.count(*ordinal) > 0) {
            continue;
        }
        if (!spare.empty()) {
            VirtualUser& user = users_[spare.back()];
            spare.pop_back();
            stream.by_ordinal.erase(user.ordinal - stream.first_ordinal);
            stream.by_ordinal.emplace(*ordinal, user.index);
            user.ordinal = stream.first_ordinal + *ordinal;
            user.is_surplus = false;
            continue;
        }
        const auto wait = base::from_seconds(static_cast<double>(owed) / rate);
        stream.owed.push_back({*ordinal, std::max(loop_->now(), at(share_.from)) + wait});
        ++owed;
    }
}

void Generator::on_stream_timer(std::size_t index) {
    Stream& stream = streams_[index];
    stream.timer = {};
    spawn_due_users(stream, loop_->now());
    release_due_arrivals(stream, loop_->now());
    arm(stream);
    note_spawned();
}

void Generator::spawn_due_users(Stream& stream, TimePoint until) {
    const auto start = [&](std::int64_t ordinal, TimePoint due) {
        recorder_.set_phase(phase_at(loop_->now()));
        recorder_.record_lateness(std::max(loop_->now() - due, Duration::zero()));
        VirtualUser& user = activate(stream, ordinal);
        begin_iteration(user);
    };
    while (!is_stopping_ && !stream.owed.empty() && stream.owed.front().due <= until) {
        const Stream::Spawn spawn = stream.owed.front();
        stream.owed.pop_front();
        start(spawn.ordinal, spawn.due);
    }
    while (!is_stopping_ && stream.users) {
        const auto change = stream.users->next();
        if (!change || at(change->due) > until) {
            return;
        }
        stream.users->take();
        const auto found = stream.by_ordinal.find(change->ordinal);
        const bool is_there = found != stream.by_ordinal.end();
        if (change->kind == load::UserSchedule::Change::Kind::Leave) {
            std::erase_if(stream.owed, [&](const Stream::Spawn& spawn) {
                return spawn.ordinal == change->ordinal;
            });
        }
        if (is_there) {
            users_[found->second].is_surplus =
                change->kind == load::UserSchedule::Change::Kind::Leave;
        } else if (change->kind == load::UserSchedule::Change::Kind::Start) {
            start(change->ordinal, at(change->due));
        }
    }
}

void Generator::release_due_arrivals(Stream& stream, TimePoint until) {
    while (!is_stopping_ && stream.arrivals) {
        const auto due = stream.arrivals->next();
        if (!due || at(*due) > until_end(until)) {
            return;
        }
        stream.arrivals->take();
        release_arrival(stream, at(*due));
    }
}

// What is due at the end of the run is not part of it any more.
TimePoint Generator::until_end(TimePoint until) const {
    return schedule_.end ? std::min(until, at(*schedule_.end) - Duration(1)) : until;
}

void Generator::drop_due_arrivals(Stream& stream) {
    const TimePoint until = until_end(loop_->now());
    while (stream.arrivals && stream.arrivals->next() && at(*stream.arrivals->next()) <= until) {
        const stats::PhaseId phase = phase_at(at(*stream.arrivals->next()));
        recorder_.set_phase(phase);
        stream.arrivals->take();
        ++recorder_.iterations().dropped;
        recorder_.health().never_due += phase == stats::kWarmUpPhase ? 0 : 1;
    }
}

void Generator::release_arrival(Stream& stream, TimePoint due) {
    recorder_.set_phase(phase_at(due));
    VirtualUser* user = nullptr;
    if (!stream.idle.empty()) {
        user = &users_[stream.idle.back()];
        stream.idle.pop_back();
        --idle_;
    } else if (stream.active < stream.most_in_flight) {
        // The ordinals of this thread, in turn: a user that left gives its place back.
        user = &activate(stream, share_.streams[static_cast<std::size_t>(stream.index)]
                                     .ordinals[static_cast<std::size_t>(stream.active)]);
    } else {
        ++recorder_.iterations().dropped;
        return;
    }
    recorder_.record_lateness(std::max(loop_->now() - due, Duration::zero()));
    user->arrival_due = due;
    user->is_first_step = true;
    tell_users();
    begin_iteration(*user);
}

void Generator::rest(VirtualUser& user) {
    Stream& stream = streams_[static_cast<std::size_t>(user.stream)];
    if (stream.active > stream.most_in_flight) {
        leave(user);
        return;
    }
    enter(user, UserState::Idle);
    give_back_exchange(user);
    stream.idle.push_back(user.index);
    ++idle_;
    tell_users();
}

void Generator::arm(Stream& stream) {
    loop_->cancel_timer(stream.timer);
    stream.timer = {};
    if (is_stopping_) {
        return;
    }
    std::optional<TimePoint> next;
    if (!stream.owed.empty()) {
        next = stream.owed.front().due;
    }
    const auto consider = [&](Duration due) { next = next ? std::min(*next, at(due)) : at(due); };
    if (stream.users && stream.users->next()) {
        consider(stream.users->next()->due);
    }
    if (stream.arrivals && stream.arrivals->next()) {
        consider(*stream.arrivals->next());
    }
    if (next) {
        stream.timer = loop_->start_timer(
            *next, *this, kFirstStreamTimer + static_cast<std::uint64_t>(stream.index));
    }
}

bool Generator::is_more_to_come() const {
    return std::any_of(streams_.begin(), streams_.end(), [](const Stream& stream) {
        const auto change =
            stream.users ? stream.users->next() : std::optional<load::UserSchedule::Change>();
        return !stream.owed.empty() || (stream.arrivals && stream.arrivals->next()) ||
               (change && change->kind == load::UserSchedule::Change::Kind::Start);
    });
}

// Spawning is over when nothing is owed and the present rise of the target is climbed.
void Generator::note_spawned() {
    const bool is_spawning =
        std::any_of(streams_.begin(), streams_.end(), [](const Stream& stream) {
            const auto change =
                stream.users ? stream.users->next() : std::optional<load::UserSchedule::Change>();
            return !stream.owed.empty() ||
                   (change && change->kind == load::UserSchedule::Change::Kind::Start);
        });
    all_spawned_.store(!is_spawning, std::memory_order_relaxed);
}

}  // namespace boom::user
