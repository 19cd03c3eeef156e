// Who carries which part of the run: shares, loss and return, repetitions.
#include "base/duration.hpp"
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

// Commands are repeated until the worker's words or heartbeats show that they arrived.
constexpr base::Duration kRepeatAfter = std::chrono::seconds(1);

void enter(WorkerTally& tally, PartState state, base::TimePoint now) {
    tally.state = state;
    tally.since = now;
}

}  // namespace

bool Master::is_here(const Peer& peer) const {
    return peer.is_present() && !peer.last.is_leaving;
}

bool Master::is_free(const Peer& peer) const {
    return is_here(peer) && is_meant(peer) && !peer.is_taken_out && !peer.part &&
           !peer.has_finished && peer.last.part.is_none();
}

WorkerTally* Master::tally_of(const Peer& peer) {
    return peer.part ? &run_->tallies[*peer.part] : nullptr;
}

std::vector<Peer*> Master::peers_in(std::initializer_list<PartState> states) {
    std::vector<Peer*> result;
    for (const auto& peer : peers_) {
        const WorkerTally* tally = tally_of(*peer);
        if (tally != nullptr &&
            std::find(states.begin(), states.end(), tally->state) != states.end()) {
            result.push_back(peer.get());
        }
    }
    return result;
}

std::string Master::share_out(const std::vector<Peer*>& holders, std::vector<wire::Share>& shares) {
    if (holders.empty()) {
        const int others = available_workers();
        return others == 0 ? std::string("current available workers: 0")
                           : fmt::format(
                                 "current available workers: 0 ({} taken out or leaving: "
                                 "POST /workers/{{id}}/start brings one back)",
                                 others);
    }
    std::vector<RunLoad::Member> members;
    for (const Peer* peer : holders) {
        members.push_back(member_of(*peer));
    }
    const base::Duration from = run_->started ? elapsed() + kAdjustAfter : base::Duration::zero();
    std::string complaint = run_->load->share_out(members, from, shares);
    for (wire::Share& share : shares) {
        share.revision = run_->revision + 1;
    }
    return complaint;
}

void Master::prepare(Peer& peer, const wire::Share& share) {
    peer.part = run_->tallies.size();
    WorkerTally tally;
    tally.id = peer.hello.id;
    tally.name = peer.hello.name;
    tally.room = peer.hello.room;
    tally.max_users = peer.hello.max_users;
    tally.share = share;
    enter(tally, PartState::Preparing, clock_.now());
    tally.prepare.part = {run_->id, static_cast<std::uint32_t>(run_->tallies.size() + 1)};
    tally.prepare.bundle_hash = run_->bundle_hash;
    if (options_.shared != nullptr) {
        options_.shared->set(run_->request.bundle);
    }
    tally.prepare.profile = load::settings(run_->request.profile, load::Which::Changed);
    tally.share.rows = run_->started ? wire::Share::Rows::Nothing : wire::Share::Rows::OwnBlock;
    tally.prepare.share = tally.share;
    tally.prepare.seed = run_->seed;
    run_->revision = std::max(run_->revision, share.revision);
    run_->tallies.push_back(std::move(tally));
    write_journal();  // a number is never given twice
    send(peer, run_->tallies.back().prepare);
}

void Master::start_part(Peer& peer) {
    WorkerTally& tally = *tally_of(peer);
    enter(tally, PartState::Started, clock_.now());
    write_down(peer, fmt::format("carries part {} of run {}", tally.prepare.part.number, run_->id));
    write_journal();  // its results will find their place
    send(peer, wire::Start{tally.prepare.part, {}, elapsed(), run_->rows.leases(*peer.part)});
    tell_variables(peer, variables_since(*run_, 0));
}

