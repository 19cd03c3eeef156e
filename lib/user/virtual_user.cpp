#include "user/virtual_user.hpp"

#include "base/text.hpp"
#include "expr/check.hpp"

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
    done.kind =
        user.section == Section::Main ? Action::Kind::IterationDone : Action::Kind::SectionDone;
    done.is_passed = !user.has_failed;
    return done;
}

void begin(VirtualUser& user, Section section, TimePoint now) {
    user.section = section;
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

namespace {

const std::vector<plan::Op>& ops_of(const VirtualUser& user, const plan::CasePlan& plan) {
    switch (user.section) {
        case Section::Setup:
            return plan.setup;
        case Section::Main:
            return plan.ops;
        case Section::Teardown:
            return plan.teardown;
    }
    return plan.ops;
}

std::vector<expr::Value>& slots_of(VirtualUser& user) {
    return user.slots[static_cast<std::size_t>(user.case_index)];
}

bool is_true(const expr::Value& value) {
    switch (value.kind()) {
        case expr::Value::Kind::Null:
            return false;
        case expr::Value::Kind::Bool:
            return value.as_bool();
        case expr::Value::Kind::Integer:
        case expr::Value::Kind::BigInteger:
        case expr::Value::Kind::Real:
            return value.number() != 0;
        case expr::Value::Kind::Text:
            return !value.as_text().empty() && value.as_text() != "false" && value.as_text() != "0";
        case expr::Value::Kind::List:
            return !value.as_list().empty();
        case expr::Value::Kind::Map:
            return !value.as_map().empty();
    }
    return false;
}

std::optional<bool> holds(const plan::Condition& condition, expr::Slots slots,
                          expr::CallContext& context) {
    const auto left = condition.left.evaluate(slots, context);
    if (!left || !condition.comparator) {
        return left ? std::optional(is_true(*left)) : std::nullopt;
    }
    const auto right = condition.right.evaluate(slots, context);
    return right ? std::optional(expr::holds(*condition.comparator, *left, *right, nullptr))
                 : std::nullopt;
}

Action fail(std::int32_t step) {
    Action action;
    action.kind = Action::Kind::Fail;
    action.step = step;
    return action;
}

// The four below: empty when the next op follows.
std::optional<Action> branch(VirtualUser& user, const plan::Op& op, const plan::Branch& branch,
                             expr::CallContext& context) {
    const std::optional<bool> is_met = holds(branch.condition, slots_of(user), context);
    if (!is_met) {
        user.pc = op.target;
        return fail(branch.step);
    }
    if (*is_met == (branch.jumps_when == plan::Branch::JumpsWhen::True)) {
        user.pc = op.target;
    }
    return std::nullopt;
}

std::optional<Action> start_loop(VirtualUser& user, const plan::Op& op, const plan::Loop& loop,
                                 expr::CallContext& context) {
    std::vector<expr::Value>& slots = slots_of(user);
    const auto count = loop.count.evaluate(slots, context);
    if (!count) {
        user.pc = op.target;
        return fail(loop.step);
    }
    const auto number =
        count->kind() == expr::Value::Kind::Text      ? base::parse_integer(count->as_text())
        : count->kind() == expr::Value::Kind::Integer ? std::optional(count->as_integer())
                                                      : std::nullopt;
    if (!number) {
        user.pc = op.target;
        context.error = "'loops' is no whole number: " + base::shorten(count->json(), 60);
        return fail(loop.step);
    }
    if (*number <= 0) {
        user.pc = op.target;
    }
    slots[static_cast<std::size_t>(loop.left)] = expr::Value(*number);
    return std::nullopt;
}

void end_loop(VirtualUser& user, const plan::Op& op, const plan::Loop& loop) {
    expr::Value& left = slots_of(user)[static_cast<std::size_t>(loop.left)];
    left = expr::Value(left.as_integer() - 1);
    if (left.as_integer() > 0) {
        user.pc = op.target;
    }
}

std::optional<Action> assign(VirtualUser& user, const plan::AssignStep& step,
                             expr::CallContext& context) {
    std::vector<expr::Value>& slots = slots_of(user);
    for (const plan::Assignment& assignment : step.assignments) {
        auto value = assignment.value.evaluate(slots, context);
        if (!value) {
            return fail(step.step);
        }
        slots[static_cast<std::size_t>(assignment.slot)] = std::move(*value);
    }
    return std::nullopt;
}

std::optional<Action> think(const plan::ThinkTime& think_time, expr::CallContext& context) {
    Action action;
    action.kind = Action::Kind::Sleep;
    action.sleep = draw(think_time, context.rng);
    return action.sleep > Duration::zero() ? std::optional(action) : std::nullopt;
}

// One op; empty when the next follows.
std::optional<Action> step(VirtualUser& user, const plan::CasePlan& plan, const plan::Op& op,
                           TimePoint now, expr::CallContext& context) {
    const auto index = static_cast<std::size_t>(op.index);
    Action action;
    action.request = op.index;
    switch (op.kind) {
        case plan::OpKind::Request:
            action.kind = Action::Kind::Send;
            return action;
        case plan::OpKind::Rendezvous:
            action.kind = Action::Kind::Gather;
            return action;
        case plan::OpKind::ThinkTime:
            return think(plan.think_times[index], context);
        case plan::OpKind::TransactionStart:
            start_transaction(user, op, now);
            return std::nullopt;
        case plan::OpKind::TransactionEnd:
            return end_transaction(user, op, now);
        case plan::OpKind::Assign:
            return assign(user, plan.assigns[index], context);
        case plan::OpKind::Branch:
            return branch(user, op, plan.branches[index], context);
        case plan::OpKind::LoopStart:
            return start_loop(user, op, plan.loops[index], context);
        case plan::OpKind::LoopEnd:
            end_loop(user, op, plan.loops[index]);
            return std::nullopt;
    }
    return std::nullopt;
}

Action interrupted(VirtualUser& user) {
    Action done;
    done.kind =
        user.section == Section::Main ? Action::Kind::IterationDone : Action::Kind::SectionDone;
    done.is_passed = false;
    done.is_interrupted = true;
    user.transactions.clear();
    return done;
}

}  // namespace

Action advance(VirtualUser& user, const plan::CasePlan& plan, Event event,
               AfterFailure after_failure, expr::CallContext& context) {
    switch (event.kind) {
        case Event::Kind::BeginSetup:
            begin(user, Section::Setup, event.now);
            break;
        case Event::Kind::BeginIteration:
            begin(user, Section::Main, event.now);
            break;
        case Event::Kind::BeginTeardown:
            begin(user, Section::Teardown, event.now);
            break;
        case Event::Kind::StepFailed:
            user.has_failed = true;
            user.transaction_has_failed = true;
            if (after_failure == AfterFailure::EndIteration) {
                user.pc = static_cast<std::int32_t>(ops_of(user, plan).size());
            }
            break;
        case Event::Kind::Stop:
            return interrupted(user);
        case Event::Kind::Continue:
        case Event::Kind::StepPassed:
            break;
    }
    const std::vector<plan::Op>& ops = ops_of(user, plan);
    const auto op_count = static_cast<std::int32_t>(ops.size());
    while (user.pc < op_count) {
        const plan::Op& op = ops[static_cast<std::size_t>(user.pc++)];
        const std::int32_t position = user.pc - 1;
        if (auto action = step(user, plan, op, event.now, context)) {
            if (action->kind == Action::Kind::Fail) {
                action->request = position;
            }
            return *action;
        }
        if (context.has_called_user) {
            Action again;
            again.kind = Action::Kind::Again;
            return again;
        }
    }
    if (user.pc == op_count) {
        // Once per iteration: `Action` is the transaction around everything.
        ++user.pc;
        if (user.section == Section::Main) {
            user.transactions.push_back({plan.action_step, user.iteration_started, true});
        }
    }
    return close_iteration(user, plan, event.now);
}

}  // namespace boom::user
