#pragma once
// Writes a run into its journal, and reads one back. What is acknowledged to a worker is in the
// journal before: acknowledgements wait here. The master's thread.

#include "cluster/journal.hpp"
#include "cluster/link.hpp"
#include "cluster/run.hpp"
#include "wire/message.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::cluster {

// How long results are collected for one record: a worker waits as long for its acknowledgement.
inline constexpr base::Duration kJournalInterval = std::chrono::milliseconds(250);

class RunJournal {
public:
    // Of a new run: writes its beginning. A journal that fails is discarded, see complaint().
    RunJournal(std::unique_ptr<Journal> journal, const Run& run, std::int64_t barrier_unix_ns);
    // Of a run that was taken up again: goes on behind what is there.
    // `row_moves` are in it.
    RunJournal(std::unique_ptr<Journal> journal, const Run& run, std::size_t row_moves);

    // An accepted interval.
    void add(const wire::Interval& interval);
    void add(const wire::JournalGauges& gauges);
    struct PendingAck {
        PeerId link;
        wire::Ack ack;
    };
    // To be sent once what was accepted so far is written.
    void hold(PendingAck ack) { acks_.push_back(std::move(ack)); }

    // Writes what is new in the run; returns what may be acknowledged now.
    [[nodiscard]] std::vector<PendingAck> write(const Run& run, base::Duration at);
    [[nodiscard]] bool has_acks() const { return !acks_.empty(); }
    // Why it is not written any more; told once.
    [[nodiscard]] std::string take_complaint();
    void discard();

private:
    void remember(const Run& run);
    void append(const wire::JournalRecord& record);
    void collect_parts(const Run& run);

    struct Part {
        PartState state = PartState::Preparing;
        bool is_start_confirmed = false;
        bool has_finished = false;
        std::uint64_t recalls = 0;
        bool has_recall = false;
        bool is_recalled = false;
        bool operator==(const Part&) const = default;
    };
    [[nodiscard]] static Part part_of(const WorkerTally& tally);
    void add_part(std::uint32_t number, const WorkerTally& tally, std::vector<std::int64_t> taken);
    std::unique_ptr<Journal> journal_;  // null after a failure
    std::string complaint_;
    std::vector<PendingAck> acks_;
    wire::JournalEntry entry_;                      // what is collected
    std::map<std::uint32_t, stats::Snapshot> box_;  // by number of the part: lateness and health
    std::map<std::int64_t, stats::Snapshot> seconds_;
    // What the journal has of the run.
    std::vector<Part> parts_;
    std::size_t events_ = 0, notes_ = 0, adjustments_ = 0, row_moves_ = 0;
    bool was_stopped_ = false, was_stop_forced_ = false;
    std::uint64_t revision_ = 0, shared_order_ = 0;
};

// Adds up the entries of a journal. `request` is compiled from its header and bundle.
class RunReplay {
public:
    RunReplay(RunRequest request, const wire::JournalHeader& header);
    // What cannot be, or empty: then nothing of the entry was taken.
    [[nodiscard]] std::string add(const wire::JournalEntry& entry);
    // Since the start, of the last entry: from then on nothing is known.
    [[nodiscard]] base::Duration last() const { return last_; }
    [[nodiscard]] std::optional<base::Duration> stop_asked() const { return stop_asked_; }
    // Changes of leases so far, all from the journal.
    [[nodiscard]] std::size_t row_moves() const { return run_.rows.moves().size(); }
    // Parts that were live are live again; what had not begun is dropped, and its rows, of which
    // it was not told, are in the pool. `started` is not set.
    [[nodiscard]] Run take();

private:
    void add_part(const wire::JournalPart& part);
    [[nodiscard]] bool is_of_known_parts(const wire::JournalEntry& entry) const;
    [[nodiscard]] bool add_row_moves(const wire::JournalEntry& entry);
    Run run_;
    std::optional<base::Duration> stop_asked_;
    base::Duration last_{};
};

}  // namespace boom::cluster
