#pragma once
// What the workers did in each second of a run, until that second is told. Deltas of one second
// arrive at different times: a rate by arrival would be 0 in one second and double in the next.
// One thread.

#include "base/clock.hpp"
#include "stats/snapshot.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace boom::cluster {

class OpenSeconds {
public:
    // How long a second waits for a worker that has not told its part yet.
    static constexpr base::Duration kPatience = std::chrono::milliseconds(1500);

    struct Second {
        std::int64_t index = 0;  // since the start, from 0
        double length_s = 1;     // shorter only at the end of the run
        stats::Snapshot delta;
        stats::Snapshot late;  // of seconds before, which were told without it
    };

    // The seconds before this one are told already.
    void begin_at(std::int64_t second) { next_ = second; }
    // What comes for a second that has been told is told late, with the next one.
    void add(std::int64_t second, const stats::Snapshot& delta);
    [[nodiscard]] bool is_told(std::int64_t second) const { return second < next_; }
    // The next second if it is over at `elapsed` and everybody has told of the seconds before
    // `complete_until`, or patience is.
    [[nodiscard]] std::optional<Second> take(base::Duration elapsed, std::int64_t complete_until);
    // The next second at the end of a run that took `duration`; none when nothing is left.
    [[nodiscard]] std::optional<Second> take_rest(base::Duration duration);

private:
    [[nodiscard]] Second take_next(double length_s);

    std::map<std::int64_t, stats::Snapshot> open_;
    stats::Snapshot late_;
    std::int64_t next_ = 0;
};

}  // namespace boom::cluster
