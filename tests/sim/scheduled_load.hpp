#pragma once
// A load in simulated time that does what its share says and nothing else: it writes down what is
// due when, on every thread, and reports it as iterations.

#include "base/clock.hpp"
#include "load/arrival_schedule.hpp"
#include "load/pacer.hpp"
#include "load/schedule.hpp"
#include "load/user_schedule.hpp"
#include "user/threaded_load.hpp"

#include <compare>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace boom::sim {

struct Due {
    enum class Kind { Start, Leave, Arrival, Slot };
    std::size_t stream = 0;
    Kind kind = Kind::Arrival;
    base::Duration at{};
    std::int64_t ordinal = 0;  // of a user
    auto operator<=>(const Due&) const = default;
};
// Of all workers of a run, in any order.
using DueLog = std::vector<Due>;

class ScheduledLoad final : public user::Load {
public:
    ScheduledLoad(user::LoadSpec spec, const base::Clock& clock, int threads,
                  std::shared_ptr<DueLog> log);

    void start(base::TimePoint at) override;
    void adjust(const user::Share& share) override;
    // Its cases have no unique rows.
    [[nodiscard]] bool add_rows(const load::RowRange&) override { return false; }
    [[nodiscard]] std::vector<load::RowRange> give_back_rows(load::Fraction) override { return {}; }
    [[nodiscard]] std::vector<std::int64_t> rows_taken() const override { return {}; }
    void stop(user::StopMode mode) override;
    std::optional<user::LoadDelta> poll() override;
    [[nodiscard]] int users() const override;  // wanted now; closed model
    [[nodiscard]] bool is_all_spawned() const override { return started_.has_value(); }
    [[nodiscard]] bool is_done() const override { return is_done_; }

private:
    struct Lane {  // one stream on one thread
        std::optional<load::UserSchedule> users;
        std::optional<load::ArrivalSchedule> arrivals;
    };
    struct Thread {
        std::vector<Lane> lanes;
        std::optional<load::Pacer> pacer;
        std::optional<base::Duration> slot;  // the one that is taken and not yet due
    };
    // Everything that is due before `until`.
    void advance(base::Duration until);
    void note(Due due);
    void use(const user::Share& share);

    user::LoadSpec spec_;
    const base::Clock& clock_;
    load::Schedule schedule_;
    std::vector<Thread> threads_;
    std::deque<user::Share> coming_;
    std::shared_ptr<DueLog> log_;
    std::vector<std::int64_t> by_second_;
    std::optional<base::TimePoint> started_;
    std::optional<base::Duration> end_;
    std::int64_t second_ = 0;
    bool is_done_ = false;
};

}  // namespace boom::sim
