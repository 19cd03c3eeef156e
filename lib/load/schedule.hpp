#pragma once
// The whole load of a run over time, as the profile asks for it. The same on master and workers.

#include "load/arrival_schedule.hpp"
#include "load/curve.hpp"
#include "load/profile.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace boom::load {

enum class Model { Closed, Open };

// One kind of load: without scenarios there is one, with them one each.
struct Stream {
    Model model = Model::Closed;
    std::string case_name;   // empty: all cases by weight
    Curve target;            // users, or iterations per second
    std::int64_t users = 0;  // the peak; in the open model the most that may be in flight
    Arrival arrival = Arrival::Constant;
};

struct NamedSpan {
    std::string name;
    base::Duration from{}, to{};
};

struct Schedule {
    std::vector<Stream> streams;
    std::optional<Curve> ceiling;  // requests per second
    base::Duration warm_up{};
    std::vector<NamedSpan> stages;      // those with a length; results are kept for each
    std::optional<base::Duration> end;  // none: until stopped, or until the loops are done

    [[nodiscard]] std::int64_t users() const;  // of all streams
    [[nodiscard]] double target_users(base::Duration at) const;
    [[nodiscard]] double target_rate(base::Duration at) const;
    [[nodiscard]] bool is_open() const;  // any stream
};

[[nodiscard]] Schedule schedule_of(const Profile& profile);
// What contradicts itself in a profile, one sentence each.
[[nodiscard]] std::vector<std::string> contradictions(const Profile& profile);

// The most users in flight when --rate is given without a number of users.
inline constexpr std::int64_t kDefaultOpenUsers = 10'000;

// From what is wanted at `from` through the stages.
[[nodiscard]] std::vector<Point> follow_stages(double now, const std::vector<Stage>& stages,
                                               base::Duration from);
// From what is wanted at `from` to another number of users at that speed.
[[nodiscard]] std::vector<Point> change_users(double now, double wanted, double users_per_second,
                                              base::Duration from);

}  // namespace boom::load
