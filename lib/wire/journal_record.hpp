#pragma once
// The records of a master's journal as plain structs; their encoding is journal.proto.

#include "wire/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::wire {

// Rises when an old reader would misunderstand a new writer; others are not taken up.
inline constexpr std::uint32_t kJournalVersion = 4;

struct JournalHeader {
    std::uint32_t version = kJournalVersion;
    std::string run_id;
    std::uint64_t seed = 0;
    std::string started_at;
    std::int64_t barrier_unix_ns = 0;
    std::vector<load::Setting> profile;
};
struct JournalPart {
    std::uint32_t number = 0;
    std::string id, name, room;
    std::optional<std::int64_t> max_users;
    std::uint32_t state = 0;
    bool is_start_confirmed = false;
    bool was_lost = false;
    bool has_finished = false;
    std::uint64_t last_sequence = 0;
    std::int64_t users_peak = 0;
    double cpu_percent_max = 0;
    std::vector<std::int64_t> rows_taken;  // by case
    // Demands for unique rows: so many, and the last one if it is not answered.
    struct Recall {
        load::Fraction give;
        std::uint32_t to = 0;  // number of a part
    };
    std::uint64_t recalls = 0;
    std::optional<Recall> recall;
    bool is_recalled = false;  // all of them
    Final sums;                // its counts only
    stats::Snapshot load_box;  // lateness and health: what was added since the last entry
};
struct JournalSecond {
    std::int64_t second = 0;
    stats::Snapshot delta;
};
struct JournalEvent {
    base::Duration at{};
    std::string kind, text, worker;
};
struct JournalStage {
    base::Duration length{};
    double target = 0;
};
struct JournalAdjustment {
    std::optional<std::int64_t> spawn_count;
    std::optional<double> spawn_rate;
    std::optional<std::int64_t> max_rps;
    std::optional<double> rate;
    std::vector<JournalStage> stages;
    std::string worker;
    base::Duration from{};
};
struct JournalGauges {
    std::int64_t second = 0;
    std::int64_t users = 0, target_users = 0, workers = 0;
};
// What is new since the entry before; flags and numbers of the run as they are now.
struct JournalEntry {
    base::Duration at{};
    std::vector<JournalPart> parts;
    std::vector<JournalSecond> seconds;
    std::vector<JournalEvent> events;
    std::vector<std::string> notes;
    std::vector<JournalAdjustment> adjustments;
    std::vector<JournalGauges> gauges;
    std::vector<load::RowMove> row_moves;
    std::vector<Shared> shared;  // by name what was set last, without `part`
    std::uint64_t revision = 0;
    std::optional<base::Duration> stop_asked;
    bool is_stop_forced = false;
    bool is_degraded = false;
    bool is_worker_lost_abort = false;
    base::Duration duration{};
};

using JournalRecord = std::variant<JournalHeader, BundlePart, JournalEntry>;

[[nodiscard]] std::string encode_record(const JournalRecord& record);
// Empty for anything malformed or unknown. Never throws.
[[nodiscard]] std::optional<JournalRecord> decode_record(std::string_view bytes) noexcept;

}  // namespace boom::wire
