#include "load/schedule.hpp"

#include "base/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace boom::load {
namespace {

using base::Duration;

// A ceiling that rises without bound is taken as risen after this many steps.
constexpr int kMostSteps = 10'000;

Duration length_of(const std::vector<Stage>& stages) {
    Duration sum{};
    for (const Stage& stage : stages) {
        sum += stage.length;
    }
    return sum;
}

void add_stages(std::vector<Point>& points, const std::vector<Stage>& stages, Duration from) {
    points.push_back({from, points.back().value});
    for (const Stage& stage : stages) {
        from += stage.length;
        points.push_back({from, stage.target});
    }
}

// A closed load: nobody, then `users` at `spawn_rate`, then the stages.
struct Shape {
    Duration start{};  // of the load
    Duration stages_from{};
    const std::vector<Stage>& stages;
    std::optional<Duration> end;
};

Curve users_over_time(const Shape& shape, double users, double spawn_rate) {
    std::vector<Point> points = {{Duration::zero(), 0}};
    if (shape.stages.empty()) {
        for (const Point& point : change_users(0, users, spawn_rate, shape.start)) {
            points.push_back(point);
        }
    } else {
        points.push_back({shape.start, 0});
        points.push_back({shape.start, users});
        add_stages(points, shape.stages, shape.stages_from);
    }
    if (shape.end) {
        points = Curve(std::move(points)).then(*shape.end, {}).points();
        points.push_back({*shape.end, 0});
    }
    return Curve(std::move(points));
}

Curve rate_over_time(const Shape& shape, double rate) {
    std::vector<Point> points = {{Duration::zero(), 0}, {shape.start, 0}, {shape.start, rate}};
    if (!shape.stages.empty()) {
        add_stages(points, shape.stages, shape.stages_from);
    }
    if (shape.end) {
        points = Curve(std::move(points)).then(*shape.end, {}).points();
        points.push_back({*shape.end, 0});
    }
    return Curve(std::move(points));
}

std::optional<Curve> ceiling_of(const Profile& profile) {
    if (!profile.request_increase_rate) {
        return profile.max_rps
                   ? std::optional(Curve::constant(static_cast<double>(*profile.max_rps)))
                   : std::nullopt;
    }
    const RateIncrease& increase = *profile.request_increase_rate;
    const double most =
        profile.max_rps ? static_cast<double>(*profile.max_rps) : increase.step * kMostSteps;
    std::vector<Point> points;
    for (int n = 1; n <= kMostSteps; ++n) {
        const double value = std::min(increase.step * n, most);
        const Duration from = increase.period * (n - 1);
        if (n > 1) {
            points.push_back({from, points.back().value});
        }
        points.push_back({from, value});
        if (value >= most) {
            break;
        }
    }
    return Curve(std::move(points));
}

Stream default_stream(const Profile& profile) {
    Stream stream;
    stream.arrival = profile.arrival;
    const Shape shape{{}, profile.warm_up, profile.stages, {}};
    const auto users = static_cast<double>(profile.spawn_count);
    if (profile.rate) {
        stream.model = Model::Open;
        stream.target = rate_over_time(shape, *profile.rate);
        stream.users = profile.spawn_count_given.is_given || profile.spawn_count != 1
                           ? profile.spawn_count
                           : kDefaultOpenUsers;
        return stream;
    }
    // Stages start from nobody, unless a number was given or there is a warm-up to fill.
    const bool starts_empty =
        !profile.stages.empty() && profile.spawn_count == 1 && profile.warm_up == Duration::zero();
    stream.target = users_over_time(shape, starts_empty ? 0 : users, effective_spawn_rate(profile));
    stream.users = static_cast<std::int64_t>(std::ceil(stream.target.peak()));
    return stream;
}

std::optional<Duration> length_of(const Scenario& scenario) {
    if (scenario.run_time) {
        return scenario.run_time;
    }
    return scenario.stages.empty() ? std::nullopt : std::optional(length_of(scenario.stages));
}

Stream stream_of(const Scenario& scenario, Duration start) {
    Stream stream;
    stream.case_name = scenario.case_name;
    stream.arrival = scenario.arrival;
    const auto length = length_of(scenario);
    const Shape shape{start, start, scenario.stages,
                      length ? std::optional(start + *length) : std::nullopt};
    if (scenario.rate) {
        stream.model = Model::Open;
        stream.target = rate_over_time(shape, *scenario.rate);
        stream.users = scenario.users.value_or(kDefaultOpenUsers);
        return stream;
    }
    const auto users =
        static_cast<double>(scenario.users.value_or(scenario.stages.empty() ? 1 : 0));
    stream.target =
        users_over_time(shape, users, scenario.spawn_rate.value_or(std::max(users, 1.0)));
    stream.users = static_cast<std::int64_t>(std::ceil(stream.target.peak()));
    return stream;
}

// Streams of the scenarios, and when the last one that ends has ended.
std::optional<Duration> add_scenarios(Schedule& schedule, const Profile& profile) {
    Duration next = profile.warm_up;
    Duration last{};
    bool is_endless = false;
    for (const Scenario& scenario : profile.scenarios) {
        const bool is_serial = profile.scenario_order == ScenarioOrder::Serial;
        const Duration start = (is_serial ? next : profile.warm_up) + scenario.start;
        schedule.streams.push_back(stream_of(scenario, start));
        const auto length = length_of(scenario);
        is_endless = is_endless || !length;
        next = start + length.value_or(Duration::zero());
        last = std::max(last, next);
    }
    return is_endless ? std::nullopt : std::optional(last);
}

}  // namespace

