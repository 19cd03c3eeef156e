#pragma once
// The generator's notebook: single writer, no lock, no allocation per sample in steady state.

#include "stats/snapshot.hpp"

#include <cstddef>
#include <string_view>

namespace boom::stats {

struct Sample {
    StepId step;
    Outcome outcome = Outcome::Passed;
    int status = 0;                  // 0 = no answer
    base::Duration response_time{};  // from the due time
    base::Duration service_time{};   // from sending
    base::Duration at{};             // end, since the start of the run
    std::int64_t bytes_sent = 0;
    std::int64_t bytes_received = 0;
    std::string_view message;  // of a failure
    std::string_view name;     // of a step whose names differ by value; empty: the written one
};

class Recorder {
public:
    explicit Recorder(const Catalog& catalog);  // the catalog outlives the recorder

    void set_phase(PhaseId phase);
    void record(const Sample& sample);
    // A transaction's occurrence: passed or failed, in its own row and in the counters.
    void record_transaction(StepId step, bool is_passed, base::Duration duration);
    void record_lateness(base::Duration lateness);
    // Of the warm-up only connections are kept beside the steps' own rows.
    Iterations& iterations() {
        return phase_ == kWarmUpPhase ? warm_up_iterations_ : current_.iterations;
    }
    Connections& connections() { return current_.connections; }

    Health& health() { return current_.health; }

    // What was recorded since the last take(); the recorder starts again from nothing. The main
    // phase holds what the stages hold, added up.
    [[nodiscard]] Snapshot take();

private:
    [[nodiscard]] StepStats& cell(StepId step);
    void add_stages_to_main();
    void record_error(const Sample& sample, std::int64_t service_us);

    const Catalog& catalog_;
    Snapshot current_;
    Iterations warm_up_iterations_;
    PhaseId phase_ = kMainPhase;
    // Where `phase_` is in `current_.phases`, looked up once per phase and take(); -1 = not yet.
    std::ptrdiff_t phase_index_ = -1;
};

}  // namespace boom::stats
