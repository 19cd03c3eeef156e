#include "cluster/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

// How often a worker without a master says hello.
constexpr base::Duration kHelloInterval = std::chrono::milliseconds(500);
// How often the load is asked for deltas while a run is on.
constexpr base::Duration kPollInterval = std::chrono::milliseconds(20);

}  // namespace

Worker::Worker(WorkerOptions options, Link& link, const base::Clock& clock, LoadFactory make_load,
               WorkerEvents events)
    : options_(std::move(options)),
      link_(link),
      clock_(clock),
      make_load_(std::move(make_load)),
      events_(std::move(events)) {
    last_heard_ = clock_.now();
    last_hello_ = clock_.now() - kHelloInterval;
}

Worker::~Worker() = default;

void Worker::send(const wire::Message& message) {
    link_.send(kMasterPeer, wire::encode(message));
}

void Worker::notice(const std::string& text) {
    if (events_.on_notice) {
        events_.on_notice(text);
    }
    if (is_welcome_) {
        constexpr int kInformation = 1;
        send(wire::Log{kInformation, text});
    }
}

void Worker::report(Severity severity, const std::string& text) {
    if (!is_welcome_) {
        return;  // it is in this process's own log
    }
    if (const auto admitted = messages_.admit(text, clock_.now())) {
        send(wire::Log{static_cast<int>(severity), *admitted});
    }
}

base::TimePoint Worker::step() {
    // Before anything is read: a process that was stopped for a while has old messages waiting.
    watch_master();
    while (auto received = link_.receive()) {
        if (auto message = wire::decode(received->bytes)) {
            last_heard_ = clock_.now();
            handle(std::move(*message));
        }
    }
    if (has_left_) {
        return clock_.now();
    }
    collect();
    for (const std::string& text : messages_.due(clock_.now())) {
        send(wire::Log{static_cast<int>(Severity::Warning), text});
    }
    if (is_welcome_ && clock_.now() - last_heartbeat_ >= kHeartbeatInterval) {
        send_heartbeat();
    }
    if (wants_to_leave_ && (!run_ || (leave_by_ && clock_.now() >= *leave_by_))) {
        say_goodbye();
        return clock_.now();  // nothing is to be waited for
    }
    const base::TimePoint now = clock_.now();
    const base::TimePoint beat =
        is_welcome_ ? last_heartbeat_ + kHeartbeatInterval : last_hello_ + kHelloInterval;
    return run_ ? std::min(beat, now + kPollInterval) : beat;
}

void Worker::handle(wire::Message message) {
    std::visit([this](auto& m) { on(m); }, message);
}

void Worker::on(wire::Welcome&) {
    if (is_welcome_) {
        return;
    }
    is_welcome_ = true;
    is_rejected_ = false;
    has_told_quit_ = false;
    if (state_ == State::Missing) {
        move(worker_table(), state_, StateEvent::Returned);
    }
    notice("connected to the master, press Ctrl+C to leave");
    send_heartbeat();
    resend_unacknowledged();
}

void Worker::on(wire::Reject& m) {
    if (!is_rejected_) {
        notice("refused by the master: " + m.reason);
    }
    is_rejected_ = true;
    is_welcome_ = false;
}

void Worker::on(wire::Identify&) {
    say_hello();
    if (is_welcome_) {
        // Another master took over, or it was the connection only: the load goes on.
        send_heartbeat();
        resend_unacknowledged();
    }
}

void Worker::on(wire::Quit&) {
    if (!move(worker_table(), state_, StateEvent::Quit)) {
        return;
    }
    stop_load(user::StopMode::Graceful);
    if (options_.on_quit == OnQuit::Leave) {
        wants_to_leave_ = true;
        return;
    }
    move(worker_table(), state_, StateEvent::Stay);
    if (!has_told_quit_) {
        notice("the master quits; waiting for the next one (--ignore-quit)");
    }
    has_told_quit_ = true;
    is_welcome_ = run_.has_value();  // what it has done is delivered first
}

void Worker::watch_master() {
    const base::TimePoint now = clock_.now();
    if (!is_welcome_ && !has_told_refusal_ && link_.refused_connections() > 0) {
        has_told_refusal_ = true;
        notice("the master refuses the connection: give both the same --token");
    }
    if (is_welcome_ && now - last_heard_ > kMissingAfter) {
        notice("nothing heard from the master for 3 s: load stopped, results kept, reconnecting");
        is_welcome_ = false;
        stop_load(user::StopMode::Graceful);
        move(worker_table(), state_, StateEvent::Lost);
    }
    if (wants_to_leave_ && !is_welcome_ && run_ && run_->load && run_->load->is_done() &&
        now - last_heard_ > kMissingAfter) {
        // Nobody is there to deliver to.
        end_run();
    }
    if (!is_welcome_ && now - last_hello_ >= kHelloInterval) {
        say_hello();
    }
}

void Worker::say_hello() {
    last_hello_ = clock_.now();
    options_.hello.part = run_ ? run_->part : wire::PartId{};
    if (options_.hello.unix_ms != 0) {
        options_.hello.unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count();
    }
    options_.hello.is_running = run_ && run_->is_started && !run_->is_stop_sent;
    send(options_.hello);
}

void Worker::send_heartbeat() {
    last_heartbeat_ = clock_.now();
    wire::Heartbeat beat;
    beat.number = ++heartbeats_;
    beat.part = run_ ? run_->part : wire::PartId{};
    beat.is_leaving = wants_to_leave_;
    beat.is_compiling = is_compiling_;
    beat.state = static_cast<int>(state_);
    if (run_ && run_->load) {
        beat.users = run_->load->users();
        beat.is_all_spawned = run_->is_started && run_->load->is_all_spawned();
        beat.share_revision = run_->is_started ? run_->share.revision : 0;
        beat.last_lease = run_->last_lease;
        beat.shared_order = run_->shared.last_order;
    }
    if (events_.fill_usage) {
        events_.fill_usage(beat);
    }
    send(beat);
}

void Worker::tell_master(const std::string& text) {
    if (events_.on_notice) {
        events_.on_notice(text);
    }
    report(Severity::Warning, text);
}

void Worker::say_goodbye() {
    send(wire::Bye{"the worker was asked to leave"});
    has_left_ = true;
}

void Worker::leave(user::StopMode mode) {
    if (wants_to_leave_ && mode == user::StopMode::Force) {
        stop_load(mode);
        if (is_welcome_ && run_ && !leave_by_) {
            leave_by_ = clock_.now() + kForcedLeave;
        } else {
            say_goodbye();
        }
        return;
    }
    wants_to_leave_ = true;
    const bool hands_over =
        mode == user::StopMode::Graceful && is_welcome_ && run_ && run_->is_started;
    if (!hands_over) {
        stop_load(mode);
    }
    if (!is_welcome_ && !run_) {
        has_left_ = true;
    } else if (is_welcome_ && run_) {
        send_heartbeat();  // the share goes to the others at once
    }
}

}  // namespace boom::cluster