std::vector<Point> follow_stages(double now, const std::vector<Stage>& stages, Duration from) {
    std::vector<Point> points = {{from, now}};
    add_stages(points, stages, from);
    return points;
}

std::vector<Point> change_users(double now, double wanted, double users_per_second, Duration from) {
    if (wanted <= now) {
        return {{from, now}, {from, wanted}};
    }
    const Duration length = base::from_seconds((wanted - now) / users_per_second);
    return {{from, now}, {from + length, wanted}};
}

std::int64_t Schedule::users() const {
    std::int64_t sum = 0;
    for (const Stream& stream : streams) {
        sum += stream.users;
    }
    return sum;
}

double Schedule::target_users(Duration at) const {
    double sum = 0;
    for (const Stream& stream : streams) {
        sum += stream.model == Model::Closed ? std::ceil(stream.target.value(at) - 1e-9) : 0;
    }
    return sum;
}

double Schedule::target_rate(Duration at) const {
    double sum = 0;
    for (const Stream& stream : streams) {
        sum += stream.model == Model::Open ? stream.target.value(at) : 0;
    }
    return sum;
}

bool Schedule::is_open() const {
    return std::ranges::any_of(streams,
                               [](const Stream& stream) { return stream.model == Model::Open; });
}

Schedule schedule_of(const Profile& profile) {
    Schedule schedule;
    schedule.warm_up = profile.warm_up;
    schedule.ceiling = ceiling_of(profile);
    if (!profile.scenarios.empty()) {
        schedule.end = add_scenarios(schedule, profile);
    } else {
        schedule.streams.push_back(default_stream(profile));
        Duration from = profile.warm_up;
        int number = 0;
        for (const Stage& stage : profile.stages) {
            ++number;
            if (stage.length > Duration::zero()) {
                schedule.stages.push_back(
                    {fmt::format("stage {}: {} to {:g}", number,
                                 base::format_duration(stage.length), stage.target),
                     from, from + stage.length});
            }
            from += stage.length;
        }
        if (!profile.stages.empty()) {
            schedule.end = from;
        }
    }
    if (profile.run_time) {
        schedule.end = profile.warm_up + *profile.run_time;
    }
    return schedule;
}

std::vector<std::string> contradictions(const Profile& profile) {
    std::vector<std::string> result;
    const auto complain_if = [&](bool is_wrong, std::string_view text) {
        if (is_wrong) {
            result.emplace_back(text);
        }
    };
    const bool has_stages = !profile.stages.empty();
    const bool has_fraction = std::ranges::any_of(profile.stages, [](const Stage& stage) {
        return stage.target != std::floor(stage.target);
    });
    complain_if(profile.arrival == Arrival::Poisson && !profile.rate && profile.scenarios.empty(),
                "arrival says when iterations of the open model start: give a rate too");
    complain_if(profile.rate && profile.loop_count,
                "loop-count counts the iterations of a user, rate starts iterations whatever the "
                "users do: give one of them");
    const bool has_spawn_rate = profile.spawn_rate || profile.ramp_up;
    complain_if(profile.spawn_rate && profile.ramp_up,
                "ramp-up is spawn-count / spawn-rate: give one of them");
    complain_if(profile.rate && has_spawn_rate,
                "spawn-rate and ramp-up start users, rate starts iterations: give one of them");
    complain_if(has_stages && !profile.rate && has_spawn_rate,
                "stages say how fast users start: leave out spawn-rate and ramp-up");
    complain_if(has_stages && !profile.rate && has_fraction,
                "stages of users need whole numbers (stages of iterations need a rate to start "
                "from)");
    complain_if(profile.on_worker_join == OnWorkerJoin::Add &&
                    (has_stages || !profile.scenarios.empty() || profile.loop_count ||
                     profile.request_increase_rate),
                "on-worker-join=add goes with users or a rate only: leave out stages, scenarios, "
                "loop-count and request-increase-rate");
    complain_if(!profile.scenarios.empty() && (has_stages || profile.rate || has_spawn_rate),
                "with scenarios, rate, stages and spawn-rate stand in each scenario");
    for (const Scenario& scenario : profile.scenarios) {
        complain_if(scenario.rate && scenario.spawn_rate,
                    "a scenario has a rate or a spawn-rate, not both");
        complain_if(profile.scenario_order == ScenarioOrder::Serial && !length_of(scenario) &&
                        &scenario != &profile.scenarios.back(),
                    "scenarios one after another need a run-time or stages each");
    }
    return result;
}

}  // namespace boom::load
