// The run of a worker: bundle, barrier, deltas until they are acknowledged, final sums.
#include "base/error.hpp"
#include "cluster/worker.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::cluster {
namespace {

// No acknowledgement for this long: everything that is not acknowledged is sent again.
constexpr base::Duration kResendAfter = std::chrono::seconds(2);
constexpr base::Duration kFinalInterval = std::chrono::milliseconds(500);
// To check and compile more than this may take longer than a silent worker has.
constexpr std::uint32_t kPartsOfALargeBundle = 4;

bool is_large(const plan::Bundle& bundle) {
    return bundle.size() >= kPartsOfALargeBundle * wire::kBundlePartBytes;
}

user::Share to_share(const wire::Share& share) {
    user::Share result;
    result.users = share.users;
    result.index = share.index;
    result.spawn_rate = share.spawn_rate;
    for (const wire::StreamShare& stream : share.streams) {
        result.streams.push_back({stream.target, stream.users, stream.first_ordinal});
    }
    result.ceiling = share.ceiling;
    result.from = share.from;
    result.rows = share.rows == wire::Share::Rows::Nothing ? user::Share::Rows::Nothing
                                                           : user::Share::Rows::OwnBlock;
    return result;
}

void refuse_scripts(const plan::Plan& plan, WorkerOptions::Scripts scripts) {
    for (const plan::CasePlan& one : plan.cases) {
        if (one.script != nullptr && scripts == WorkerOptions::Scripts::Refuse) {
            throw base::ConfigError({{one.script->name(), 0, 0},
                                     "runs only for a master on the same machine, or over a link "
                                     "with a token",
                                     {}});
        }
    }
}

}  // namespace

void Worker::on(wire::Prepare& m) {
    if (wants_to_leave_) {
        send(wire::Refused{m.part, "the worker is leaving"});
        return;
    }
    const bool is_older =
        run_ && run_->part.run_id == m.part.run_id && m.part.number < run_->part.number;
    if (is_older || (m.part.run_id == last_part_.run_id && m.part.number <= last_part_.number)) {
        return;  // a late repetition
    }
    if (run_ && run_->part == m.part) {
        if (run_->load && !run_->is_started) {
            send(wire::Ready{m.part});  // the answer was lost
        } else if (!run_->load && clock_.now() - last_bundle_part_ >= kHeartbeatInterval) {
            ask_for_bundle();
        }
        return;
    }
    if (run_) {
        // A run that this master does not know any more, or an unfinished preparation.
        end_run();
    }
    run_.emplace(Run{});  // clang 14 knows no default constructor of it here
    run_->part = m.part;
    run_->sums.part = m.part;
    run_->share = m.share;
    run_->prepare = std::move(m);
    run_->last_progress = clock_.now();
    const std::string& hash = run_->prepare.bundle_hash;
    if (bundles_.find(hash) == nullptr && options_.shared != nullptr) {
        if (std::optional<plan::Bundle> bundle = options_.shared->find(hash)) {
            bundles_.add(std::move(*bundle));
        }
    }
    if (bundles_.find(hash) != nullptr) {
        compile_and_answer();
    } else {
        ask_for_bundle();
    }
}

void Worker::ask_for_bundle() {
    last_bundle_part_ = clock_.now();
    const std::string& hash = run_->prepare.bundle_hash;
    send(wire::BundleRequest{hash, bundles_.next(hash)});
}

// A part that is lost is asked for when the master repeats what it prepares.
void Worker::on(wire::BundlePart& m) {
    if (m.is_last && m.index >= kPartsOfALargeBundle) {
        announce_silence();  // its hash takes time
    } else if (is_welcome_ && clock_.now() - last_heartbeat_ >= kHeartbeatInterval) {
        send_heartbeat();
    }
    const BundleCache::Added added = bundles_.add(m);
    if (!run_ || run_->load || m.bundle_hash != run_->prepare.bundle_hash ||
        added == BundleCache::Added::Ignored) {
        return;
    }
    last_bundle_part_ = clock_.now();
    if (added == BundleCache::Added::Complete) {
        compile_and_answer();
    } else if (added == BundleCache::Added::NoRoom) {
        send(wire::Refused{run_->part, bundles_.problem()});
        notice("cannot keep what the master sent: " + bundles_.problem());
        run_.reset();
    } else if (added == BundleCache::Added::Damaged ||
               (m.index + 1) % wire::kBundlePartsAtOnce == 0) {
        ask_for_bundle();
    }
}

