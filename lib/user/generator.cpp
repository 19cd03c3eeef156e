#include "user/generator.hpp"

#include "base/assert.hpp"
#include "user/connection_options.hpp"
#include "user/engine_choice.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::user {
namespace {

// A turn of the loop without anything to do; a bound for run_once() only.
constexpr Duration kIdleTurn = std::chrono::seconds(1);

stats::StepKind stats_kind(plan::StepKind kind) {
    switch (kind) {
        case plan::StepKind::Request:
            return stats::StepKind::Request;
        case plan::StepKind::Transaction:
            return stats::StepKind::Transaction;
        case plan::StepKind::Testcase:
            return stats::StepKind::Testcase;
        case plan::StepKind::WebSocket:
            return stats::StepKind::WebSocket;
    }
    return stats::StepKind::Request;
}

}  // namespace

stats::Catalog catalog_of(const plan::Plan& plan) {
    stats::Catalog catalog;
    for (const plan::StepRow& row : plan.steps) {
        stats::StepInfo info;
        info.name = row.name;
        info.case_name = row.case_name;
        info.method = row.method;
        info.kind = stats_kind(row.kind);
        info.name_use = row.is_per_value ? stats::NameUse::PerValue : stats::NameUse::AsWritten;
        catalog.steps.push_back(std::move(info));
    }
    return catalog;
}

Generator::Generator(std::shared_ptr<const plan::Plan> plan, const load::Profile& profile,
                     GeneratorSeeds seeds, ThreadShare share, GeneratorPlace place)
    : plan_(std::move(plan)),
      rows_(std::move(place.rows)),
      board_(std::move(place.board)),
      profile_(profile),
      catalog_(catalog_of(*plan_)),
      rng_(seeds.thread),
      arrival_seed_(seeds.arrivals),
      shared_(place.part, place.thread, std::move(place.counters)),
      recorder_(catalog_),
      sources_(std::max<std::size_t>(profile_.source_ip.size(), 1)),
      loop_(make_loop(profile.io)),
      engine_(make_engine(*plan_, profile_, *loop_)),
      web_sockets_(make_web_sockets(*plan_, *loop_, seeds.thread)),
      schedule_(load::schedule_of(profile)),
      share_(std::move(share)) {
    for (const plan::CasePlan& test_case : plan_->cases) {
        total_weight_ += test_case.weight;
        std::vector<net::ConnectionOptions>& options = options_.emplace_back();
        for (const plan::RequestStep& step : test_case.requests) {
            for (std::size_t source = 0; source < sources_; ++source) {
                options.push_back(connection_options(step, profile_));
                if (!profile_.source_ip.empty()) {
                    options.back().source_address = profile_.source_ip[source];
                }
            }
        }
    }
    calls_ = std::make_unique<ScriptCalls>(
        *loop_, [this](std::uint64_t index) { resume(users_[static_cast<std::size_t>(index)]); });
    calls_->load_libraries(*plan_);
    context_.user_calls = calls_.get();
    context_.shared_calls = &shared_;
    context_.rng = base::Rng(seeds.thread ^ 0x9E3779B97F4A7C15ULL);
    engine_->set_expected_users(static_cast<int>(share_.users()));
    loop_->set_wake_listener(this);
    board_->add_listener([this] { loop_->wake(); });
}

Generator::~Generator() {
    calls_.reset();  // its hosts are watched by the loop
}

void Generator::post(GeneratorCommand command) {
    adjustments_posted_ += command.kind == GeneratorCommand::Kind::Adjust ? 1 : 0;
    // 64 commands in one turn of a loop cannot come from people; the control thread waits its turn.
    while (!commands_.push(std::move(command))) {
        loop_->wake();
    }
    loop_->wake();
}

void Generator::run() {
    meter_.emplace();
    while (!is_last_delivered_) {
        loop_->run_once(loop_->now() + kIdleTurn);
        // The loop read the clock when it had waited: what follows is work.
        const TimePoint woken = loop_->now();
        const Duration turn = loop_->refresh_now() - woken;
        busy_ += turn;
        longest_turn_ = std::max(longest_turn_, turn);
        if (has_ended()) {
            publish();
        }
    }
    if (web_sockets_ != nullptr) {
        say_goodbye();
    }
}

