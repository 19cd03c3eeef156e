// Functions of users that a generator's users wait for.
#include "base/assert.hpp"
#include "user/generator.hpp"

#include <utility>

namespace boom::user {

// What functions may know of who calls, and which answers there are already.
void Generator::call_for(VirtualUser& user) {
    const plan::CasePlan& test_case = case_of(user);
    context_.user = user.ordinal;
    context_.iteration = user.iteration;
    context_.files = &test_case.files;
    context_.environment = &test_case.environment;
    context_.is_pending = false;
    context_.has_called_user = false;
    shared_.begin(user.counters, user.calls != nullptr ? &user.calls->draws : nullptr);
    // The same evaluation again draws the same by chance.
    if (user.calls != nullptr) {
        context_.rng = user.calls->rng;
    }
    pass_rng_ = context_.rng;
    calls_->begin(user.index, user.calls.get(), test_case.script.get());
}

bool Generator::waits_for_call(VirtualUser& user, CallStage stage) {
    if (!context_.is_pending) {
        user.calls.reset();
        return false;
    }
    context_.is_pending = false;
    context_.error.clear();
    if (user.calls == nullptr) {
        user.calls = std::make_unique<PendingCalls>();
        user.calls->rng = pass_rng_;
    }
    user.calls->draws = shared_.draws();
    for (script::Answer& answer : calls_->take_given()) {
        user.calls->answers.push_back(std::move(answer));
    }
    user.calls->stage = stage;
    enter(user, UserState::Calling);
    return true;
}

void Generator::resume(VirtualUser& user) {
    script::Answer answer = calls_->take_answer(user.index);
    if (user.state != UserState::Calling) {
        return;
    }
    BOOM_ASSERT(user.calls != nullptr);
    user.calls->answers.push_back(std::move(answer));
    enter(user, UserState::Ready);
    switch (user.calls->stage) {
        case CallStage::Prepare:
            enter_case(user);
            break;
        case CallStage::Send:
            if (is_stopping_ && !may_go_on(user)) {
                user.calls.reset();
                drive(user, {Event::Kind::Stop, loop_->now()});
            } else {
                build_and_send(user);
            }
            break;
        case CallStage::Judge:
            enter(user, UserState::Sending);
            finish_exchange(user);
            break;
        case CallStage::Advance:
            drive(user, {Event::Kind::Continue, loop_->now()});
            break;
    }
}

// By force: what it waited for is not done any more.
void Generator::abandon_call(VirtualUser& user) {
    const CallStage stage = user.calls->stage;
    calls_->forget(user.index);
    user.calls.reset();
    if (stage == CallStage::Prepare) {
        enter(user, UserState::Ready);
        leave(user);
        return;
    }
    if (stage == CallStage::Judge) {
        stats::Sample sample;
        sample.step = stats::StepId{step_of(user).step};
        sample.outcome = stats::Outcome::Interrupted;
        sample.at = since_start();
        sample.name = value_name_of(user);
        recorder_.record(sample);
    }
    enter(user, UserState::Ready);
    drive(user, {Event::Kind::Stop, loop_->now()});
}

}  // namespace boom::user
