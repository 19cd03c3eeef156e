#include "cluster/run_journal.hpp"
#include "load/profile.hpp"
#include "user/load.hpp"
#include "user/row_supply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {

RunReplay::RunReplay(RunRequest request, const wire::JournalHeader& header) {
    run_.id = header.run_id;
    run_.seed = header.seed;
    run_.started_at = header.started_at;
    run_.bundle_hash = request.bundle.hash();
    run_.catalog = user::catalog_of(*request.plan);
    run_.settings = header.profile;
    run_.request = std::move(request);
    run_.load.emplace(run_.request.profile);
    run_.rows = RowLedger(user::all_unique_rows(*run_.request.plan));
}

std::string RunReplay::add(const wire::JournalEntry& entry) {
    constexpr auto kLastState = static_cast<std::uint32_t>(PartState::Dropped);
    for (const wire::JournalPart& part : entry.parts) {
        if (part.number > run_.tallies.size() + 1 || part.state > kLastState) {
            return fmt::format("part {} cannot be", part.number);
        }
        add_part(part);
    }
    if (!is_of_known_parts(entry)) {
        return "it has failures of a part that there is not";
    }
    if (!add_row_moves(entry)) {
        return "its unique rows are not those of the case";
    }
    for (const wire::Shared& shared : entry.shared) {
        if (shared.from_part > 0 && shared.from_part <= run_.tallies.size()) {
            WorkerTally& from = run_.tallies[shared.from_part - 1];
            from.shared_accepted = std::max(from.shared_accepted, shared.sequence);
        }
        run_.shared_order = std::max(run_.shared_order, shared.order);
        run_.shared[shared.name] = shared;
    }
    for (const wire::JournalSecond& second : entry.seconds) {
        run_.timeline.add(second.second, second.delta.total(stats::kMainPhase, run_.catalog));
        run_.totals.add(second.delta);
    }
    for (const wire::JournalGauges& gauges : entry.gauges) {
        run_.timeline.set_users(gauges.second, static_cast<int>(gauges.users),
                                static_cast<int>(gauges.target_users),
                                static_cast<int>(gauges.workers));
    }
    for (const wire::JournalEvent& event : entry.events) {
        run_.events.push_back({event.at, event.kind, event.text, event.worker});
        if (event.kind == "stage") {
            run_.stages_told = event.at;
        }
    }
    run_.notes.insert(run_.notes.end(), entry.notes.begin(), entry.notes.end());
    for (const wire::JournalAdjustment& one : entry.adjustments) {
        std::vector<load::Stage> stages;
        for (const wire::JournalStage& stage : one.stages) {
            stages.push_back({stage.length, stage.target});
        }
        Adjustment adjustment{one.spawn_count, one.spawn_rate,    one.max_rps,
                              one.rate,        std::move(stages), one.worker};
        const std::string complaint = run_.load->adjust(adjustment, one.from, run_.request.profile);
        if (!complaint.empty()) {
            return complaint;
        }
        run_.adjustments.push_back({std::move(adjustment), one.from});
    }
    run_.revision = entry.revision;
    stop_asked_ = entry.stop_asked;
    run_.is_stop_forced = entry.is_stop_forced;
    run_.is_degraded = entry.is_degraded;
    run_.is_worker_lost_abort = entry.is_worker_lost_abort;
    run_.duration = entry.duration;
    last_ = std::max(last_, entry.at);
    return {};
}

void RunReplay::add_part(const wire::JournalPart& part) {
    if (part.number > run_.tallies.size()) {
        run_.tallies.emplace_back();
    }
    WorkerTally& tally = run_.tallies[part.number - 1];
    tally.id = part.id;
    tally.name = part.name;
    tally.room = part.room;
    tally.max_users = part.max_users;
    tally.state = static_cast<PartState>(part.state);
    tally.prepare.part = {run_.id, part.number};
    tally.is_start_confirmed = part.is_start_confirmed;
    tally.was_lost = part.was_lost;
    tally.has_finished = part.has_finished;
    tally.last_sequence = part.last_sequence;
    tally.users_peak = part.users_peak;
    tally.cpu_percent_max = part.cpu_percent_max;
    tally.sums = part.sums;
    tally.recalls = part.recalls;
    tally.is_recalled = part.is_recalled;
    tally.recall.reset();
    if (part.recall) {
        // For whom they were will not be here: they go to everybody.
        tally.recall = {part.recall->give, part.recall->to - 1, {}};
    }
    run_.rows.note_taken(part.number - 1, part.rows_taken);
    tally.lateness.add(part.load_box.lateness);
    tally.health.add(part.load_box.health);
}

bool RunReplay::is_of_known_parts(const wire::JournalEntry& entry) const {
    const auto is_known = [this](const auto& error) {
        const std::vector<stats::PartFailures>& parts = error.second.parts;
        return parts.empty() || parts.back().part <= run_.tallies.size();
    };
    return std::ranges::all_of(entry.seconds, [&](const wire::JournalSecond& second) {
        return std::ranges::all_of(second.delta.errors, is_known);
    });
}

bool RunReplay::add_row_moves(const wire::JournalEntry& entry) {
    const auto is_place = [this](std::uint32_t place) {
        return place <= run_.tallies.size() || place == load::RowMove::kNobody;
    };
    return std::all_of(
        entry.row_moves.begin(), entry.row_moves.end(), [&](const load::RowMove& move) {
            return is_place(move.from) && is_place(move.to) && run_.rows.replay(move);
        });
}

Run RunReplay::take() {
    for (std::size_t i = 0; i < run_.tallies.size(); ++i) {
        WorkerTally& tally = run_.tallies[i];
        if (tally.recall && tally.recall->to >= run_.tallies.size()) {
            tally.recall->to = i;
        }
        if (tally.state == PartState::Preparing || tally.state == PartState::Prepared) {
            tally.state = PartState::Dropped;
            run_.rows.cancel(i);
        }
    }
    return std::move(run_);
}

}  // namespace boom::cluster