void Worker::announce_silence() {
    is_compiling_ = true;
    send_heartbeat();
    is_compiling_ = false;
}

void Worker::compile_and_answer() {
    const plan::Bundle& bundle = *bundles_.find(run_->prepare.bundle_hash);
    if (is_large(bundle)) {
        announce_silence();
    }
    user::LoadSpec spec;
    std::string complaint = load::apply(spec.profile, run_->prepare.profile);
    if (complaint.empty()) {
        try {
            spec.plan = std::make_shared<const plan::Plan>(plan::compile(bundle, spec.profile));
            // Before a load is made: that would start the hosts of the functions.
            refuse_scripts(*spec.plan, options_.scripts);
            spec.part = run_->part.number;
            spec.seed = run_->prepare.seed;
            spec.share = to_share(run_->share);
            run_->plan = spec.plan;
            run_->profile = spec.profile;
            run_->load = make_load_(std::move(spec));
        } catch (const base::ConfigError& error) {
            complaint = error.what();
        }
    }
    if (!complaint.empty()) {
        send(wire::Refused{run_->part, complaint});
        notice("cannot run what the master sent: " + complaint);
        run_.reset();
        return;
    }
    if (events_.on_prepared) {
        events_.on_prepared({run_->part.run_id, run_->plan, run_->profile});
    }
    send(wire::Ready{run_->part});
}

void Worker::on(wire::Start& m) {
    const bool is_over = m.part.run_id == last_part_.run_id && m.part.number <= last_part_.number;
    if (!is_over && (!run_ || run_->part != m.part)) {
        send(wire::Refused{m.part, "not prepared"});
        return;
    }
    if (is_over || !run_->load || run_->is_started) {
        return;
    }
    run_->is_started = true;
    if (events_.on_run_start) {
        events_.on_run_start({run_->part.run_id, run_->plan, run_->profile});
    }
    move(worker_table(), state_, StateEvent::Start);
    take_leases(1, m.leases);
    run_->started = clock_.now() + m.in - m.elapsed;
    run_->load->start(run_->started);
    send_heartbeat();
}

void Worker::on(wire::Adjust& m) {
    if (!run_ || run_->part != m.part || !run_->load) {
        return;
    }
    if (m.share.revision > run_->share.revision) {
        note_late_share(m.share);
        run_->share = m.share;
        run_->load->adjust(to_share(m.share));
        move(worker_table(), state_, StateEvent::Adjusted);
    }
    send_heartbeat();  // says which share is in force
}

// The others have changed, and this one went on as before: what it did since is more, or less, than
// its share.
void Worker::note_late_share(const wire::Share& share) {
    const base::Duration late = clock_.now() - (run_->started + share.from);
    if (run_->is_started && late > base::Duration::zero()) {
        tell_master(
            fmt::format("learned of its share {:.0f} ms after it was due: in that time the "
                        "workers together did not carry exactly what was asked for",
                        base::to_seconds(late) * 1e3));
    }
}

void Worker::on(wire::Stop& m) {
    if (run_ && run_->part == m.part) {
        stop_load(m.force ? user::StopMode::Force : user::StopMode::Graceful);
    }
}

void Worker::stop_load(user::StopMode mode) {
    if (!run_) {
        return;
    }
    if (!run_->is_started) {
        run_.reset();  // nothing has happened
        return;
    }
    if (run_->is_stop_sent && mode == user::StopMode::Graceful) {
        return;
    }
    run_->is_stop_sent = true;
    run_->load->stop(mode);
    give_rows_back();
    move(worker_table(), state_, StateEvent::Stop);
}

