#include "boom/run_part.hpp"

#include "boom/case_request.hpp"
#include "net/http.hpp"
#include "user/shared_variables.hpp"
#include "user/threaded_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::app {
namespace {

// Requests have their own timeouts: this ends what loops or thinks for ever.
constexpr base::Duration kDeadline = std::chrono::minutes(10);
// Numbers of counters apart from those of every worker.
constexpr std::uint32_t kSetupPart = 900'000'000;
constexpr std::uint32_t kTeardownPart = 900'000'001;
constexpr std::string_view kStepsKey = "steps";
// Rows of a part that loops: those that passed beyond this are left out.
constexpr std::size_t kMaxRows = 1000;

std::string_view word(plan::Part part) {
    return part == plan::Part::RunSetup ? "setup" : "teardown";
}

// One user walks the steps once, however the load is to look.
load::Profile profile_of_one(const load::Profile& whole) {
    load::Profile profile = whole;
    profile.spawn_count = 1;
    profile.spawn_rate.reset();
    profile.ramp_up.reset();
    profile.run_time.reset();
    profile.loop_count = 1;
    profile.max_rps.reset();
    profile.request_increase_rate.reset();
    profile.rate.reset();
    profile.stages.clear();
    profile.warm_up = {};
    profile.scenarios.clear();
    profile.threads = 1;
    profile.on_failure = load::OnFailure::NextIteration;
    return profile;
}

expr::Value to_value(const report::PartStep& step) {
    return expr::Value(expr::Map{{"case", expr::Value(step.case_name)},
                                 {"name", expr::Value(step.name)},
                                 {"outcome", expr::Value(step.outcome)},
                                 {"status", expr::Value(step.status)},
                                 {"time_us", expr::Value(step.time_us)}});
}

std::string text_of(const expr::Value& map, std::string_view key) {
    const expr::Value* member = map.member(key);
    return member != nullptr ? member->text() : std::string();
}

std::int64_t number_of(const expr::Value& map, std::string_view key) {
    const expr::Value* member = map.member(key);
    return member != nullptr && member->kind() == expr::Value::Kind::Integer ? member->as_integer()
                                                                             : 0;
}

}  // namespace

RunPart::RunPart(plan::Part part, const cluster::RunRequest& request, const base::Clock& clock,
                 user::ExchangeObserver* also)
    : part_(part),
      clock_(clock),
      also_(also),
      profile_(profile_of_one(request.profile)),
      shared_(request.shared),
      begun_(clock.now()) {
    for (plan::Plan& plan : plan::compile_part(request.bundle, request.profile, part)) {
        plans_.push_back(std::make_shared<const plan::Plan>(std::move(plan)));
    }
}

// Its thread tells things to the end.
RunPart::~RunPart() {
    load_.reset();
}

bool RunPart::step() {
    if (load_ == nullptr) {
        const bool ends_early = part_ == plan::Part::RunSetup && (is_stopped_ || has_failed());
        if (next_ == plans_.size() || ends_early || !broken_.empty()) {
            return true;
        }
        start_next();
        return false;
    }
    while (load_->poll()) {
        // Its figures are none of the load's.
    }
    if (duration() > kDeadline && broken_.empty()) {
        broken_ = fmt::format("is not over after {:.0f} s", base::to_seconds(kDeadline));
        load_->stop(user::StopMode::Force);
    }
    const bool is_done = load_->is_done();
    take_shared();
    if (is_done) {
        load_.reset();
    }
    return false;
}

void RunPart::start_next() {
    user::LoadSpec spec;
    spec.plan = plans_[next_++];
    spec.profile = profile_;
    spec.part = part_ == plan::Part::RunSetup ? kSetupPart : kTeardownPart;
    spec.seed = profile_.seed != 0 ? profile_.seed : base::random_seed();
    spec.share.users = {1};
    spec.observer = this;
    {
        const std::lock_guard lock(mutex_);
        case_name_ = spec.plan->cases.front().name;
    }
    load_ = std::make_unique<user::ThreadedLoad>(std::move(spec));
    for (const auto& [name, shared] : shared_) {
        if (auto value = user::shared_value(shared.json)) {
            load_->give_shared({name, std::move(*value), expr::SharedCalls::Reach::Fleet,
                                shared.from_part, shared.from_thread, shared.number});
        }
    }
    (void)load_->poll();  // hands them on, before the start
    load_->start(clock_.now());
}

void RunPart::take_shared() {
    while (auto variable = load_->poll_shared()) {
        wire::Shared& shared = shared_[variable->name];
        shared.json = variable->value.json();
        shared.name = variable->name;
        shared.from_part = part_ == plan::Part::RunSetup ? kSetupPart : kTeardownPart;
        shared.from_thread = variable->thread;
        shared.number = variable->number;
    }
}

void RunPart::stop(user::StopMode mode) {
    const bool goes_on = part_ == plan::Part::RunTeardown && mode == user::StopMode::Graceful;
    if (goes_on) {
        return;
    }
    is_stopped_ = true;
    if (part_ == plan::Part::RunTeardown) {
        next_ = plans_.size();
    }
    if (load_ != nullptr) {
        load_->stop(mode);
    }
}

