// The run of a master: shares, barrier, loss and return of workers, the end.
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

// Bundle transfer and compilation; after that a silent worker is left behind.
constexpr base::Duration kPrepareDeadline = std::chrono::seconds(30);
// On top of the stop timeout: results travel, sums are compared (design: a run always ends).
constexpr base::Duration kEndGrace = std::chrono::seconds(10);
// Not for a run that is nearly over.
constexpr base::Duration kLatestJoin = std::chrono::seconds(1);
// Commands are repeated until the worker's words or heartbeats show that they arrived.
constexpr base::Duration kRepeatAfter = std::chrono::seconds(1);

}  // namespace

bool Master::is_active(const Peer& peer) const {
    return peer.participates && peer.state != State::Missing && peer.state != State::Quitting &&
           !(peer.is_started && run_->tallies[peer.tally].is_final);
}

std::vector<Peer*> Master::participants() {
    std::vector<Peer*> result;
    for (const auto& peer : peers_) {
        if (is_active(*peer)) {
            result.push_back(peer.get());
        }
    }
    return result;
}

std::string Master::share_out(std::vector<wire::Share>& shares) {
    std::vector<RunLoad::Member> members;
    for (const Peer* peer : participants()) {
        members.push_back({peer->hello.id, peer->hello.max_users});
    }
    if (members.empty()) {
        return "current available workers: 0";
    }
    const base::Duration from = run_->started ? elapsed() + kAdjustAfter : base::Duration::zero();
    return run_->load->share_out(members, from, shares);
}

void Master::prepare(Peer& peer, const wire::Share& share) {
    peer.participates = true;
    peer.is_prepared = false;
    peer.is_started = false;
    peer.last_sequence = 0;
    peer.tally = run_->tallies.size();
    WorkerTally tally;
    tally.id = peer.hello.id;
    tally.name = peer.hello.name;
    tally.room = peer.hello.room;
    run_->tallies.push_back(std::move(tally));
    wire::Prepare message;
    message.run_id = run_->id;
    message.bundle_hash = run_->bundle_hash;
    message.profile = load::settings(run_->request.profile, load::Which::Changed);
    message.share = share;
    message.share.rows = run_->started ? wire::Share::Rows::Nothing : wire::Share::Rows::OwnBlock;
    message.seed = run_->seed;
    peer.prepare = std::move(message);
    send(peer, peer.prepare);
}

void Master::open_barrier() {
    run_->started = clock_.now();
    last_interval_ = clock_.now();
    last_redistribution_ = clock_.now();
    for (Peer* peer : participants()) {
        peer->is_started = true;
        send(*peer, wire::Start{run_->id, {}});
    }
    event("start",
          fmt::format("{} on {} workers", run_->load->describe(run_->load->schedule().warm_up),
                      participants().size()));
    if (events_.on_run_start) {
        events_.on_run_start(*run_);
    }
}

void Master::redistribute(const std::string& why, const std::string& worker) {
    std::vector<wire::Share> shares;
    const std::string complaint = share_out(shares);
    if (!complaint.empty()) {
        run_->notes.push_back("the load cannot be shared out again: " + complaint);
        return;
    }
    last_redistribution_ = clock_.now();
    const std::vector<Peer*> all = participants();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i]->is_started) {
            send(*all[i], wire::Adjust{run_->id, shares[i]});
        }
    }
    event(
        why,
        fmt::format("{} on {} workers", run_->load->describe(elapsed() + kAdjustAfter), all.size()),
        worker);
    move(master_table(), state_, StateEvent::Adjusted);
}

void Master::admit_newcomers() {
    const load::Profile& profile = run_->request.profile;
    const std::optional<base::Duration> end = run_->load->schedule().end;
    const bool is_nearly_over =
        run_->stop_asked || profile.loop_count || (end && elapsed() + kLatestJoin > *end);
    if (is_nearly_over || (state_ != State::Spawning && state_ != State::Running)) {
        return;
    }
    for (const auto& peer : peers_) {
        const bool is_free = peer->state == State::Ready || peer->state == State::Stopped;
        const bool holds_results = !peer->hello.run_id.empty() && peer->participates;
        if (!is_free || holds_results || !peer->last.run_id.empty() ||
            (peer->participates && !run_->tallies[peer->tally].is_lost)) {
            continue;
        }
        peer->participates = true;
        std::vector<wire::Share> shares;
        const std::vector<Peer*> all = participants();
        if (!share_out(shares).empty()) {
            peer->participates = false;
            continue;
        }
        const auto position = std::find(all.begin(), all.end(), peer.get());
        prepare(*peer, shares[static_cast<std::size_t>(position - all.begin())]);
    }
}

void Master::lose(Peer& peer, const std::string& why) {
    WorkerTally& tally = run_->tallies[peer.tally];
    if (!peer.participates || tally.is_lost || tally.is_final) {
        return;
    }
    tally.is_lost = true;
    run_->is_degraded = true;
    notice(fmt::format("worker {} {}", peer.hello.id, why));
    const load::OnWorkerLoss policy = run_->request.profile.on_worker_loss;
    if (participants().empty()) {
        event("lost", why, peer.hello.id);
        run_->notes.push_back("all workers were lost");
        run_->is_worker_lost_abort = true;
        return;
    }
    if (policy == load::OnWorkerLoss::Abort) {
        event("lost", why, peer.hello.id);
        run_->is_worker_lost_abort = true;
        (void)stop(user::StopMode::Graceful);
    } else if (policy == load::OnWorkerLoss::Rebalance && run_->started && !run_->stop_asked) {
        redistribute("lost", peer.hello.id);
    } else {
        event("lost", why, peer.hello.id);
    }
    run_->notes.push_back(
        fmt::format("degraded: worker {} {} after {:.1f} s; its results count up to its last "
                    "acknowledged interval",
                    peer.hello.id, why, base::to_seconds(elapsed())));
}

