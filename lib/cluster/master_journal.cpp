// The journal of a run: written before anything is acknowledged, read to take a run up again.
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace boom::cluster {
namespace {

// How much longer than kMissingAfter a resumed run waits for its workers: they notice that the
// connection is gone, and connect again.
constexpr base::Duration kReconnectGrace = std::chrono::seconds(3);
// Changes of shares that were sent but are not in the journal; more cannot happen between writes.
constexpr std::uint64_t kUnknownRevisions = 1000;

// Variables of the fleet that were told but are not in the journal.
constexpr std::uint64_t kUnknownVariables = 1'000'000'000;

// Above all that was told: everybody gets what is in the journal.
void renumber_variables(Run& run) {
    for (auto& [name, shared] : run.shared) {
        shared.order += kUnknownVariables;
    }
    run.shared_order += kUnknownVariables;
}

std::int64_t system_unix_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

void Master::open_journal() {
    journal_.reset();
    if (!options_.make_journal) {
        return;
    }
    NewJournal made = options_.make_journal(run_->id);
    if (made.journal == nullptr) {
        run_->notes.push_back("the run cannot be taken up again: " + made.complaint);
        notice(run_->notes.back());
        return;
    }
    // Making the journal took its time; the barrier was before.
    const std::int64_t barrier_ns = (options_.unix_ns ? options_.unix_ns() : system_unix_ns()) -
                                    (clock_.now() - *run_->started).count();
    journal_.emplace(std::move(made.journal), *run_, barrier_ns);
    write_journal();
}

void Master::write_journal() {
    if (!journal_ || !is_run_on()) {
        return;
    }
    last_write_ = clock_.now();
    for (const RunJournal::PendingAck& pending : journal_->write(*run_, elapsed())) {
        link_.send(pending.link, wire::encode(pending.ack));
    }
    if (std::string complaint = journal_->take_complaint(); !complaint.empty()) {
        run_->notes.push_back("the run goes on, but cannot be taken up again: " + complaint);
        notice(run_->notes.back());
    }
}

void Master::write_journal_when_due() {
    if (clock_.now() - last_write_ >= kJournalInterval) {
        write_journal();
    }
}

// Only what is in the journal.
void Master::acknowledge(const Peer& peer, const wire::PartId& part, std::uint64_t sequence) {
    wire::Ack ack{part, sequence, false};
    if (journal_) {
        journal_->hold({peer.link, std::move(ack)});
    } else {
        send(peer, ack);
    }
}

// A worker that carried a part, or owes its results: it is waited for as if it had just spoken.
void Master::welcome_back(const WorkerTally& tally, std::size_t index) {
    if (tally.state == PartState::Dropped ||
        (tally.state == PartState::Delivered && !tally.has_finished)) {
        return;
    }
    Peer& peer = *peers_.emplace_back(std::make_unique<Peer>());
    peer.is_connected = false;
    peer.hello.id = tally.id;
    peer.hello.name = tally.name;
    peer.hello.room = tally.room;
    peer.hello.max_users = tally.max_users;
    peer.last_heard = clock_.now() + kReconnectGrace;
    peer.has_finished = tally.has_finished;
    if (tally.state == PartState::Lost) {
        peer.state = State::Missing;
    }
    if (!tally.has_finished) {
        peer.part = index;
    }
}

// Whoever follows the run gets everything of before as one interval.
void Master::tell_of_before(base::Duration age) {
    if (events_.on_run_start) {
        events_.on_run_start(*run_);
    }
    if (events_.on_interval) {
        events_.on_interval(*run_, run_->totals,
                            base::to_seconds(std::max(age, base::Duration(1))));
    }
}

std::string Master::resume(RunRequest request, UnfinishedRun unfinished) {
    RunReplay replay(std::move(request), unfinished.header);
    while (const auto entry = unfinished.next()) {
        if (std::string complaint = replay.add(*entry); !complaint.empty()) {
            return complaint;
        }
    }
    const std::int64_t now_ns = options_.unix_ns ? options_.unix_ns() : system_unix_ns();
    // A wall clock may have been set back.
    const base::Duration age = std::max(
        base::Duration(std::chrono::nanoseconds(now_ns - unfinished.header.barrier_unix_ns)),
        replay.last());
    const base::TimePoint now = clock_.now();
    const std::size_t row_moves = replay.row_moves();
    run_ = replay.take();
    run_->rendezvous = FleetRendezvous(*run_->request.plan);
    journal_.emplace(std::move(unfinished.journal), *run_, row_moves);
    run_->prepared = now - age;
    run_->started = now - age;
    run_->resumed = now;
    run_->revision += kUnknownRevisions;
    renumber_variables(*run_);
    run_->is_degraded = true;
    move(master_table(), state_, StateEvent::Start);
    if (replay.stop_asked()) {
        run_->stop_asked = *run_->started + *replay.stop_asked();
        move(master_table(), state_, StateEvent::Stop);
    }
    for (std::size_t i = 0; i < run_->tallies.size(); ++i) {
        WorkerTally& tally = run_->tallies[i];
        tally.since = now;
        if (tally.recall) {
            tally.recall->since = now;
        }
        // A worker that has a later part holds nothing of this one.
        const auto is_later = [&](const WorkerTally& other) { return other.id == tally.id; };
        if (std::none_of(run_->tallies.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                         run_->tallies.end(), is_later)) {
            welcome_back(tally, i);
        }
    }
    const std::string gap = fmt::format("no master from {:.1f} s to {:.1f} s of the run",
                                        base::to_seconds(replay.last()), base::to_seconds(age));
    event("gap", gap);
    run_->notes.push_back(fmt::format(
        "degraded: {}; the results of before are from the journal, those since from the workers",
        gap));
    notice(fmt::format("run {} is taken up again: {}", run_->id, gap));
    last_live_ = now;
    last_response_ = now;
    last_repetition_ = now;
    write_journal();
    seconds_.begin_at(age / std::chrono::seconds(1));
    tell_of_before(age);
    if (!run_->stop_asked && !peers_in({PartState::Started}).empty()) {
        redistribute("gap", {});
    }
    return {};
}

}  // namespace boom::cluster
