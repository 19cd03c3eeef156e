// Requests of a generator's users: waiting for a slot, sending, redirects, judging, recording.
#include "base/assert.hpp"
#include "base/prefetch.hpp"
#include "base/text.hpp"
#include "user/generator.hpp"
#include "user/request_builder.hpp"
#include "user/response_judge.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace boom::user {
namespace {

constexpr std::size_t kMaxNameBytes = 200;  // of a name per value
constexpr int kMaxRedirects = 10;           // as browsers and the reference, roughly

}  // namespace

void Generator::request_send(VirtualUser& user, std::int32_t request) {
    user.request = request;
    // The first step of an arrival was due when the arrival was.
    user.is_due_set = user.is_first_step && user.section == Section::Main;
    user.due = user.is_due_set ? user.arrival_due : loop_->now();
    follow_phase(user);
    if (pacer_) {
        take_slot(user);
    } else {
        send_now(user);
    }
}

void Generator::take_slot(VirtualUser& user) {
    const auto slot = pacer_->take_slot(std::max(since_start(), Duration::zero()));
    enter(user, UserState::Waiting);
    if (!slot) {
        // A share of 0: nothing may be sent; the user waits for an adjustment or the stop.
        give_back_exchange(user);
        return;
    }
    if (!user.is_due_set) {
        user.due = at(*slot);
    }
    if (at(*slot) > loop_->now()) {
        give_back_exchange(user);
        sleep_until(user, UserState::Waiting, at(*slot));
    } else {
        send_now(user);
    }
}

// Under a changed ceiling slots lie elsewhere; who has waited longest is served first.
void Generator::ask_for_slots_again() {
    std::vector<VirtualUser*> waiting;
    for (VirtualUser& user : users_) {
        if (user.state == UserState::Waiting) {
            waiting.push_back(&user);
        }
    }
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const VirtualUser* a, const VirtualUser* b) { return a->due < b->due; });
    for (VirtualUser* user : waiting) {
        loop_->cancel_timer(user->timer);
        user->timer = {};
        recorder_.set_phase(user->phase);
        if (pacer_) {
            take_slot(*user);
        } else {
            send_now(*user);
        }
    }
}

// An iteration that began in the warm-up belongs to it; else the stage of the request counts.
void Generator::follow_phase(VirtualUser& user) {
    if (user.phase != stats::kWarmUpPhase) {
        user.phase = phase_at(user.due);
        recorder_.set_phase(user.phase);
    }
}

stats::PhaseId Generator::phase_at(TimePoint time) const {
    const Duration since = time - started_;
    if (since < schedule_.warm_up) {
        return stats::kWarmUpPhase;
    }
    for (std::size_t stage = 0; stage < schedule_.stages.size(); ++stage) {
        if (since < schedule_.stages[stage].to) {
            return stats::kFirstStagePhase + static_cast<int>(stage);
        }
    }
    // A step that follows one of the last stage, before the end is noticed, is one of it too.
    const std::size_t stages = schedule_.stages.size();
    const bool ends_with_stage = stages > 0 && schedule_.end == schedule_.stages.back().to;
    return ends_with_stage ? stats::kFirstStagePhase + static_cast<int>(stages) - 1
                           : stats::kMainPhase;
}

void Generator::send_now(VirtualUser& user) {
    user.is_first_step = user.is_first_step && user.section != Section::Main;
    user.redirects = 0;
    user.bytes_sent = 0;
    user.bytes_received = 0;
    build_and_send(user);
}

void Generator::take_exchange(VirtualUser& user) {
    if (user.exchange != nullptr) {
        return;  // it has just sent another request, or is building this one
    }
    if (spare_exchanges_.empty()) {
        user.exchange = std::make_unique<net::Exchange>();
        user.exchange->listener = this;
    } else {
        user.exchange = std::move(spare_exchanges_.back());
        spare_exchanges_.pop_back();
    }
    user.exchange->owner = user.index;
}

void Generator::give_back_exchange(VirtualUser& user) {
    if (user.exchange != nullptr) {
        spare_exchanges_.push_back(std::move(user.exchange));
    }
}