void Master::redistribute(const std::string& why, const std::string& worker) {
    if (!run_->started) {
        return;  // the barrier compares the shares
    }
    std::vector<Peer*> holders;
    std::size_t working = 0;
    for (const auto& peer : peers_) {
        const WorkerTally* tally = tally_of(*peer);
        const bool is_working = tally != nullptr && tally->state == PartState::Started;
        working += is_working ? 1 : 0;
        // Users that have done all their loops do not start again elsewhere.
        if (is_working || (peer->has_finished && run_->request.profile.loop_count)) {
            holders.push_back(peer.get());
        }
    }
    std::vector<wire::Share> shares;
    if (const std::string complaint = share_out(holders, shares); !complaint.empty()) {
        event(why, "the load cannot be shared out again: " + complaint, worker);
        run_->notes.push_back(run_->events.back().text);
        return;
    }
    ++run_->revision;
    write_journal();
    release_leavers(shares.front());
    for (std::size_t i = 0; i < holders.size(); ++i) {
        if (holders[i]->has_finished) {
            continue;
        }
        WorkerTally& tally = *tally_of(*holders[i]);
        shares[i].rows = tally.share.rows;
        tally.share = shares[i];
        send(*holders[i], wire::Adjust{tally.prepare.part, shares[i]});
    }
    event(why,
          fmt::format("{} on {} workers", run_->load->describe(elapsed() + kAdjustAfter), working),
          worker);
    move(master_table(), state_, StateEvent::Adjusted);
}

// Silent, or it says itself that it had lost us: its load is over, its results may still come.
void Master::lose(Peer& peer, const std::string& why) {
    WorkerTally& tally = *tally_of(peer);
    if (tally.state == PartState::Preparing || tally.state == PartState::Prepared) {
        drop(peer, why);
        return;
    }
    const bool had_share = tally.state == PartState::Started;
    if (!had_share && tally.state != PartState::Leaving) {
        return;
    }
    enter(tally, PartState::Lost, clock_.now());
    tally.was_lost = true;
    run_->is_degraded = true;
    notice_of(peer, why);
    run_->notes.push_back(
        fmt::format("degraded: worker {} {} after {:.1f} s; its results count up to its last "
                    "acknowledged interval",
                    peer.hello.id, why, base::to_seconds(elapsed())));
    const load::OnWorkerLoss policy = run_->request.profile.on_worker_loss;
    if (policy == load::OnWorkerLoss::Rebalance && had_share && !run_->stop_asked &&
        !peers_in({PartState::Started}).empty()) {
        redistribute("lost", peer.hello.id);
        return;
    }
    event("lost", why, peer.hello.id);
    if (policy == load::OnWorkerLoss::Abort && !run_->stop_asked) {
        run_->is_worker_lost_abort = true;
        (void)stop(user::StopMode::Graceful);
    }
}

// It never started: nothing is lost but its share.
void Master::drop(Peer& peer, const std::string& why) {
    WorkerTally& tally = *tally_of(peer);
    if (tally.state != PartState::Started) {
        run_->rows.cancel(*peer.part);  // it was told nothing of rows
    }
    enter(tally, PartState::Dropped, clock_.now());
    peer.part.reset();
    if (!why.empty()) {
        const std::string text = why + " and took no part";
        run_->notes.push_back(fmt::format("worker {} {}", peer.hello.id, text));
        notice_of(peer, text);
    }
}

// Its share goes to the others; it delivers what it has done.
void Master::let_go(Peer& peer, const std::string& why) {
    WorkerTally& tally = *tally_of(peer);
    if (tally.state == PartState::Preparing || tally.state == PartState::Prepared) {
        drop(peer, "");
        return;
    }
    if (tally.state != PartState::Started) {
        return;
    }
    enter(tally, PartState::Leaving, clock_.now());
    notice_of(peer, why);
    if (run_->stop_asked || peers_in({PartState::Started}).empty()) {
        send(peer, wire::Stop{tally.prepare.part, false});
        event("drained", why, peer.hello.id);
    } else {
        redistribute("drained", peer.hello.id);
    }
}

Peer* Master::find_worker(const std::string& id) {
    const auto found = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const auto& peer) { return peer->hello.id == id; });
    return found == peers_.end() ? nullptr : found->get();
}

std::string Master::take_out(const std::string& worker) {
    Peer* peer = find_worker(worker);
    if (peer == nullptr) {
        return "no such worker: " + worker;
    }
    if (peer->is_taken_out) {
        return fmt::format("worker {} is out already", worker);
    }
    const std::vector<Peer*> carriers =
        peers_in({PartState::Preparing, PartState::Prepared, PartState::Started});
    if (is_run_on() && carriers.size() == 1 && carriers.front() == peer) {
        return fmt::format("worker {} is the last one of the run: /stop ends the run", worker);
    }
    peer->is_taken_out = true;
    if (is_run_on() && peer->part) {
        let_go(*peer, "was taken out");
    }
    return {};
}