void Master::watch_workers() {
    for (const auto& peer : peers_) {
        if (peer->state == State::Missing || peer->state == State::Quitting ||
            clock_.now() - peer->last_heard <= kMissingAfter) {
            continue;
        }
        peer->state = State::Missing;
        peer->last.users = 0;
        if (is_run_on() && peer->participates) {
            lose(*peer, "is missing: nothing heard for 3 s");
        } else {
            notice(fmt::format("worker {} is missing", peer->hello.id));
        }
    }
}

std::optional<base::TimePoint> Master::deadline() const {
    const load::Profile& profile = run_->request.profile;
    const base::Duration grace = profile.stop_timeout + kEndGrace;
    if (run_->stop_asked) {
        return *run_->stop_asked + grace;
    }
    if (run_->started && run_->load->schedule().end) {
        return *run_->started + *run_->load->schedule().end + grace;
    }
    return std::nullopt;
}

void Master::repeat_what_is_unanswered() {
    if (clock_.now() - last_repetition_ < kRepeatAfter) {
        return;
    }
    last_repetition_ = clock_.now();
    for (Peer* peer : participants()) {
        const bool has_run = peer->last.run_id == run_->id;
        if (!peer->is_prepared) {
            send(*peer, peer->prepare);
        } else if (peer->is_started && has_run && peer->state == State::Ready) {
            send(*peer, wire::Start{run_->id, {}, elapsed()});
        }
        if (run_->stop_asked && has_run && peer->state != State::Stopping) {
            send(*peer, wire::Stop{run_->id, false});
        }
    }
}

void Master::follow_run() {
    if (!is_run_on()) {
        return;
    }
    repeat_what_is_unanswered();
    const std::vector<Peer*> all = participants();
    if (!run_->started) {
        const bool is_late = clock_.now() - run_->prepared > kPrepareDeadline;
        for (Peer* peer : all) {
            if (is_late && !peer->is_prepared) {
                lose(*peer, "was not ready within 30 s");
                peer->participates = false;
            }
        }
        if (participants().empty() || run_->stop_asked) {
            end_run(run_->stop_asked ? RunEnd::Stopped : RunEnd::Aborted);
        } else if (std::all_of(all.begin(), all.end(),
                               [](const Peer* peer) { return peer->is_prepared; })) {
            open_barrier();
        }
        return;
    }
    admit_newcomers();
    if (clock_.now() - last_interval_ >= std::chrono::seconds(1)) {
        report_interval();
    }
    // Heartbeats of before the last change do not say that the change is complete.
    const bool all_spawned = std::all_of(all.begin(), all.end(), [&](const Peer* peer) {
        return peer->is_started && peer->last.is_all_spawned && peer->last.run_id == run_->id;
    });
    if (state_ == State::Spawning && !all.empty() && all_spawned &&
        clock_.now() > last_redistribution_) {
        move(master_table(), state_, StateEvent::AllSpawned);
    }
    if (all.empty()) {
        const bool is_complete =
            std::any_of(run_->tallies.begin(), run_->tallies.end(),
                        [](const WorkerTally& tally) { return tally.is_final; });
        end_run(!is_complete || run_->is_worker_lost_abort ? RunEnd::Aborted
                : run_->stop_asked                         ? RunEnd::Stopped
                                                           : RunEnd::Finished);
    } else if (const auto limit = deadline(); limit && clock_.now() > *limit) {
        for (Peer* peer : all) {
            run_->tallies[peer->tally].is_lost = true;
            run_->is_degraded = true;
            run_->notes.push_back(
                fmt::format("worker {} did not deliver its last results in time", peer->hello.id));
        }
        end_run(RunEnd::Aborted);
    }
}

void Master::report_interval() {
    const base::TimePoint now = clock_.now();
    const double seconds = base::to_seconds(now - last_interval_);
    last_interval_ = now;
    const stats::Snapshot delta = std::exchange(interval_, {});
    if (run_->started) {
        run_->timeline.set_users(
            elapsed() / std::chrono::seconds(1), static_cast<int>(current_users()),
            static_cast<int>(target_users()), static_cast<int>(participants().size()));
    }
    if (events_.on_interval) {
        events_.on_interval(*run_, delta, seconds);
    }
}

void Master::end_run(RunEnd end) {
    if (!interval_.is_empty()) {
        report_interval();
    }
    run_->end = end;
    for (const auto& peer : peers_) {
        if (peer->participates && !run_->tallies[peer->tally].is_final) {
            send(*peer, wire::Stop{run_->id, true});
        }
        peer->participates = false;
        peer->requests_per_second = 0;
    }
    move(master_table(), state_, StateEvent::Done);
    if (events_.on_run_end) {
        events_.on_run_end(*run_);
    }
}

}  // namespace boom::cluster