void Worker::on(wire::Ack& m) {
    if (!run_ || run_->part != m.part) {
        return;
    }
    while (!run_->unacknowledged.empty() && run_->unacknowledged.front().sequence <= m.sequence) {
        run_->unacknowledged.pop_front();
        run_->last_progress = clock_.now();
    }
    while (!run_->shared.unacknowledged.empty() &&
           run_->shared.unacknowledged.front().sequence <= m.shared) {
        run_->shared.unacknowledged.pop_front();
        run_->shared.last_progress = clock_.now();
    }
    run_->is_final_acknowledged = run_->is_final_acknowledged || m.is_final;
}

void Worker::collect() {
    if (!run_ || !run_->load) {
        return;
    }
    send_shared();
    send_gathering();
    while (auto delta = run_->load->poll()) {
        const stats::Snapshot& snapshot = delta->snapshot;
        const stats::Snapshot::Counts total =
            snapshot.count(stats::kMainPhase, user::catalog_of(*run_->plan));
        run_->sums.requests += total.requests;
        run_->sums.failures += total.failures;
        run_->sums.exchanges += snapshot.connections.exchanges;
        run_->sums.iterations += snapshot.iterations.started;
        if (events_.on_interval) {
            events_.on_interval(snapshot, delta->users, state_);
        }
        if (run_->pending) {
            run_->pending->delta.add(snapshot);
            run_->pending->waiting = delta->waiting;
            run_->pending->users = delta->users;
        } else {
            run_->pending.emplace();
            run_->pending->part = run_->part;
            run_->pending->second = delta->second;
            run_->pending->users = delta->users;
            run_->pending->waiting = delta->waiting;
            run_->pending->delta = std::move(delta->snapshot);
        }
        run_->pending->rows_taken = run_->load->rows_taken();
        queue_interval();
    }
    queue_interval();
    if (state_ == State::Spawning && run_->load->is_all_spawned()) {
        move(worker_table(), state_, StateEvent::AllSpawned);
        send_heartbeat();
    }
    if (is_welcome_ && !run_->unacknowledged.empty() &&
        clock_.now() - run_->last_progress > kResendAfter) {
        resend_unacknowledged();
    }
    if (run_->load->is_done()) {
        give_rows_back();
        deliver_final();
    }
}

void Worker::queue_interval() {
    if (!run_->pending || run_->unacknowledged.size() >= kMaxUnacknowledged) {
        return;
    }
    wire::Interval interval = std::move(*run_->pending);
    run_->pending.reset();
    interval.sequence = run_->next_sequence++;
    if (run_->unacknowledged.empty()) {
        run_->last_progress = clock_.now();
    }
    interval.oldest =
        run_->unacknowledged.empty() ? interval.sequence : run_->unacknowledged.front().sequence;
    run_->unacknowledged.push_back(std::move(interval));
    if (is_welcome_) {
        send(run_->unacknowledged.back());
    }
}

void Worker::resend_unacknowledged() {
    if (!run_) {
        return;
    }
    run_->last_progress = clock_.now();
    for (wire::Interval& interval : run_->unacknowledged) {
        interval.oldest = run_->unacknowledged.front().sequence;
        send(interval);
    }
    repeat_shared();
}

void Worker::deliver_final() {
    if (run_->is_final_acknowledged) {
        end_run();
        return;
    }
    if (!is_welcome_ || run_->pending || !run_->unacknowledged.empty() || has_shared_to_send() ||
        clock_.now() - run_->last_final < kFinalInterval) {
        return;
    }
    run_->last_final = clock_.now();
    run_->sums.was_stopped = run_->is_stop_sent;
    run_->sums.last_sequence = run_->next_sequence - 1;
    send(run_->sums);
}

void Worker::end_run() {
    move(worker_table(), state_, StateEvent::Done);
    const bool was_started = run_->is_started;
    if (was_started) {
        // A part that was not has no results: a master that was killed before it wrote of it may
        // give its number again.
        last_part_ = run_->part;
    }
    run_.reset();
    if (was_started && events_.on_run_end) {
        events_.on_run_end();
    }
    is_welcome_ = is_welcome_ && !has_told_quit_;
    if (is_welcome_) {
        send_heartbeat();
    }
}

}  // namespace boom::cluster
