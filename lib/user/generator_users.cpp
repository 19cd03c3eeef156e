// Users of a generator: their iterations, from their start until they leave.
#include "base/assert.hpp"
#include "user/generator.hpp"
#include "user/request_builder.hpp"

#include <algorithm>
#include <utility>

namespace boom::user {

VirtualUser& Generator::activate(Stream& stream, std::int64_t ordinal) {
    std::uint64_t index = users_.size();
    if (free_users_.empty()) {
        users_.emplace_back();
    } else {
        index = free_users_.back();
        free_users_.pop_back();
        users_[index] = VirtualUser{};
    }
    VirtualUser& user = users_[index];
    user.ordinal = stream.first_ordinal + ordinal;
    user.index = index;
    user.stream = stream.index;
    user.slots.resize(plan_->cases.size());
    ++active_;
    ++stream.active;
    board_->user_came();
    if (stream.model == load::Model::Closed) {
        stream.by_ordinal.emplace(ordinal, index);
    }
    tell_users();
    return user;
}

bool Generator::prepare_case(VirtualUser& user) {
    const plan::CasePlan& test_case = case_of(user);
    std::vector<expr::Value>& slots = user.slots[static_cast<std::size_t>(user.case_index)];
    call_for(user);
    if (slots.empty()) {
        slots.resize(static_cast<std::size_t>(test_case.slot_count));
        for (const plan::Assignment& assignment : test_case.variables) {
            auto value = assignment.value.evaluate(slots, context_);
            if (!value) {
                slots.clear();
                return false;
            }
            slots[static_cast<std::size_t>(assignment.slot)] = std::move(*value);
        }
    }
    for (const plan::Slot slot : test_case.iteration_slots) {
        slots[static_cast<std::size_t>(slot)] = expr::Value();
    }
    return true;
}

void Generator::begin_iteration(VirtualUser& user) {
    user.phase = phase_at(user.is_first_step ? user.arrival_due : loop_->now());
    recorder_.set_phase(user.phase);
    user.case_index = 0;
    const std::int32_t only = streams_[static_cast<std::size_t>(user.stream)].case_index;
    if (only >= 0) {
        user.case_index = only;
    } else if (plan_->cases.size() > 1 && total_weight_ > 0) {
        auto draw =
            static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(total_weight_)));
        while (draw >= case_of(user).weight) {
            draw -= case_of(user).weight;
            ++user.case_index;
        }
    }
    enter_case(user);
}

void Generator::enter_case(VirtualUser& user) {
    enter(user, UserState::Ready);
    const bool is_new = user.slots[static_cast<std::size_t>(user.case_index)].empty();
    const bool is_prepared = prepare_case(user);
    if (waits_for_call(user, CallStage::Prepare)) {
        return;
    }
    if (!is_prepared) {
        fail_iteration(user, context_.error);
        return;
    }
    switch (rows_->take(static_cast<std::size_t>(user.case_index),
                        user.slots[static_cast<std::size_t>(user.case_index)], rng_)) {
        case RowsLeft::None:
            note_without_row(user);
            leave_for_good(user);
            return;
        case RowsLeft::NoneIsError:
            fail_iteration(user, "the rows of the parameters are used up");
            return;
        case RowsLeft::Some:
            break;
    }
    // Its row is known in the setup too: a user may sign in with it.
    if (is_new && !case_of(user).setup.empty()) {
        drive(user, {Event::Kind::BeginSetup, loop_->now()});
        return;
    }
    start_iteration(user);
}

// In the open model the arrival is lost; in the closed one a user that never had a row.
void Generator::note_without_row(const VirtualUser& user) {
    const bool is_open = streams_[static_cast<std::size_t>(user.stream)].model == load::Model::Open;
    if (is_open) {
        ++recorder_.iterations().dropped;
    }
    const bool counts = is_open ? user.phase != stats::kWarmUpPhase : user.iteration == 0;
    recorder_.health().without_row += counts ? 1 : 0;
}

void Generator::start_iteration(VirtualUser& user) {
    ++recorder_.iterations().started;
    if (case_of(user).clears_cookies) {
        user.cookies.clear();
    }
    drive(user, {Event::Kind::BeginIteration, loop_->now()});
}

// What keeps an iteration from its first step would keep the next from it too: the user leaves.
void Generator::fail_iteration(VirtualUser& user, std::string_view message) {
    fail_step(user, -1, message);
    ++recorder_.iterations().started;
    ++recorder_.iterations().failed;
    leave_for_good(user);
}

