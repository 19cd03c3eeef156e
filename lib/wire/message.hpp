#pragma once
// The messages between master and workers as plain structs; their encoding is boom.proto.

#include "load/curve.hpp"
#include "load/profile.hpp"
#include "load/row_stock.hpp"
#include "stats/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::wire {

// Rises when an old reader would misunderstand a new writer; other versions are refused.
inline constexpr std::uint32_t kProtocolVersion = 4;
inline constexpr std::size_t kMaxMessageBytes = std::size_t{64} << 20;
// A bundle travels in parts of about this size, so that heartbeats get through in between.
inline constexpr std::size_t kBundlePartBytes = std::size_t{1} << 20;
// A worker asks for so many at a time: more would wait in the master's memory, for each worker.
inline constexpr std::uint32_t kBundlePartsAtOnce = 16;

// One worker's part in a run. A worker that was lost and joins again gets a new number, so that
// late messages of its first part cannot be taken for those of the second.
struct PartId {
    std::string run_id;
    std::uint32_t number = 0;
    bool operator==(const PartId&) const = default;
    [[nodiscard]] bool is_none() const { return run_id.empty(); }
};

struct Hello {
    std::uint32_t protocol = kProtocolVersion;
    std::string version, id, name, room;
    std::optional<std::int64_t> max_users;
    std::string os, arch;
    int cores = 0;
    std::int64_t memory_bytes = 0;
    PartId part;              // that it holds results of, or none
    bool is_running = false;  // its load is on
    // Limits of its machine and its wall clock; 0: not said.
    std::int64_t descriptor_limit = 0, ephemeral_ports = 0, unix_ms = 0;
};
struct Welcome {
    std::string version;
    base::Duration heartbeat = std::chrono::seconds(1);
};
struct Reject {
    std::string reason;
};
struct StreamShare {
    load::Curve target;
    std::vector<std::int64_t> users;
    std::int64_t first_ordinal = 0;
    bool operator==(const StreamShare&) const = default;
};
struct Share {
    std::uint64_t revision = 1;  // rises with every change; older ones are ignored
    std::vector<std::int64_t> users;
    std::uint32_t index = 0;
    double spawn_rate = 1;
    std::vector<StreamShare> streams;
    std::optional<load::Curve> ceiling;
    base::Duration from{};
    enum class Rows { OwnBlock, Nothing } rows = Rows::OwnBlock;
    bool operator==(const Share&) const = default;
};
struct Prepare {
    PartId part;
    std::string bundle_hash;
    std::vector<load::Setting> profile;
    Share share;
    std::uint64_t seed = 0;
};
struct BundleRequest {
    std::string bundle_hash;
    std::uint32_t first = 0;  // the next parts from this one on
};
struct BundleFile {
    std::string path, content;
};
struct BundlePart {
    std::string bundle_hash;
    std::vector<std::string> cases;
    std::vector<BundleFile> files;
    bool is_last = false;
    std::uint32_t index = 0;
};
struct Ready {
    PartId part;
};
struct Refused {
    PartId part;
    std::string reason;
};
struct Start {
    PartId part;
    base::Duration in{};
    base::Duration elapsed{};
    std::vector<load::RowRange> leases;  // the first ones of unique rows
};
struct Rows {
    PartId part;
    std::uint64_t first = 1;  // number of the first lease
    std::vector<load::RowRange> leases;
    std::uint64_t recall = 0;  // number of a demand; 0 = none
    load::Fraction give;
};
struct RowsReturn {
    PartId part;
    std::uint64_t recall = 0;
    std::vector<load::RowRange> rows;
};
struct Adjust {
    PartId part;
    Share share;
};
struct Stop {
    PartId part;
    bool force = false;
};
struct Quit {};
struct Interval {
    PartId part;
    std::uint64_t sequence = 0;
    std::uint64_t oldest = 0;  // that is not acknowledged yet; 0 = not said
    std::int64_t second = 0;
    std::int64_t users = 0;
    stats::Snapshot delta;
    stats::Waiting waiting;
    std::vector<std::int64_t> rows_taken;  // by case, in the part so far
};
struct Ack {
    PartId part;
    std::uint64_t sequence = 0;
    bool is_final = false;
    std::uint64_t shared = 0;  // so many of the variables that it set are safe
};
struct Final {
    PartId part;
    std::uint64_t last_sequence = 0;
    std::int64_t requests = 0, failures = 0, exchanges = 0, iterations = 0;
    bool was_stopped = false;  // it did not end by itself
    std::uint64_t last_lease = 0;
    std::vector<load::RowRange> unused;
};
struct Heartbeat {
    std::uint64_t number = 0;  // rises with every one, so that an old one is told from a new one
    PartId part;
    std::uint64_t share_revision = 0;  // of the share that is in force; 0 = not started
    bool is_leaving = false;           // it takes no further part in anything
    std::uint64_t last_lease = 0;      // of unique rows
    std::uint64_t shared_order = 0;    // of the last variable of the fleet
    bool is_compiling = false;         // nothing is heard until that is done
    int state = 1;
    std::int64_t users = 0;
    double worker_cpu_percent = 0, cpu_percent = 0;
    double worker_memory_percent = 0, memory_percent = 0;
    bool is_all_spawned = false;
};
struct Shared {
    PartId part;
    std::string name, json;
    std::uint32_t from_part = 0, from_thread = 0;
    std::uint64_t number = 0;
    std::uint64_t sequence = 0, oldest = 0;         // to the master: of the part, from 1
    std::uint64_t order = 0, after = 0, yours = 0;  // to a worker: see boom.proto
};
// How the rendezvous of the whole fleet stand on a worker; the last one counts.
struct Gathering {
    PartId part;
    std::uint64_t number = 0;  // rises with every one of a part
    bool is_open = false, is_complete = false;
    std::int64_t users = 0;
    struct Case {
        std::int32_t index = 0;
        std::uint32_t generation = 0;
        std::int64_t waiting = 0;
        std::uint64_t arrivals = 0;
        bool operator==(const Case&) const = default;
    };
    std::vector<Case> cases;
};
// What the master has released; never goes back.
struct Release {
    PartId part;
    bool is_open = false;
    struct Case {
        std::int32_t index = 0;
        std::uint32_t generation = 0;
        bool operator==(const Case&) const = default;
    };
    std::vector<Case> cases;
};
struct Log {
    int level = 2;
    std::string text;
};
struct Bye {
    std::string reason;
};
struct Identify {};  // "who are you?": to be answered by a Hello

using Message = std::variant<Hello, Welcome, Reject, Prepare, BundleRequest, BundlePart, Ready,
                             Refused, Start, Adjust, Stop, Quit, Interval, Ack, Final, Heartbeat,
                             Shared, Log, Bye, Identify, Rows, RowsReturn, Gathering, Release>;

[[nodiscard]] std::string encode(const Message& message);
// Empty for anything malformed, oversized or unknown. Never throws.
[[nodiscard]] std::optional<Message> decode(std::string_view bytes) noexcept;

}  // namespace boom::wire
