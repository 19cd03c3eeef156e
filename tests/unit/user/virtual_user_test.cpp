#include "user/virtual_user.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using namespace std::chrono_literals;
using user::Action;
using user::AfterFailure;
using user::Event;

namespace {

constexpr std::int32_t kAction = 9;  // rows of transactions
constexpr std::int32_t kSignIn = 5;

// get, transaction start, post, think 100 ms, get, transaction end.
plan::CasePlan sample_case() {
    plan::CasePlan result;
    result.action_step = kAction;
    result.requests.resize(3);
    plan::ThinkTime think;
    think.time = 100ms;
    result.think_times = {think};
    result.ops = {{plan::OpKind::Request, 0, 0}, {plan::OpKind::TransactionStart, 0, kSignIn},
                  {plan::OpKind::Request, 1, 0}, {plan::OpKind::ThinkTime, 0, 0},
                  {plan::OpKind::Request, 2, 0}, {plan::OpKind::TransactionEnd, 0, kSignIn}};
    return result;
}

struct Walk {
    plan::CasePlan plan = sample_case();
    user::VirtualUser user;
    expr::CallContext context;
    base::TimePoint now{};
    AfterFailure after_failure = AfterFailure::EndIteration;

    Action go(Event::Kind kind, base::Duration later = 0ms) {
        now += later;
        return user::advance(user, plan, {kind, now}, after_failure, context);
    }
};

}  // namespace

TEST_CASE("advance: an iteration walks the plan and records its transactions", "[user]") {
    Walk walk;
    Action action = walk.go(Event::Kind::BeginIteration);
    CHECK(action.kind == Action::Kind::Send);
    CHECK(action.request == 0);
    action = walk.go(Event::Kind::StepPassed, 10ms);
    CHECK(action.kind == Action::Kind::Send);
    CHECK(action.request == 1);
    action = walk.go(Event::Kind::StepPassed, 20ms);
    CHECK(action.kind == Action::Kind::Sleep);
    CHECK(action.sleep == 100ms);
    action = walk.go(Event::Kind::Continue, 100ms);
    CHECK(action.request == 2);
    action = walk.go(Event::Kind::StepPassed, 5ms);
    CHECK(action.kind == Action::Kind::Transaction);
    CHECK(action.step == kSignIn);
    CHECK(action.duration == 125ms);
    CHECK(action.is_passed);
    action = walk.go(Event::Kind::Continue);
    CHECK(action.kind == Action::Kind::Transaction);
    CHECK(action.step == kAction);
    CHECK(action.duration == 135ms);
    action = walk.go(Event::Kind::Continue);
    CHECK(action.kind == Action::Kind::IterationDone);
    CHECK(action.is_passed);
    CHECK_FALSE(action.is_interrupted);
}

TEST_CASE("advance: a failed step ends the iteration and fails its transactions", "[user]") {
    Walk walk;
    (void)walk.go(Event::Kind::BeginIteration);
    (void)walk.go(Event::Kind::StepPassed);
    Action action = walk.go(Event::Kind::StepFailed, 7ms);
    CHECK(action.kind == Action::Kind::Transaction);
    CHECK(action.step == kSignIn);  // open when the iteration ends: recorded then
    CHECK_FALSE(action.is_passed);
    action = walk.go(Event::Kind::Continue);
    CHECK(action.step == kAction);
    CHECK_FALSE(action.is_passed);
    action = walk.go(Event::Kind::Continue);
    CHECK(action.kind == Action::Kind::IterationDone);
    CHECK_FALSE(action.is_passed);
}

TEST_CASE("advance: on-failure continue goes on with the next step", "[user]") {
    Walk walk;
    walk.after_failure = AfterFailure::GoOn;
    (void)walk.go(Event::Kind::BeginIteration);
    const Action action = walk.go(Event::Kind::StepFailed);
    CHECK(action.kind == Action::Kind::Send);
    CHECK(action.request == 1);
    CHECK(walk.user.has_failed);
}

TEST_CASE("advance: a stop interrupts, and no transaction is recorded", "[user]") {
    Walk walk;
    (void)walk.go(Event::Kind::BeginIteration);
    (void)walk.go(Event::Kind::StepPassed);
    const Action action = walk.go(Event::Kind::Stop);
    CHECK(action.kind == Action::Kind::IterationDone);
    CHECK(action.is_interrupted);
    CHECK(walk.user.transactions.empty());
    // The next iteration starts afresh.
    const Action next = walk.go(Event::Kind::BeginIteration);
    CHECK(next.kind == Action::Kind::Send);
    CHECK(next.request == 0);
}

