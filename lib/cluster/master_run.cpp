// The run of a master: preparation, barrier, intervals, the end.
#include "cluster/distance.hpp"
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace boom::cluster {
namespace {

// On top of the stop timeout: results travel, sums are compared (design: a run always ends).
constexpr base::Duration kEndGrace = std::chrono::seconds(10);
// By then most users have connected; those of a slow start are looked at when the run ends.
constexpr std::int64_t kDistancesAfterS = 5;
// Shorter ones are no gap in the load that anybody would see.
constexpr base::Duration kIdleTime = std::chrono::seconds(1);

}  // namespace

void Master::open_barrier() {
    const std::vector<Peer*> all = peers_in({PartState::Prepared});
    std::vector<wire::Share> shares;
    if (const std::string complaint = share_out(all, shares); !complaint.empty()) {
        run_->notes.push_back(complaint);
        end_run(RunEnd::Aborted);
        return;
    }
    run_->started = clock_.now();
    open_journal();
    last_response_ = *run_->started;
    bool has_changed = false;  // somebody was dropped, or there was a rebalance
    std::vector<RowLedger::Holder> holders;
    for (std::size_t i = 0; i < all.size(); ++i) {
        holders.push_back({*all[i]->part, users_by_case(shares[i])});
    }
    run_->rows.deal(holders);
    for (std::size_t i = 0; i < all.size(); ++i) {
        start_part(*all[i]);
        shares[i].revision = tally_of(*all[i])->share.revision;
        has_changed = has_changed || shares[i] != tally_of(*all[i])->share;
    }
    event("start", fmt::format("{} on {} workers",
                               run_->load->describe(run_->load->schedule().warm_up), all.size()));
    if (has_changed) {
        redistribute("adjust", {});
    }
    if (events_.on_run_start) {
        events_.on_run_start(*run_);
    }
}

bool Master::is_due() const {
    const std::optional<base::Duration> end = run_->load->schedule().end;
    return run_->stop_asked || (end && elapsed() >= *end);
}

std::optional<base::TimePoint> Master::deadline() const {
    const std::optional<base::Duration> end = run_->load->schedule().end;
    const base::Duration grace = run_->request.profile.stop_timeout + kEndGrace;
    std::optional<base::TimePoint> result;
    if (run_->stop_asked) {
        result = *run_->stop_asked + grace;
    }
    if (run_->started && end) {
        const base::TimePoint by_time = *run_->started + *end + grace;
        result = result ? std::min(*result, by_time) : by_time;
    }
    if (result && run_->resumed) {
        result = std::max(*result, *run_->resumed + grace);
    }
    return result;
}

void Master::follow_run() {
    if (!is_run_on()) {
        return;
    }
    repeat_what_is_unanswered();
    if (!run_->started) {
        follow_preparation();
        return;
    }
    admit_newcomers();
    follow_rows();
    announce_stages();
    report_seconds();
    follow_rendezvous();
    follow_spawning();
    end_when_over();
}

void Master::follow_preparation() {
    if (!peers_in({PartState::Preparing}).empty()) {
        return;
    }
    if (peers_in({PartState::Prepared}).empty()) {
        end_run(run_->stop_asked ? RunEnd::Stopped : RunEnd::Aborted);
    } else {
        open_barrier();
    }
}

void Master::announce_stages() {
    const base::Duration now = elapsed();
    for (const load::NamedSpan& stage : run_->load->schedule().stages) {
        if (stage.from > run_->stages_told && stage.from <= now) {
            run_->events.push_back({stage.from, "stage", stage.name, {}});
        }
    }
    run_->stages_told = now;
}

void Master::note_distances() {
    const bool is_noted = std::ranges::any_of(
        run_->notes, [](const std::string& note) { return note.starts_with(kUnlikeDistances); });
    if (std::string text = unlike_distances(run_->tallies); !is_noted && !text.empty()) {
        notice(text);
        run_->notes.push_back(std::move(text));
    }
}

void Master::follow_spawning() {
    const std::vector<Peer*> all = peers_in({PartState::Started});
    // Heartbeats of before the last change do not say that the change is complete.
    const bool all_spawned = std::all_of(all.begin(), all.end(), [&](const Peer* peer) {
        const WorkerTally& tally = run_->tallies[*peer->part];
        return peer->last.is_all_spawned && peer->last.part == tally.prepare.part &&
               peer->last.share_revision == tally.share.revision;
    });
    if (state_ == State::Spawning && !all.empty() && all_spawned) {
        move(master_table(), state_, StateEvent::AllSpawned);
    }
}

// Somebody is there, or the run is over; before, perhaps, nobody was.
void Master::note_idle_time() {
    const auto since = std::exchange(idle_since_, std::nullopt);
    if (!since) {
        return;
    }
    const base::Duration from = *since - *run_->started;
    const base::Duration to = std::min(elapsed(), run_->load->schedule().end.value_or(elapsed()));
    if (to - from > kIdleTime) {
        run_->is_degraded = true;
        run_->notes.push_back(fmt::format("degraded: no worker was there from {:.1f} s to {:.1f} s",
                                          base::to_seconds(from), base::to_seconds(to)));
    }
}

// Iterations that a worker began, and whose end it never told: whatever came of them, the result
// adds up.
void Master::close_iterations() {
    const bool is_any_lost = std::ranges::any_of(
        run_->tallies, [](const WorkerTally& tally) { return tally.is_lost() || tally.has_hole; });
    stats::Iterations& all = run_->totals.iterations;
    const std::int64_t open = all.started - all.finished - all.failed - all.interrupted;
    if (is_any_lost && open > 0) {
        all.interrupted += open;
    }
}

void Master::end_when_over() {
    const base::TimePoint now = clock_.now();
    const auto has = [this](auto predicate) {
        return std::any_of(run_->tallies.begin(), run_->tallies.end(), predicate);
    };
    if (const auto limit = deadline(); limit && now > *limit) {
        for (WorkerTally& tally : run_->tallies) {
            if (tally.is_live()) {
                tally.state = PartState::Lost;
                run_->is_degraded = true;
                run_->notes.push_back(
                    fmt::format("worker {} did not deliver its last results in time", tally.id));
            }
        }
        end_run(RunEnd::Aborted);
        return;
    }
    if (has([](const WorkerTally& tally) { return tally.is_live(); })) {
        note_idle_time();
        last_live_ = now;
        return;
    }
    if (!idle_since_ && !is_due()) {
        idle_since_ = now;
    }
    const auto is_back = [this](const WorkerTally& tally) {
        return std::any_of(peers_.begin(), peers_.end(), [&](const auto& peer) {
            return tally_of(*peer) == &tally && peer->is_present();
        });
    };
    const bool is_awaited = has([&](const WorkerTally& tally) {
        return tally.is_lost() && !tally.is_gone &&
               (now - tally.since < kReturnGrace || is_back(tally));
    });
    // Nobody is left, but the run goes on when somebody comes.
    const bool is_done = is_due() || std::any_of(peers_.begin(), peers_.end(),
                                                 [](const auto& p) { return p->has_finished; });
    if (is_awaited || (!is_done && now - last_live_ < kReturnGrace)) {
        return;
    }
    note_idle_time();
    if (!is_done ||
        !has([](const WorkerTally& tally) { return tally.state == PartState::Delivered; })) {
        run_->notes.emplace_back("no worker is left");
        run_->is_worker_lost_abort = true;
    }
    end_run(run_->is_worker_lost_abort ? RunEnd::Aborted
            : run_->stop_asked         ? RunEnd::Stopped
                                       : RunEnd::Finished);
}

void Master::report_seconds() {
    std::int64_t complete_until = std::numeric_limits<std::int64_t>::max();
    for (const WorkerTally& tally : run_->tallies) {
        if (tally.state == PartState::Started) {
            complete_until = std::min(complete_until, tally.told_until);
        }
    }
    while (auto second = seconds_.take(elapsed(), complete_until)) {
        const wire::JournalGauges gauges{
            second->index, current_users(), target_users(),
            static_cast<std::int64_t>(peers_in({PartState::Started}).size())};
        run_->timeline.set_users(gauges.second, static_cast<int>(gauges.users),
                                 static_cast<int>(gauges.target_users),
                                 static_cast<int>(gauges.workers));
        if (journal_) {
            journal_->add(gauges);
        }
        report_second(*second);
    }
}

// All workers' results are added up for the second first, and once to the totals: an interval of
// one of a thousand workers is touched once.
void Master::report_second(OpenSeconds::Second& second) {
    if (!second.delta.is_empty()) {
        run_->timeline.add(second.index, second.delta.total(stats::kMainPhase, run_->catalog));
        second.delta.add(second.late);
    } else {
        second.delta = std::move(second.late);
    }
    run_->totals.add(second.delta);
    if (events_.on_interval) {
        events_.on_interval(*run_, second.delta, second.length_s);
    }
    if (second.index == kDistancesAfterS) {
        note_distances();
    }
}

void Master::end_run(RunEnd end) {
    while (auto second = seconds_.take_rest(run_->duration)) {
        report_second(*second);
    }
    close_iterations();
    note_distances();
    begin_teardown();
    write_journal();
    run_->end = end;
    name_vanished_rows();
    if (const std::int64_t refused = refusals_.total() - refusals_before_run_; refused > 0) {
        run_->notes.push_back(fmt::format(
            "{} connections or messages of strangers were refused on the worker port", refused));
    }
    for (const auto& peer : peers_) {
        if (const WorkerTally* tally = tally_of(*peer)) {
            send(*peer, wire::Stop{tally->prepare.part, true});
        }
        peer->part.reset();
        peer->rates = {};
        peer->health = {};
        peer->lateness_p99_us = 0;
    }
    move(master_table(), state_, StateEvent::Done);
    if (events_.on_run_end) {
        events_.on_run_end(*run_);
    }
    if (run_->teardown != Run::Teardown::Due) {
        close_run();
    }
}

}  // namespace boom::cluster