void Generator::fail_step(VirtualUser& user, std::int32_t step, std::string_view message) {
    const std::vector<plan::RequestStep>& requests = case_of(user).requests;
    if (step < 0 && requests.empty()) {
        return;
    }
    stats::Sample sample;
    sample.step = stats::StepId{step < 0 ? requests.front().step : step};
    sample.outcome = stats::Outcome::ExtractFailed;
    sample.at = since_start();
    sample.message = message;
    recorder_.record(sample);
    log_sample(user, sample);
    if (observer_ != nullptr) {
        observer_->on_step(catalog_.steps[static_cast<std::size_t>(sample.step.value)].name,
                           sample.outcome, message);
    }
    context_.error.clear();
}

void Generator::finish_section(VirtualUser& user, const Action& action) {
    enter(user, UserState::Ready);
    const bool goes_on = action.is_passed || profile_.on_failure == load::OnFailure::Continue;
    if (user.section == Section::Setup && web_sockets_ != nullptr) {
        web_sockets_->keep_open(user.index);
    }
    if (user.section == Section::Setup && goes_on && !is_stopping_) {
        user.section = Section::Main;
        start_iteration(user);
        return;
    }
    if (user.section == Section::Teardown) {
        leave(user);
        return;
    }
    // Without what the setup was to give there is nothing that this user could do.
    if (streams_[static_cast<std::size_t>(user.stream)].model == load::Model::Open) {
        ++recorder_.iterations().dropped;
    }
    leave_for_good(user);
}

bool Generator::start_teardown(VirtualUser& user) {
    while (!is_forced_ && user.torn_down < static_cast<std::int32_t>(plan_->cases.size())) {
        user.case_index = user.torn_down++;
        const bool was_used = !user.slots[static_cast<std::size_t>(user.case_index)].empty();
        if (was_used && !case_of(user).teardown.empty()) {
            enter(user, UserState::Ready);
            user.section = Section::Teardown;
            drive(user, {Event::Kind::BeginTeardown, loop_->now()});
            return true;
        }
    }
    return false;
}

void Generator::gather(VirtualUser& user, std::int32_t point) {
    const RendezvousBoard::Arrival arrival = board_->arrive(
        static_cast<std::size_t>(user.case_index), static_cast<std::size_t>(point), loop_->now());
    enter(user, UserState::Gathering);
    give_back_exchange(user);
    user.ticket = arrival.ticket;
    if (arrival.waits) {
        gathered_.push_back(user.index);
        const TimePoint deadline =
            board_->deadline(static_cast<std::size_t>(user.case_index), user.ticket);
        user.timer = {};
        if (deadline != TimePoint::max()) {
            user.timer = loop_->start_timer(deadline, *this, user.index);
        }
        return;
    }
    // From the timer and not from here: rendezvous after rendezvous must not grow the stack.
    enter(user, UserState::Thinking);
    user.timer = loop_->start_timer(loop_->now(), *this, user.index);
}

// The timer of a waiting user: goes on, or waits longer because others came meanwhile.
void Generator::let_go_on(VirtualUser& user) {
    const auto case_index = static_cast<std::size_t>(user.case_index);
    const TimePoint deadline = board_->deadline(case_index, user.ticket);
    if (!board_->is_released(case_index, user.ticket) && deadline > loop_->now()) {
        user.timer = loop_->start_timer(deadline, *this, user.index);
        return;
    }
    board_->release(case_index, user.ticket);
    enter(user, UserState::Ready);
    drive(user, {Event::Kind::Continue, loop_->now()});
}

void Generator::wake_gathered() {
    const auto waits = [this](std::uint64_t index) {
        const VirtualUser& user = users_[index];
        return user.state == UserState::Gathering &&
               !board_->is_released(static_cast<std::size_t>(user.case_index), user.ticket);
    };
    const auto first = std::stable_partition(gathered_.begin(), gathered_.end(), waits);
    const std::vector<std::uint64_t> released(first, gathered_.end());
    gathered_.erase(first, gathered_.end());
    for (const std::uint64_t index : released) {
        VirtualUser& user = users_[index];
        if (user.state == UserState::Gathering) {
            loop_->cancel_timer(user.timer);
            user.timer = {};
            enter(user, UserState::Ready);
            drive(user, {Event::Kind::Continue, loop_->now()});
        }
    }
}

