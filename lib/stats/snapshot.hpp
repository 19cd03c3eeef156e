#pragma once
// Results as plain data: one interval's delta, and sums of deltas. Merging is exact: the merge of
// any split equals the whole. Sent over the wire and added up at the master.

#include "stats/catalog.hpp"
#include "stats/error_text.hpp"
#include "stats/health.hpp"
#include "stats/histogram.hpp"
#include "stats/outcome.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace boom::stats {

// Counters of one step in one phase.
struct StepStats {
    std::int64_t requests = 0;  // finished: passed + failed (for a transaction: its occurrences)
    std::int64_t failures = 0;
    std::int64_t interrupted = 0;  // not in requests
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
    std::map<int, std::int64_t> status;  // by HTTP status of the last hop
    Histogram response_time;             // from the due time; not of transport errors
    Histogram service_time;              // from sending; not of transport errors

    void add(const StepStats& other);
    [[nodiscard]] bool is_empty() const { return requests == 0 && interrupted == 0; }
};

// Results before the warm-up's end, and of each stage, are kept apart from the start.
using PhaseId = int;
inline constexpr PhaseId kWarmUpPhase = -1;
inline constexpr PhaseId kMainPhase = 0;        // everything but the warm-up
inline constexpr PhaseId kFirstStagePhase = 1;  // stages are parts of the main phase

struct Phase {
    PhaseId id = kMainPhase;
    std::vector<StepStats> steps;  // by StepId; always the catalog's size
};

// Failures of one class, text and step.
struct ErrorKey {
    Outcome outcome = Outcome::Passed;
    StepId step;
    std::string message;
    auto operator<=>(const ErrorKey&) const = default;
};
// The same key with a borrowed text, to look up without copying it.
struct ErrorKeyView {
    Outcome outcome = Outcome::Passed;
    StepId step;
    std::string_view message;
    auto operator<=>(const ErrorKeyView&) const = default;
};
struct ErrorOrder {
    using is_transparent = void;
    static ErrorKeyView view(const ErrorKey& key) { return {key.outcome, key.step, key.message}; }
    static ErrorKeyView view(const ErrorKeyView& key) { return key; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
        return view(a) < view(b);
    }
};
// Failures in one part of the run: what one worker did without a break.
struct PartFailures {
    std::uint32_t part = 0;  // from 1
    std::int64_t count = 0;
    auto operator<=>(const PartFailures&) const = default;
};
struct ErrorStats {
    std::int64_t count = 0;
    base::Duration first{};  // since the start of the run
    base::Duration last{};
    Histogram time{};  // of the failed attempts
    // Whose they were, ascending by part. The master knows, a worker does not: empty there.
    std::vector<PartFailures> parts{};

    void add(const ErrorStats& other);
};
using ErrorMap = std::map<ErrorKey, ErrorStats, ErrorOrder>;
// So many texts of a class and step are kept as they are, further ones normalized: where every
// failure names another id there are a few examples and one row with the rest.
inline constexpr std::size_t kMaxExactTexts = 10;
// More distinct texts than this per snapshot fall into one with the text "(other messages)", for
// each class and step, so that the totals by class and by step stay exact whatever was merged.
inline constexpr std::size_t kMaxErrorKeys = 200;
inline constexpr std::string_view kOtherMessages = "(other messages)";

// Results of a step under one of its names (`name_per_value`), of the main phase. They are in the
// step's own cell, too. Further names than the limit are one, for each step.
struct NameKey {
    StepId step;
    std::string name;
    auto operator<=>(const NameKey&) const = default;
};
struct NameKeyView {
    StepId step;
    std::string_view name;
    auto operator<=>(const NameKeyView&) const = default;
};
struct NameOrder {
    using is_transparent = void;
    static NameKeyView view(const NameKey& key) { return {key.step, key.name}; }
    static NameKeyView view(const NameKeyView& key) { return key; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
        return view(a) < view(b);
    }
};
using NameMap = std::map<NameKey, StepStats, NameOrder>;
inline constexpr std::size_t kMaxNames = 200;  // of all such steps
inline constexpr std::string_view kOtherNames = "__other__";

struct Iterations {
    std::int64_t started = 0;  // = finished + failed + interrupted, once all users are done
    std::int64_t finished = 0;
    std::int64_t failed = 0;
    std::int64_t dropped = 0;  // open model: due, but no user was free
    std::int64_t interrupted = 0;
    void add(const Iterations& other);
};
struct Transactions {
    std::int64_t passed = 0;
    std::int64_t failed = 0;
    void add(const Transactions& other);
};
struct Connections {
    std::int64_t opened = 0;
    std::int64_t reused = 0;
    std::int64_t failed = 0;
    std::int64_t exchanges = 0;  // requests written to the wire, every hop
    void add(const Connections& other);
};

// One delta or one sum. Default-constructed = empty, and grows on demand.
struct Snapshot {
    std::vector<Phase> phases;  // ascending by id
    ErrorMap errors;
    NameMap named;
    Iterations iterations;
    Transactions transactions;
    Connections connections;
    Health health;
    Histogram lateness;  // how late users and arrivals were released against their due time

    void add(const Snapshot& other);
    // The step's cell, created with the whole phase (`step_count` cells) at first use.
    StepStats& at(PhaseId phase, StepId step, std::size_t step_count);
    // The cell of a failure, created at first use within the limits above.
    ErrorStats& error(const ErrorKeyView& key);
    // All failures are those of this part.
    void ascribe_errors(std::uint32_t part);
    // The cell of a name, created at first use within the limits above.
    StepStats& named_cell(const NameKeyView& key);
    // Null when nothing was recorded there.
    [[nodiscard]] const StepStats* find(PhaseId phase, StepId step) const;
    // All steps of kind Request and WebSocket added up. Transactions are not in it.
    [[nodiscard]] StepStats total(PhaseId phase, const Catalog& catalog) const;
    // Its numbers alone: no histogram is touched.
    struct Counts {
        std::int64_t requests = 0;
        std::int64_t failures = 0;
        std::int64_t bytes_sent = 0, bytes_received = 0;
    };
    [[nodiscard]] Counts count(PhaseId phase, const Catalog& catalog) const;
    [[nodiscard]] bool is_empty() const;
};

}  // namespace boom::stats