void Generator::build_and_send(VirtualUser& user) {
    take_exchange(user);
    call_for(user);
    context_.error.clear();
    user.sent_at = loop_->now();
    const plan::RequestStep& step = step_of(user);
    const std::size_t source = static_cast<std::size_t>(user.ordinal) % sources_;
    const net::ConnectionOptions& options =
        options_[static_cast<std::size_t>(user.case_index)]
                [static_cast<std::size_t>(user.request) * sources_ + source];
    if (observer_ != nullptr) {
        observer_->on_send(catalog_.steps[static_cast<std::size_t>(step.step)].name,
                           options.timeout);
    }
    const bool is_built = build_request(step, user, context_);
    if (waits_for_call(user, CallStage::Send)) {
        return;
    }
    if (!is_built) {
        step_done(user, stats::Outcome::ExtractFailed, context_.error);
        return;
    }
    net::Exchange& exchange = *user.exchange;
    exchange.options = &options;
    exchange.body = step.needs_body || observer_ != nullptr ? net::Exchange::Body::Keep
                                                            : net::Exchange::Body::Discard;
    start_exchange(user);
}

void Generator::start_exchange(VirtualUser& user) {
    enter(user, UserState::Sending);
    engine_of(user).start(*user.exchange);
}

void Generator::count_hop(const net::HttpResponse& response, VirtualUser& user) {
    if (response.was_sent) {
        ++recorder_.connections().exchanges;
    }
    if (response.phases.connect > Duration::zero()) {
        recorder_.health().add_connect(response.phases.connect);
        note_measured(response.phases.connect);
    }
    user.bytes_sent += response.bytes_sent;
    user.bytes_received += response.bytes_received;
}

void Generator::note_measured(Duration time) {
    if (delay_tolerance_.note(loop_->now(), time)) {
        loop_->bear_delay(delay_tolerance_.tolerance());
    }
}

void Generator::prefetch(const net::Exchange& exchange, int step) const noexcept {
    const VirtualUser& user = users_[static_cast<std::size_t>(exchange.owner)];
    if (step == 0) {
        base::prefetch(&user);
    } else {
        base::prefetch(user.transactions.data());
        base::prefetch(user.slots.data());
    }
}

void Generator::on_done(net::Exchange& exchange) noexcept {
    VirtualUser& user = users_[static_cast<std::size_t>(exchange.owner)];
    answered_ = &user;
    take_answer(user, exchange);
    answered_ = nullptr;
    if (std::exchange(begins_next_, false)) {
        begin_iteration(user);
    }
}

void Generator::take_answer(VirtualUser& user, net::Exchange& exchange) {
    const net::HttpResponse& response = exchange.response;
    recorder_.set_phase(user.phase);
    count_hop(response, user);
    if (observer_ != nullptr) {
        observer_->on_exchange(exchange.request, response);
    }
    if (response.error != net::TransportError::None) {
        step_done(user, outcome_of(response.error), response.error_text);
        return;
    }
    if (response.may_set_cookies) {
        store_cookies(user, exchange);
    }
    const plan::RequestStep& step = step_of(user);
    if (step.follows_redirects && is_redirect(response.status) &&
        !response.header("Location").empty()) {
        if (redirect(user, step)) {
            return;
        }
        step_done(user, stats::Outcome::TooManyRedirects,
                  user.redirects >= kMaxRedirects ? "more than 10 redirects"
                                                  : "the Location of a redirect is no HTTP URL");
        return;
    }
    finish_exchange(user);
}

void Generator::store_cookies(VirtualUser& user, const net::Exchange& exchange) {
    for (const net::Header& header : exchange.response.headers) {
        if (base::equals_ignoring_case(header.name, "Set-Cookie")) {
            if (const auto url = base::parse_url(exchange.request.url)) {
                user.cookies.store(header.value, *url, std::chrono::system_clock::now());
            }
        }
    }
}

void Generator::finish_exchange(VirtualUser& user) {
    call_for(user);
    context_.error.clear();
    const Judgement judgement =
        judge(step_of(user), user.exchange->response,
              user.slots[static_cast<std::size_t>(user.case_index)], buffers_, context_);
    if (waits_for_call(user, CallStage::Judge)) {
        return;
    }
    step_done(user, judgement.outcome, judgement.message);
}