std::string Master::bring_back(const std::string& worker) {
    Peer* peer = find_worker(worker);
    if (peer == nullptr) {
        return "no such worker: " + worker;
    }
    if (!peer->is_taken_out) {
        return fmt::format("worker {} is not out", worker);
    }
    peer->is_taken_out = false;
    return {};
}

void Master::watch_workers() {
    // It said that it would be silent, and has not said since that it is ready.
    const auto is_compiling = [this](const Peer& peer) {
        return peer.last.is_compiling && is_run_on() && peer.part &&
               run_->tallies[*peer.part].state == PartState::Preparing;
    };
    for (const auto& peer : peers_) {
        for (const std::string& text : peer->messages.due(clock_.now())) {
            tell(*peer, text);
        }
        if (!peer->is_present() ||
            clock_.now() - peer->last_heard <=
                (is_compiling(*peer) ? run_->prepare_deadline() : kMissingAfter)) {
            continue;
        }
        peer->state = State::Missing;
        peer->last.users = 0;
        peer->rates = {};
        if (is_run_on() && peer->part) {
            lose(*peer, "is missing: nothing heard for 3 s");
        } else {
            notice_of(*peer, "is missing");
        }
    }
}

// Whoever leaves carries nothing from the moment on at which the others carry it.
void Master::release_leavers(wire::Share share) {
    share.users.push_back(0);
    for (wire::StreamShare& stream : share.streams) {
        stream.users.push_back(0);
    }
    share.index = static_cast<std::uint32_t>(share.users.size() - 1);
    for (Peer* peer : peers_in({PartState::Leaving})) {
        WorkerTally& tally = *tally_of(*peer);
        share.rows = tally.share.rows;
        tally.share = share;
        send(*peer, wire::Adjust{tally.prepare.part, share});
    }
}

// A leaver whose users have finished their iterations, or had the time for it.
bool Master::may_stop(const Peer& peer) const {
    const WorkerTally& tally = run_->tallies[*peer.part];
    const bool is_idle = peer.last.part == tally.prepare.part && peer.last.users == 0 &&
                         peer.last.share_revision >= tally.share.revision;
    return tally.state == PartState::Leaving &&
           (is_idle || has_no_started_part() ||
            clock_.now() - tally.since > run_->request.profile.stop_timeout);
}

bool Master::has_no_started_part() const {
    return std::none_of(run_->tallies.begin(), run_->tallies.end(),
                        [](const WorkerTally& tally) { return tally.state == PartState::Started; });
}

void Master::repeat_what_is_unanswered() {
    if (clock_.now() - last_repetition_ < kRepeatAfter) {
        return;
    }
    last_repetition_ = clock_.now();
    for (Peer* peer : peers_in({PartState::Preparing})) {
        if (clock_.now() - tally_of(*peer)->since > run_->prepare_deadline()) {
            drop(*peer, "was not ready within " + base::format_duration(run_->prepare_deadline()));
        } else {
            send(*peer, tally_of(*peer)->prepare);
        }
    }
    for (Peer* peer : peers_in({PartState::Started, PartState::Leaving})) {
        const WorkerTally& tally = *tally_of(*peer);
        if (!tally.is_start_confirmed) {
            send(*peer,
                 wire::Start{tally.prepare.part, {}, elapsed(), run_->rows.leases(*peer->part)});
        }
        send_rows(*peer);
        if (run_->stop_asked || may_stop(*peer)) {
            send(*peer, wire::Stop{tally.prepare.part, run_->is_stop_forced});
        } else if (peer->last.share_revision < tally.share.revision) {
            send(*peer, wire::Adjust{tally.prepare.part, tally.share});
        }
    }
}

bool Master::is_settled() const {
    return std::all_of(peers_.begin(), peers_.end(), [this](const auto& peer) {
        if (!run_ || !peer->part) {
            return true;
        }
        const WorkerTally& tally = run_->tallies[*peer->part];
        return tally.state != PartState::Started ||
               (peer->last.part == tally.prepare.part &&
                peer->last.share_revision >= tally.share.revision);
    });
}

}  // namespace boom::cluster
