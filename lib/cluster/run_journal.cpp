#include "cluster/run_journal.hpp"

#include "cluster/bundle_cache.hpp"

#include <algorithm>
#include <utility>

namespace boom::cluster {

RunJournal::RunJournal(std::unique_ptr<Journal> journal, const Run& run,
                       std::int64_t barrier_unix_ns)
    : journal_(std::move(journal)) {
    wire::JournalHeader header;
    header.run_id = run.id;
    header.seed = run.seed;
    header.started_at = run.started_at;
    header.barrier_unix_ns = barrier_unix_ns;
    header.profile = run.settings;
    append(header);
    for_each_part(run.request.bundle, [this](wire::BundlePart part) { append(std::move(part)); });
}

RunJournal::RunJournal(std::unique_ptr<Journal> journal, const Run& run, std::size_t row_moves)
    : journal_(std::move(journal)) {
    remember(run);
    row_moves_ = row_moves;
}

void RunJournal::append(const wire::JournalRecord& record) {
    if (journal_ == nullptr) {
        return;
    }
    complaint_ = journal_->append(wire::encode_record(record));
    if (!complaint_.empty()) {
        // With a hole in it, it must never be taken up.
        discard();
    }
}

void RunJournal::discard() {
    if (journal_ != nullptr) {
        journal_->discard();
        journal_.reset();
    }
}

std::string RunJournal::take_complaint() {
    return std::exchange(complaint_, {});
}

void RunJournal::add(const wire::Interval& interval) {
    if (journal_ == nullptr) {
        return;
    }
    seconds_[interval.second].add(interval.delta);
    stats::Snapshot& box = box_[interval.part.number];
    box.lateness.add(interval.delta.lateness);
    box.health.add(interval.delta.health);
}

void RunJournal::add(const wire::JournalGauges& gauges) {
    if (journal_ != nullptr) {
        entry_.gauges.push_back(gauges);
    }
}

RunJournal::Part RunJournal::part_of(const WorkerTally& tally) {
    return {tally.state,   tally.is_start_confirmed, tally.has_finished,
            tally.recalls, tally.recall.has_value(), tally.is_recalled};
}

void RunJournal::collect_parts(const Run& run) {
    for (std::size_t i = 0; i < run.tallies.size(); ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        const Part now = part_of(run.tallies[i]);
        if (i == parts_.size()) {
            parts_.push_back(now);
        } else if (parts_[i] == now && box_.count(number) == 0) {
            continue;
        }
        parts_[i] = now;
        add_part(number, run.tallies[i], run.rows.taken(i));
    }
    box_.clear();
}

void RunJournal::add_part(std::uint32_t number, const WorkerTally& tally,
                          std::vector<std::int64_t> taken) {
    wire::JournalPart& part = entry_.parts.emplace_back();
    part.number = number;
    part.id = tally.id;
    part.name = tally.name;
    part.room = tally.room;
    part.max_users = tally.max_users;
    part.state = static_cast<std::uint32_t>(tally.state);
    part.is_start_confirmed = tally.is_start_confirmed;
    part.was_lost = tally.was_lost;
    part.has_finished = tally.has_finished;
    part.last_sequence = tally.last_sequence;
    part.users_peak = tally.users_peak;
    part.cpu_percent_max = tally.cpu_percent_max;
    part.sums = tally.sums;
    part.rows_taken = std::move(taken);
    part.recalls = tally.recalls;
    part.is_recalled = tally.is_recalled;
    if (tally.recall) {
        part.recall = {tally.recall->give, static_cast<std::uint32_t>(tally.recall->to + 1)};
    }
    if (const auto box = box_.find(number); box != box_.end()) {
        part.load_box = std::move(box->second);
    }
}

std::vector<RunJournal::PendingAck> RunJournal::write(const Run& run, base::Duration at) {
    std::vector<PendingAck> acks = std::exchange(acks_, {});
    if (journal_ == nullptr) {
        return acks;
    }
    collect_parts(run);
    for (auto& [second, delta] : seconds_) {
        entry_.seconds.push_back({second, std::move(delta)});
    }
    seconds_.clear();
    for (std::size_t i = events_; i < run.events.size(); ++i) {
        const RunEvent& event = run.events[i];
        entry_.events.push_back({event.at, event.kind, event.text, event.worker});
    }
    entry_.notes.assign(run.notes.begin() + static_cast<std::ptrdiff_t>(notes_), run.notes.end());
    for (std::size_t i = adjustments_; i < run.adjustments.size(); ++i) {
        const AppliedAdjustment& one = run.adjustments[i];
        std::vector<wire::JournalStage> stages;
        for (const load::Stage& stage : one.adjustment.stages) {
            stages.push_back({stage.length, stage.target});
        }
        entry_.adjustments.push_back({one.adjustment.spawn_count, one.adjustment.spawn_rate,
                                      one.adjustment.max_rps, one.adjustment.rate,
                                      std::move(stages), one.adjustment.worker, one.from});
    }
    const auto& moves = run.rows.moves();
    entry_.row_moves.assign(moves.begin() + static_cast<std::ptrdiff_t>(row_moves_), moves.end());
    entry_.shared = variables_since(run, shared_order_);
    const bool has_lists = !entry_.parts.empty() || !entry_.seconds.empty() ||
                           !entry_.events.empty() || !entry_.notes.empty() ||
                           !entry_.adjustments.empty() || !entry_.gauges.empty() ||
                           !entry_.row_moves.empty() || !entry_.shared.empty();
    const bool is_news = has_lists || run.revision != revision_ ||
                         run.stop_asked.has_value() != was_stopped_ ||
                         run.is_stop_forced != was_stop_forced_;
    if (is_news) {
        entry_.at = at;
        entry_.revision = run.revision;
        if (run.stop_asked && run.started) {
            entry_.stop_asked = std::max(*run.stop_asked - *run.started, base::Duration::zero());
        }
        entry_.is_stop_forced = run.is_stop_forced;
        entry_.is_degraded = run.is_degraded;
        entry_.is_worker_lost_abort = run.is_worker_lost_abort;
        entry_.duration = run.duration;
        append(std::exchange(entry_, {}));
        remember(run);
    }
    return acks;
}

void RunJournal::remember(const Run& run) {
    parts_.clear();
    for (const WorkerTally& tally : run.tallies) {
        parts_.push_back(part_of(tally));
    }
    row_moves_ = run.rows.moves().size();
    events_ = run.events.size();
    notes_ = run.notes.size();
    adjustments_ = run.adjustments.size();
    was_stopped_ = run.stop_asked.has_value();
    was_stop_forced_ = run.is_stop_forced;
    revision_ = run.revision;
    shared_order_ = run.shared_order;
}

}  // namespace boom::cluster