bool Generator::redirect(VirtualUser& user, const plan::RequestStep&) {
    net::Exchange& exchange = *user.exchange;
    if (user.redirects >= kMaxRedirects ||
        !follow_redirect(exchange.request, exchange.response.status,
                         exchange.response.header("Location"))) {
        return false;
    }
    ++user.redirects;
    if (!user.cookies.is_empty()) {
        std::string line;
        if (const auto url = base::parse_url(exchange.request.url)) {
            user.cookies.append_header(line, *url, std::chrono::system_clock::now());
        }
        set_header_line(exchange.request.headers, "Cookie", line);
    }
    start_exchange(user);
    return true;
}

void Generator::step_done(VirtualUser& user, stats::Outcome outcome, std::string_view message) {
    const net::HttpResponse& response = user.exchange->response;
    const TimePoint sent_at = user.sent_at;
    // The engine read the clock when the last byte came; a step that was never sent ends now.
    const TimePoint done_at = user.state == UserState::Sending && response.done_at > sent_at
                                  ? response.done_at
                                  : loop_->now();
    stats::Sample sample;
    sample.step = stats::StepId{step_of(user).step};
    sample.outcome = outcome;
    sample.status = user.state == UserState::Sending ? response.status : 0;
    sample.response_time = done_at - user.due;
    sample.service_time = done_at - sent_at;
    sample.at = done_at - started_;
    sample.bytes_sent = user.bytes_sent;
    sample.bytes_received = user.bytes_received;
    sample.message = message;
    sample.name = value_name_of(user);
    recorder_.record(sample);
    log_sample(user, sample);
    if (sample.status > 0) {
        note_measured(sample.service_time);
    }
    if (observer_ != nullptr) {
        observer_->on_step(catalog_.steps[static_cast<std::size_t>(sample.step.value)].name,
                           outcome, message);
    }
    enter(user, UserState::Ready);
    const bool is_found = user.way == Way::Found || !stats::found_no_way(outcome);
    user.way = is_found ? Way::Found : Way::None;
    const bool is_passed = outcome == stats::Outcome::Passed;
    drive(user, {is_passed ? Event::Kind::StepPassed : Event::Kind::StepFailed, loop_->now()});
}

// The step's name as the user's variables make it; empty where it is the written one.
std::string_view Generator::value_name_of(const VirtualUser& user) {
    value_name_.clear();
    const auto& name = step_of(user).value_name;
    const auto case_index = static_cast<std::size_t>(user.case_index);
    if (name && !name->append(value_name_, user.slots[case_index], context_)) {
        context_.error.clear();
        value_name_.clear();
    }
    value_name_.resize(std::min(value_name_.size(), kMaxNameBytes));
    return value_name_;
}

void Generator::log_sample(const VirtualUser& user, const stats::Sample& sample) {
    if (samples_ == nullptr || user.phase == stats::kWarmUpPhase) {
        return;
    }
    stats::SampleTimes times;
    if (sample.status > 0) {
        const net::HttpResponse& response = user.exchange->response;
        times.first_byte = std::max(response.first_byte_at - user.sent_at, Duration::zero());
        times.connect = response.phases.connect + response.phases.tls;
    }
    samples_->offer(sample, user.ordinal, times);
}

void Generator::interrupt(VirtualUser& user) {
    recorder_.set_phase(user.phase);
    engine_of(user).cancel(*user.exchange);
    count_hop(user.exchange->response, user);
    stats::Sample sample;
    sample.step = stats::StepId{step_of(user).step};
    sample.outcome = stats::Outcome::Interrupted;
    sample.at = since_start();
    sample.name = value_name_of(user);
    recorder_.record(sample);
    if (observer_ != nullptr) {
        observer_->on_step(catalog_.steps[static_cast<std::size_t>(sample.step.value)].name,
                           sample.outcome, "cut off by a stop");
    }
    drive(user, {Event::Kind::Stop, loop_->now()});
}

// Nobody, unless nothing came back in the interval: only then the loop has time to look.
stats::Waiting Generator::waiting_users(const stats::Snapshot& delta) const {
    stats::Waiting result;
    const bool is_silent = std::ranges::all_of(delta.phases, [](const stats::Phase& phase) {
        return std::ranges::all_of(phase.steps, &stats::StepStats::is_empty);
    });
    if (!is_silent) {
        return result;
    }
    for (const VirtualUser& user : users_) {
        if (user.state == UserState::Sending) {
            result.add({1, loop_->now() - user.sent_at});
        }
    }
    return result;
}

}  // namespace boom::user