bool RunPart::has_failed() const {
    const std::lock_guard lock(mutex_);
    return std::any_of(steps_.begin(), steps_.end(),
                       [](const report::PartStep& step) { return !step.has_passed(); });
}

std::string RunPart::waiting() const {
    const std::lock_guard lock(mutex_);
    if (waits_.empty()) {
        return fmt::format("{}: {:.0f} s, {:.0f} s at most", word(part_),
                           base::to_seconds(duration()), base::to_seconds(kDeadline));
    }
    return fmt::format("{}: step '{}' waits for its answer, {:.0f} s (timeout {:.3g} s)",
                       word(part_), waits_, base::to_seconds(clock_.now() - since_),
                       base::to_seconds(timeout_));
}

std::vector<report::PartStep> RunPart::steps() const {
    const std::lock_guard lock(mutex_);
    return steps_;
}

std::string RunPart::failure() const {
    const std::lock_guard lock(mutex_);
    for (const report::PartStep& step : steps_) {
        if (!step.has_passed()) {
            return fmt::format("the {} of the run failed: case '{}', step '{}': {}: {}",
                               word(part_), step.case_name, step.name, step.outcome, step.message);
        }
    }
    return broken_.empty() ? broken_ : fmt::format("the {} of the run {}", word(part_), broken_);
}

cluster::RunRequest RunPart::complete(const cluster::RunRequest& request) const {
    expr::Map document;
    std::int64_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        expr::List steps;
        for (const report::PartStep& step : steps_) {
            steps.push_back(to_value(step));
        }
        count = step_count_;
        document.emplace_back(plan::kRunValuesKey, expr::Value(values_));
        document.emplace_back(kStepsKey, expr::Value(std::move(steps)));
    }
    plan::Bundle bundle = request.bundle;
    plan::set_run_values(bundle, expr::Value(std::move(document)));
    cluster::RunRequest result = compile_request(std::move(bundle), request.profile);
    result.shared = shared_;
    result.events.push_back(
        {{},
         "setup",
         fmt::format("setup of the run: {} steps in {:.1f} s", count, base::to_seconds(duration())),
         {}});
    return result;
}

void RunPart::on_exchange(const net::HttpRequest& request,
                          const net::HttpResponse& response) noexcept {
    if (also_ != nullptr) {
        also_->on_exchange(request, response);
    }
    const std::lock_guard lock(mutex_);
    status_ = response.status;
}

void RunPart::on_step(std::string_view name, stats::Outcome outcome,
                      std::string_view message) noexcept {
    if (also_ != nullptr) {
        also_->on_step(name, outcome, message);
    }
    const std::lock_guard lock(mutex_);
    ++step_count_;
    if (steps_.size() >= kMaxRows && outcome == stats::Outcome::Passed) {
        waits_.clear();
        return;
    }
    report::PartStep& step = steps_.emplace_back();
    step.case_name = case_name_;
    step.name = name;
    step.outcome = outcome == stats::Outcome::Passed        ? "passed"
                   : outcome == stats::Outcome::Interrupted ? "interrupted"
                                                            : std::string(stats::name(outcome));
    step.message = message;
    step.status = status_;
    step.time_us = waits_.empty() ? 0 : base::to_us(clock_.now() - since_);
    waits_.clear();
    status_ = 0;
}

void RunPart::on_send(std::string_view name, base::Duration timeout) noexcept {
    const std::lock_guard lock(mutex_);
    if (waits_.empty()) {
        waits_ = name;
        since_ = clock_.now();
        timeout_ = timeout;
        status_ = 0;
    }
}

void RunPart::on_iteration(const plan::CasePlan& plan, expr::Slots slots) noexcept {
    const std::lock_guard lock(mutex_);
    expr::Map values;
    for (const auto& [name, slot] : plan.yields) {
        values.emplace_back(name, slots[static_cast<std::size_t>(slot)]);
    }
    if (part_ == plan::Part::RunSetup) {
        values_.emplace_back(plan.path, expr::Value(std::move(values)));
    }
}

std::vector<report::PartStep> recorded_setup(const plan::Bundle& bundle) {
    std::vector<report::PartStep> result;
    const plan::BundleFile* file = plan::run_values(bundle);
    const auto document = file != nullptr ? expr::parse_json(file->content()) : std::nullopt;
    const expr::Value* steps = document ? document->member(kStepsKey) : nullptr;
    if (steps == nullptr || steps->kind() != expr::Value::Kind::List) {
        return result;
    }
    for (const expr::Value& one : steps->as_list()) {
        report::PartStep& step = result.emplace_back();
        step.case_name = text_of(one, "case");
        step.name = text_of(one, "name");
        step.outcome = text_of(one, "outcome");
        step.status = static_cast<int>(number_of(one, "status"));
        step.time_us = number_of(one, "time_us");
    }
    return result;
}

}  // namespace boom::app
