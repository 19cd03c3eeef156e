#pragma once
// Parts of a load profile as people write them, and their text.

#include "base/units.hpp"
#include "load/worker_choice.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::load {

enum class Arrival { Constant, Poisson };
enum class ScenarioOrder { Together, Serial };

// Linear to `target` over `length`; no length is a jump.
struct Stage {
    base::Duration length{};
    double target = 0;
    bool operator==(const Stage&) const = default;
};

// The ceiling is `step`, and `step` more after each `period`.
struct RateIncrease {
    double step = 0;
    base::Duration period = std::chrono::seconds(1);
    bool operator==(const RateIncrease&) const = default;
};

// The load of one case of several.
struct Scenario {
    std::string case_name;
    std::optional<std::int64_t> users;
    std::optional<double> spawn_rate;
    std::optional<double> rate;
    std::vector<Stage> stages;
    Arrival arrival = Arrival::Constant;
    base::Duration start{};  // after the start of the run
    std::optional<base::Duration> run_time;
    WorkerChoice workers;
    bool operator==(const Scenario&) const = default;
};

// "30s:100"; several separated by commas.
[[nodiscard]] Parsed<std::vector<Stage>> parse_stages(std::string_view text);
[[nodiscard]] std::string format_stages(const std::vector<Stage>& stages);
// "100" or "100/5s".
[[nodiscard]] Parsed<RateIncrease> parse_rate_increase(std::string_view text);
[[nodiscard]] std::string format_rate_increase(const RateIncrease& increase);
// "case=login;users=10;stage=10s:5,10s:0;start=5s".
[[nodiscard]] Parsed<Scenario> parse_scenario(std::string_view text);
[[nodiscard]] std::string format_scenario(const Scenario& scenario);
// Iterations per second: "100", "100/s", "6000/m". Empty when it is none.
[[nodiscard]] std::optional<double> parse_rate(std::string_view text);

}  // namespace boom::load
