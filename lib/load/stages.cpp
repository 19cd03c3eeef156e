#include "load/stages.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace boom::load {
namespace {

// No machine gets there, and sums of larger ones would lose their last digits.
constexpr double kLargestTarget = 1e9;

std::string complaint(std::string_view wanted, std::string_view text) {
    return fmt::format("{}, got '{}'", wanted, base::shorten(text, 80));
}

std::optional<double> parse_amount(std::string_view text) {
    const auto number = base::parse_real(base::trim(text));
    const bool is_amount =
        number && std::isfinite(*number) && *number >= 0 && *number <= kLargestTarget;
    return is_amount ? number : std::nullopt;
}

constexpr std::string_view kStageWanted =
    "must be DURATION:TARGET such as 30s:100, several separated by commas";

std::optional<Stage> parse_stage(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto length = base::parse_duration(base::trim(text.substr(0, colon)));
    const auto target = parse_amount(text.substr(colon + 1));
    if (!length || !target) {
        return std::nullopt;
    }
    return Stage{*length, *target};
}

// One "key=value" of a scenario; what is wrong, or empty.
std::string set_part(Scenario& scenario, std::string_view key, std::string_view value) {
    if (key == "case") {
        scenario.case_name = value;
        return {};
    }
    if (key == "users" || key == "spawn-count") {
        scenario.users = base::parse_integer(value);
        return scenario.users && *scenario.users >= 0
                   ? ""
                   : complaint("'users' must be a whole number of at least 0", value);
    }
    if (key == "spawn-rate" || key == "rate") {
        const auto number = key == "rate" ? parse_rate(value) : parse_amount(value);
        (key == "rate" ? scenario.rate : scenario.spawn_rate) = number;
        return number && (key == "rate" || *number > 0)
                   ? ""
                   : complaint(fmt::format("'{}' must be a number per second", key), value);
    }
    if (key == "start" || key == "run-time") {
        const auto time = base::parse_duration(value);
        if (!time) {
            return complaint(fmt::format("'{}' must be a duration such as 30s", key), value);
        }
        if (key == "start") {
            scenario.start = *time;
        } else {
            scenario.run_time = *time;
        }
        return {};
    }
    if (key == "stage" || key == "stages") {
        auto stages = parse_stages(value);
        if (auto* what = std::get_if<std::string>(&stages)) {
            return *what;
        }
        scenario.stages = std::get<std::vector<Stage>>(std::move(stages));
        return {};
    }
    if (key == "arrival") {
        scenario.arrival = value == "poisson" ? Arrival::Poisson : Arrival::Constant;
        return value == "poisson" || value == "constant"
                   ? ""
                   : complaint("'arrival' must be constant or poisson", value);
    }
    if (key == "workers") {
        auto choice = parse_worker_choice(value);
        if (auto* what = std::get_if<std::string>(&choice)) {
            return "workers: " + *what;
        }
        scenario.workers = std::get<WorkerChoice>(std::move(choice));
        return {};
    }
    return fmt::format(
        "has an unknown part '{}'; known are case, users, spawn-rate, rate, stages, arrival, "
        "start, run-time, workers",
        base::shorten(key, 80));
}

}  // namespace

Parsed<std::vector<Stage>> parse_stages(std::string_view text) {
    std::vector<Stage> stages;
    for (const std::string_view part : base::split_text(text, ',')) {
        const auto stage = parse_stage(base::trim(part));
        if (!stage) {
            return complaint(kStageWanted, text);
        }
        stages.push_back(*stage);
    }
    return stages;
}

std::string format_stages(const std::vector<Stage>& stages) {
    std::string text;
    for (const Stage& stage : stages) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", base::format_duration(stage.length),
                            stage.target);
    }
    return text;
}

Parsed<RateIncrease> parse_rate_increase(std::string_view text) {
    const std::string_view trimmed = base::trim(text);
    const std::size_t slash = trimmed.find('/');
    RateIncrease increase;
    const auto step = parse_amount(trimmed.substr(0, slash));
    bool is_good = step && *step > 0;
    if (slash != std::string_view::npos) {
        const std::string_view period = trimmed.substr(slash + 1);
        const auto length = base::parse_duration(period);
        // "200/1" says neither seconds nor minutes.
        const bool has_unit = !period.empty() && (period.back() < '0' || period.back() > '9');
        is_good = is_good && has_unit && length && *length > base::Duration::zero();
        increase.period = length.value_or(increase.period);
    }
    if (!is_good) {
        return complaint("must be a number of requests per second such as 100 or 100/5s", text);
    }
    increase.step = *step;
    return increase;
}

std::string format_rate_increase(const RateIncrease& increase) {
    return fmt::format("{}/{}", increase.step, base::format_duration(increase.period));
}

std::optional<double> parse_rate(std::string_view text) {
    std::string_view number = base::trim(text);
    const std::size_t slash = number.find('/');
    double per = 1;
    if (slash != std::string_view::npos) {
        const std::string_view unit = base::trim(number.substr(slash + 1));
        if (unit == "m" || unit == "min") {
            per = 60;
        } else if (unit == "h") {
            per = 3600;
        } else if (unit != "s") {
            return std::nullopt;
        }
        number = number.substr(0, slash);
    }
    const auto amount = parse_amount(number);
    return amount ? std::optional(*amount / per) : std::nullopt;
}

Parsed<Scenario> parse_scenario(std::string_view text) {
    Scenario scenario;
    for (const std::string_view part : base::split_text(text, ';')) {
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) {
            return complaint("must be case=NAME;users=N;rate=R;stages=D:N,…;start=D", text);
        }
        const std::string_view key = base::trim(part.substr(0, equals));
        std::string what = set_part(scenario, key, base::trim(part.substr(equals + 1)));
        if (!what.empty()) {
            return what;
        }
    }
    if (scenario.case_name.empty()) {
        return complaint("must name its case (case=NAME)", text);
    }
    return scenario;
}

std::string format_scenario(const Scenario& scenario) {
    std::string text = "case=" + scenario.case_name;
    if (scenario.users) {
        text += fmt::format(";users={}", *scenario.users);
    }
    if (scenario.spawn_rate) {
        text += fmt::format(";spawn-rate={}", *scenario.spawn_rate);
    }
    if (scenario.rate) {
        text += fmt::format(";rate={}", *scenario.rate);
    }
    if (!scenario.stages.empty()) {
        text += ";stages=" + format_stages(scenario.stages);
    }
    if (scenario.arrival == Arrival::Poisson) {
        text += ";arrival=poisson";
    }
    if (scenario.start > base::Duration::zero()) {
        text += ";start=" + base::format_duration(scenario.start);
    }
    if (!scenario.workers.is_auto()) {
        text += ";workers=" + format_worker_choice(scenario.workers);
    }
    if (scenario.run_time) {
        text += ";run-time=" + base::format_duration(*scenario.run_time);
    }
    return text;
}

}  // namespace boom::load