TEST_CASE("advance: every iteration has exactly one Action", "[user]") {
    Walk walk;
    for (int i = 0; i < 3; ++i) {
        int actions = 0;
        Action action = walk.go(Event::Kind::BeginIteration);
        for (int guard = 0; action.kind != Action::Kind::IterationDone && guard < 20; ++guard) {
            actions += action.kind == Action::Kind::Transaction && action.step == kAction ? 1 : 0;
            action = walk.go(action.kind == Action::Kind::Send ? Event::Kind::StepPassed
                                                               : Event::Kind::Continue);
        }
        CHECK(action.kind == Action::Kind::IterationDone);
        CHECK(actions == 1);
    }
}

TEST_CASE("ThinkTime: strategies as documented", "[user]") {
    base::Rng rng(3);
    plan::ThinkTime think;
    think.time = 2s;
    CHECK(user::draw(think, rng) == 2s);
    think.strategy = plan::ThinkStrategy::Ignore;
    CHECK(user::draw(think, rng) == 0s);
    think.strategy = plan::ThinkStrategy::Multiply;
    think.min_ratio = think.max_ratio = 2;
    CHECK(user::draw(think, rng) == 4s);
    think.strategy = plan::ThinkStrategy::RandomPercentage;
    think.time = 1s;
    think.min_ratio = 2;
    think.max_ratio = 3;
    think.limit = 2500ms;
    for (int i = 0; i < 1000; ++i) {
        const base::Duration drawn = user::draw(think, rng);
        CHECK(drawn >= 2s);
        CHECK(drawn <= 2500ms);
    }
}

namespace {

expr::ValueTemplate constant(const expr::Value& value) {
    return std::get<expr::ValueTemplate>(
        expr::ValueTemplate::compile(value, [](std::string_view) { return 0; }));
}

// Slot 0 is `x`, slot 1 a loop's counter: if $x > 1, two times the first request; then the second.
Walk walk_with_flow() {
    Walk walk;
    walk.plan.branches = {
        {{constant(expr::Value("$x")), constant(expr::Value(1)), expr::Comparator::GreaterThan},
         plan::Branch::JumpsWhen::False,
         7}};
    walk.plan.loops = {{constant(expr::Value(2)), 1, 7}};
    walk.plan.ops = {{plan::OpKind::Branch, 0, 0, 4},
                     {plan::OpKind::LoopStart, 0, 0, 4},
                     {plan::OpKind::Request, 0, 0, 0},
                     {plan::OpKind::LoopEnd, 0, 0, 2},
                     {plan::OpKind::Request, 1, 0, 0}};
    walk.user.slots = {{expr::Value(5), expr::Value()}};
    return walk;
}

}  // namespace

TEST_CASE("advance: a loop repeats its step, a condition leaves it out", "[user]") {
    Walk walk = walk_with_flow();
    CHECK(walk.go(Event::Kind::BeginIteration).request == 0);
    CHECK(walk.go(Event::Kind::StepPassed).request == 0);
    CHECK(walk.go(Event::Kind::StepPassed).request == 1);
    walk.user.slots[0][0] = expr::Value(1);
    CHECK(walk.go(Event::Kind::BeginIteration).request == 1);
    walk.user.slots[0][0] = expr::Value(9);
    walk.plan.loops[0].count = constant(expr::Value(0));
    CHECK(walk.go(Event::Kind::BeginIteration).request == 1);
}

TEST_CASE("advance: a count of loops that is none fails its step", "[user]") {
    Walk walk = walk_with_flow();
    walk.plan.loops[0].count = constant(expr::Value("many"));
    const Action action = walk.go(Event::Kind::BeginIteration);
    CHECK(action.kind == Action::Kind::Fail);
    CHECK(action.step == 7);
    CHECK(walk.context.error == "'loops' is no whole number: \"many\"");
    CHECK(walk.go(Event::Kind::StepFailed).kind == Action::Kind::Transaction);
}

TEST_CASE("advance: setup and teardown have no Action and are no iteration", "[user]") {
    Walk walk;
    walk.plan.setup = {{plan::OpKind::Request, 2, 0}};
    CHECK(walk.go(Event::Kind::BeginSetup).request == 2);
    const Action done = walk.go(Event::Kind::StepPassed);
    CHECK(done.kind == Action::Kind::SectionDone);
    CHECK(done.is_passed);
    CHECK(walk.go(Event::Kind::BeginTeardown).kind == Action::Kind::SectionDone);
}