void Generator::drive(VirtualUser& user, Event event) {
    while (true) {
        call_for(user);
        const Action action = advance(user, case_of(user), event, after_failure(), context_);
        if (action.kind != Action::Kind::Fail) {
            user.calls.reset();
        }
        switch (action.kind) {
            case Action::Kind::Send:
                if (is_stopping_ && !may_go_on(user)) {
                    event.kind = Event::Kind::Stop;
                    continue;
                }
                request_send(user, action.request);
                return;
            case Action::Kind::Sleep:
                if (is_stopping_ && !may_go_on(user)) {
                    event.kind = Event::Kind::Stop;
                    continue;
                }
                give_back_exchange(user);
                sleep_until(user, UserState::Thinking, loop_->now() + action.sleep);
                return;
            case Action::Kind::Transaction:
                recorder_.record_transaction(stats::StepId{action.step}, action.is_passed,
                                             action.duration);
                event.kind = Event::Kind::Continue;
                continue;
            case Action::Kind::Gather:
                if (is_stopping_) {
                    event.kind = Event::Kind::Stop;
                    continue;
                }
                gather(user, action.request);
                return;
            case Action::Kind::Fail:
                if (waits_for_call(user, CallStage::Advance)) {
                    user.pc = action.request;
                    return;
                }
                fail_step(user, action.step, context_.error);
                event.kind = Event::Kind::StepFailed;
                continue;
            case Action::Kind::Again:
                event.kind = Event::Kind::Continue;
                continue;
            case Action::Kind::SectionDone:
                finish_section(user, action);
                return;
            case Action::Kind::IterationDone:
                finish_iteration(user, action);
                return;
        }
    }
}

void Generator::finish_iteration(VirtualUser& user, const Action& action) {
    stats::Iterations& iterations = recorder_.iterations();
    if (action.is_interrupted) {
        ++iterations.interrupted;
    } else if (action.is_passed) {
        ++iterations.finished;
    } else {
        ++iterations.failed;
    }
    ++user.iteration;
    const Way way = std::exchange(user.way, Way::Untried);
    enter(user, UserState::Ready);
    if (web_sockets_ != nullptr) {
        web_sockets_->close_unused(user.index);
    }
    if (observer_ != nullptr) {
        observer_->on_iteration(case_of(user),
                                user.slots[static_cast<std::size_t>(user.case_index)]);
    }
    const bool has_looped_enough = profile_.loop_count && user.iteration >= *profile_.loop_count;
    const bool gives_up = !action.is_passed && profile_.on_failure == load::OnFailure::StopUser;
    if (!action.is_passed && profile_.on_failure == load::OnFailure::Abort) {
        leave(user);
        stop_gracefully();
        return;
    }
    Stream& stream = streams_[static_cast<std::size_t>(user.stream)];
    if (is_stopping_ || has_looped_enough || gives_up || user.is_surplus) {
        if (has_looped_enough || gives_up) {
            leave_for_good(user);
        } else {
            leave(user);
        }
        return;
    }
    if (stream.model == load::Model::Open) {
        rest(user);
        return;
    }
    if (way == Way::None) {
        give_back_exchange(user);
        sleep_until(user, UserState::Stranded, loop_->now() + kStrandedFor);
        return;
    }
    const bool is_over = schedule_.end && since_start() >= *schedule_.end;
    if (std::exchange(answered_, nullptr) == &user && !is_over) {
        begins_next_ = true;
        return;
    }
    // Iterations without a request must not grow the stack, and every user gets its turn.
    user.timer = loop_->start_timer(loop_->now(), *this, user.index);
}

void Generator::tell_users() {
    const int users = active_ - idle_;
    active_gauge_.store(users, std::memory_order_relaxed);
    if (users > peak_gauge_.load(std::memory_order_relaxed)) {
        peak_gauge_.store(users, std::memory_order_relaxed);
    }
}

// Its loops are done, or it gave up: no change of shares starts it again.
void Generator::leave_for_good(VirtualUser& user) {
    ++left_for_good_;
    Stream& stream = streams_[static_cast<std::size_t>(user.stream)];
    stream.finished.insert(user.ordinal - stream.first_ordinal);
    leave(user);
}

void Generator::leave(VirtualUser& user) {
    if (start_teardown(user)) {
        return;  // it leaves at the end of that
    }
    enter(user, UserState::Gone);
    if (web_sockets_ != nullptr) {
        web_sockets_->forget(user.index);
    }
    board_->user_left();
    Stream& stream = streams_[static_cast<std::size_t>(user.stream)];
    stream.by_ordinal.erase(user.ordinal - stream.first_ordinal);
    --stream.active;
    --active_;
    tell_users();
    give_back_exchange(user);
    engine_->forget(user.index);
    free_users_.push_back(user.index);
}

void Generator::enter(VirtualUser& user, UserState state) {
    user_time_.move(user.state, state, loop_->now());
    user.state = state;
}

void Generator::sleep_until(VirtualUser& user, UserState state, TimePoint until) {
    enter(user, state);
    user.timer = loop_->start_timer(until, *this, user.index);
}

}  // namespace boom::user