// Each websocket waits a second at most for its peer's Close. What the last of them answered is
// given to the kernel in one turn more.
void Generator::say_goodbye() {
    while (web_sockets_->leaving() > 0) {
        loop_->run_once(loop_->now() + kIdleTurn);
    }
    loop_->run_once(loop_->refresh_now());
}

void Generator::on_wake() noexcept {
    shared_.apply_given();
    while (auto command = commands_.pop()) {
        handle(std::move(*command));
    }
    wake_gathered();
}

void Generator::handle(GeneratorCommand command) {
    switch (command.kind) {
        case GeneratorCommand::Kind::Start:
            begin(command.at);
            break;
        case GeneratorCommand::Kind::Adjust:
            adjust(std::move(command.share));
            break;
        case GeneratorCommand::Kind::Stop:
            stop_gracefully();
            break;
        case GeneratorCommand::Kind::Force:
            force_stop();
            break;
    }
}

void Generator::begin(TimePoint at) {
    if (has_begun_ || is_stopping_) {
        return;
    }
    has_begun_ = true;
    started_ = at;
    // One who joins late begins with the second of the run that is on.
    second_ = std::max<std::int64_t>(0, since_start() / std::chrono::seconds(1));
    loop_->start_timer(started_ + std::chrono::seconds(second_ + 1), *this, kIntervalTimer);
    if (schedule_.end) {
        loop_->start_timer(started_ + *schedule_.end, *this, kRunTimer);
    }
    if (share_.from > Duration::zero()) {
        share_.from = std::max(share_.from, since_start());
    }
    begin_streams();
    observe();
}

void Generator::on_timer(std::uint64_t key) noexcept {
    switch (key) {
        case kSwitchTimer:
            switch_share();
            return;
        case kIntervalTimer:
            if (!has_ended()) {
                publish();
                loop_->start_timer(started_ + std::chrono::seconds(second_ + 1), *this,
                                   kIntervalTimer);
            }
            return;
        case kRunTimer:
            stop_gracefully();
            return;
        case kForceTimer:
            force_stop();
            return;
        default:
            break;
    }
    if (key >= kFirstStreamTimer) {
        on_stream_timer(static_cast<std::size_t>(key - kFirstStreamTimer));
        return;
    }
    VirtualUser& user = users_[static_cast<std::size_t>(key)];
    user.timer = {};
    recorder_.set_phase(user.phase);
    switch (user.state) {
        case UserState::Waiting:
            send_now(user);
            break;
        case UserState::Thinking:
            enter(user, UserState::Ready);
            drive(user, {Event::Kind::Continue, loop_->now()});
            break;
        case UserState::Stranded:
        case UserState::Ready:
            if (user.is_surplus) {
                leave(user);
            } else {
                begin_iteration(user);
            }
            break;
        case UserState::Gathering:
            let_go_on(user);
            break;
        case UserState::Idle:
        case UserState::Pending:
        case UserState::Sending:
        case UserState::Calling:
        case UserState::Gone:
            break;
    }
}

void Generator::stop_gracefully() {
    if (is_stopping_) {
        return;
    }
    // What was due by now and could not be released was not delivered.
    for (Stream& stream : streams_) {
        drop_due_arrivals(stream);
    }
    is_stopping_ = true;
    coming_.clear();
    loop_->cancel_timer(switch_timer_);
    adjustments_done_.store(~std::uint64_t{0}, std::memory_order_release);
    for (Stream& stream : streams_) {
        loop_->cancel_timer(stream.timer);
        stream.owed.clear();
        stream.idle.clear();
    }
    idle_ = 0;
    all_spawned_.store(true, std::memory_order_relaxed);
    for (VirtualUser& user : users_) {
        // Waits end at once; what is in flight finishes, and its user leaves then.
        if (user.section == Section::Teardown) {
            continue;  // it is leaving already
        }
        const bool is_between_iterations = user.state == UserState::Ready ||
                                           user.state == UserState::Idle ||
                                           user.state == UserState::Stranded;
        if (is_between_iterations || user.state == UserState::Waiting ||
            user.state == UserState::Thinking || user.state == UserState::Gathering) {
            loop_->cancel_timer(user.timer);
            recorder_.set_phase(user.phase);
            if (user.state == UserState::Gathering) {
                board_->give_up(static_cast<std::size_t>(user.case_index), user.ticket);
            }
            if (is_between_iterations) {
                leave(user);
            } else {
                drive(user, {Event::Kind::Stop, loop_->now()});
            }
        }
    }
    if (active_ > 0) {
        loop_->start_timer(loop_->now() + profile_.stop_timeout, *this, kForceTimer);
    }
}

