#include "user/virtual_user.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace boom::user {
namespace {

// A transaction that is still open when the iteration ends is recorded then; `Action` comes last.
Action close_iteration(VirtualUser& user, const plan::CasePlan& plan, TimePoint now) {
    for (OpenTransaction& open : user.transactions) {
        if (open.is_open) {
            open.is_open = false;
            Action action;
            action.kind = Action::Kind::Transaction;
            action.step = open.step;
            action.duration = now - open.started;
            action.is_passed =
                open.step == plan.action_step ? !user.has_failed : !user.transaction_has_failed;
            return action;
        }
    }
    user.transactions.clear();
    Action done;
    done.kind = Action::Kind::IterationDone;
    done.is_passed = !user.has_failed;
    return done;
}

void begin(VirtualUser& user, TimePoint now) {
    user.pc = 0;
    user.has_failed = false;
    user.transaction_has_failed = false;
    user.iteration_started = now;
    user.transactions.clear();
}

Action end_transaction(VirtualUser& user, const plan::Op& op, TimePoint now) {
    Action action;
    action.kind = Action::Kind::Transaction;
    action.step = op.transaction;
    // An end without a start counts from the iteration's start (hrp-boom LOAD-17).
    TimePoint started = user.iteration_started;
    for (OpenTransaction& open : user.transactions) {
        if (open.step == op.transaction && open.is_open) {
            started = open.started;
            open.is_open = false;
        }
    }
    action.duration = now - started;
    action.is_passed = !user.transaction_has_failed;
    user.transaction_has_failed = false;
    return action;
}

void start_transaction(VirtualUser& user, const plan::Op& op, TimePoint now) {
    // A second start overrides the first.
    std::erase_if(user.transactions,
                  [&](const OpenTransaction& open) { return open.step == op.transaction; });
    user.transactions.push_back({op.transaction, now, true});
}

}  // namespace

Duration draw(const plan::ThinkTime& think_time, base::Rng& rng) {
    double ratio = 1;
    switch (think_time.strategy) {
        case plan::ThinkStrategy::Ignore:
            return Duration::zero();
        case plan::ThinkStrategy::Default:
            break;
        case plan::ThinkStrategy::RandomPercentage:
        case plan::ThinkStrategy::Multiply:
            ratio =
                think_time.min_ratio + (think_time.max_ratio - think_time.min_ratio) * rng.unit();
            break;
    }
    Duration result = base::from_seconds(base::to_seconds(think_time.time) * std::max(ratio, 0.0));
    if (think_time.limit) {
        result = std::min(result, *think_time.limit);
    }
    return result;
}

Action advance(VirtualUser& user, const plan::CasePlan& plan, Event event,
               AfterFailure after_failure, base::Rng& rng) {
    const auto op_count = static_cast<std::int32_t>(plan.ops.size());
    switch (event.kind) {
        case Event::Kind::BeginIteration:
            begin(user, event.now);
            break;
        case Event::Kind::StepFailed:
            user.has_failed = true;
            user.transaction_has_failed = true;
            if (after_failure == AfterFailure::EndIteration) {
                user.pc = op_count;
            }
            break;
        case Event::Kind::Stop: {
            Action done;
            done.kind = Action::Kind::IterationDone;
            done.is_passed = false;
            done.is_interrupted = true;
            user.transactions.clear();
            return done;
        }
        case Event::Kind::Continue:
        case Event::Kind::StepPassed:
            break;
    }
    while (user.pc < op_count) {
        const plan::Op& op = plan.ops[static_cast<std::size_t>(user.pc++)];
        switch (op.kind) {
            case plan::OpKind::Request: {
                Action action;
                action.kind = Action::Kind::Send;
                action.request = op.index;
                return action;
            }
            case plan::OpKind::ThinkTime: {
                Action action;
                action.kind = Action::Kind::Sleep;
                action.sleep = draw(plan.think_times[static_cast<std::size_t>(op.index)], rng);
                if (action.sleep > Duration::zero()) {
                    return action;
                }
                break;
            }
            case plan::OpKind::TransactionStart:
                start_transaction(user, op, event.now);
                break;
            case plan::OpKind::TransactionEnd:
                return end_transaction(user, op, event.now);
        }
    }
    if (user.pc == op_count) {
        // Once per iteration: `Action` is the transaction around everything.
        ++user.pc;
        user.transactions.push_back({plan.action_step, user.iteration_started, true});
    }
    return close_iteration(user, plan, event.now);
}

}  // namespace boom::user