void Generator::force_stop() {
    is_forced_ = true;
    stop_gracefully();
    for (VirtualUser& user : users_) {
        if (user.state == UserState::Sending) {
            interrupt(user);
        } else if (user.state == UserState::Calling) {
            abandon_call(user);
        } else if (user.section == Section::Teardown && user.state != UserState::Gone) {
            loop_->cancel_timer(user.timer);
            drive(user, {Event::Kind::Stop, loop_->now()});
        }
    }
}

bool Generator::has_ended() const {
    if (active_ > 0 || is_stopping_ || !has_begun_) {
        // Without a start there is nothing to wait for once a stop has come.
        return active_ == 0 && is_stopping_;
    }
    // With nobody there, a target of 0 may rise again; users that are through do not come back.
    const bool ends_by_itself = profile_.loop_count || left_for_good_ > 0 ||
                                profile_.on_failure == load::OnFailure::StopUser;
    return ends_by_itself && coming_.empty() && !is_more_to_come();
}

void Generator::observe() {
    const base::ThreadUsage used = meter_->read();
    const TimePoint now = loop_->now();
    const double wall = base::to_seconds(now - observed_at_);
    const ScriptCalls::Used functions = calls_->take_used();
    // Shorter spans, at the end of a run, say nothing.
    constexpr double kShortestSpan = 0.5;
    stats::Health& health = recorder_.health();
    const UserTime::Spent spent = user_time_.take(now);
    health.user_us = base::to_us(spent.total);
    health.occupied_us = base::to_us(spent.occupied);
    health.cpu_us = base::to_us(used.cpu_time - used_.cpu_time + functions.in_hosts);
    health.function_cpu_us = base::to_us(functions.on_thread + functions.in_hosts);
    health.host_deaths = calls_->take_deaths();
    if (observed_at_ != TimePoint{} && wall >= kShortestSpan) {
        // Much of the work is done by the kernel while the loop "waits", and who has no core to
        // run on waits there too.
        const Duration ran = used.cpu_time - used_.cpu_time;
        const Duration wanted = ran + used.delayed_time - used_.delayed_time;
        health.loop_busy_percent =
            std::min(100 * base::to_seconds(std::max(busy_, wanted)) / wall, 100.0);
        health.thread_cpu_percent = 100 * base::to_seconds(ran) / wall;
        health.cpu_percents = {health.thread_cpu_percent};
        health.loop_lag_us = base::to_us(longest_turn_);
        // A loop without time is late with its intervals, too: one of them may be many seconds.
        health.thread_seconds = std::max(std::lround(wall), 1L);
        health.busy_thread_seconds =
            health.loop_busy_percent >= stats::kBusyPercent ? health.thread_seconds : 0;
    }
    observed_at_ = now;
    used_ = used;
    busy_ = {};
    longest_turn_ = {};
}

void Generator::publish() {
    net::HttpEngine::ConnectionCounts counts = engine_->counts();
    if (web_sockets_ != nullptr) {
        counts.add(web_sockets_->counts());
    }
    stats::Connections& connections = recorder_.connections();
    connections.opened += counts.opened - counted_.opened;
    connections.reused += counts.reused - counted_.reused;
    connections.failed += counts.failed - counted_.failed;
    recorder_.health().local_connections += counts.local - counted_.local;
    counted_ = counts;

    observe();
    GeneratorDelta delta;
    delta.second = second_;
    delta.snapshot = recorder_.take();
    delta.users = active_ - idle_;
    delta.waiting = waiting_users(delta.snapshot);
    delta.is_last = has_ended();
    if (undelivered_) {
        // The ring was full: the delta grows instead of getting lost.
        undelivered_->snapshot.add(delta.snapshot);
        undelivered_->users = delta.users;
        undelivered_->waiting = delta.waiting;
        undelivered_->is_last = delta.is_last;
    } else {
        undelivered_ = std::move(delta);
    }
    ++second_;
    const bool is_last = undelivered_->is_last;
    if (deltas_.push(std::move(*undelivered_))) {
        undelivered_.reset();
        is_last_delivered_ = is_last;
    }
}

}  // namespace boom::user
