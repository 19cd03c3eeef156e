#include "load/load_fields.hpp"

#include "base/address.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <cmath>
#include <utility>

namespace boom::load {
namespace {

// -1 is how the reference writes "none".
bool is_none(std::string_view text) {
    return base::trim(text) == "-1";
}

bool is_literal_address(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

std::string complaint(std::string_view wanted, std::string_view text) {
    return fmt::format("{}, got '{}'", wanted, base::shorten(text, 80));
}

std::string set_spawn_rate(Profile& profile, std::string_view text) {
    const auto number = base::parse_real(base::trim(text));
    if (!number || !std::isfinite(*number) || *number <= 0) {
        return complaint("must be a number of users per second above 0", text);
    }
    profile.spawn_rate = *number;
    return {};
}

FieldTexts print_spawn_rate(const Profile& profile) {
    return profile.spawn_rate ? FieldTexts{fmt::format("{}", *profile.spawn_rate)} : FieldTexts{};
}

std::string set_request_increase_rate(Profile& profile, std::string_view text) {
    if (is_none(text)) {
        profile.request_increase_rate.reset();
        return {};
    }
    auto increase = parse_rate_increase(text);
    if (auto* what = std::get_if<std::string>(&increase)) {
        return *what;
    }
    profile.request_increase_rate = std::get<RateIncrease>(increase);
    return {};
}

FieldTexts print_request_increase_rate(const Profile& profile) {
    return profile.request_increase_rate
               ? FieldTexts{format_rate_increase(*profile.request_increase_rate)}
               : FieldTexts{};
}

std::string set_rate(Profile& profile, std::string_view text) {
    const auto rate = parse_rate(text);
    if (!rate && !is_none(text)) {
        return complaint("must be a number of iterations per second such as 100 or 600/m", text);
    }
    profile.rate = rate;
    return {};
}

FieldTexts print_rate(const Profile& profile) {
    return profile.rate ? FieldTexts{fmt::format("{}", *profile.rate)} : FieldTexts{};
}

std::string add_stages(Profile& profile, std::string_view text) {
    auto stages = parse_stages(text);
    if (auto* what = std::get_if<std::string>(&stages)) {
        return *what;
    }
    for (const Stage& stage : std::get<std::vector<Stage>>(stages)) {
        profile.stages.push_back(stage);
    }
    return {};
}

FieldTexts print_stages(const Profile& profile) {
    FieldTexts texts;
    for (const Stage& stage : profile.stages) {
        texts.push_back(format_stages({stage}));
    }
    return texts;
}

std::string set_arrival(Profile& profile, std::string_view text) {
    const std::string word = base::to_lower(base::trim(text));
    if (word != "constant" && word != "poisson") {
        return complaint("must be constant or poisson", text);
    }
    profile.arrival = word == "poisson" ? Arrival::Poisson : Arrival::Constant;
    return {};
}

FieldTexts print_arrival(const Profile& profile) {
    return {profile.arrival == Arrival::Poisson ? "poisson" : "constant"};
}

std::string add_scenario(Profile& profile, std::string_view text) {
    auto scenario = parse_scenario(text);
    if (auto* what = std::get_if<std::string>(&scenario)) {
        return *what;
    }
    profile.scenarios.push_back(std::get<Scenario>(std::move(scenario)));
    return {};
}

FieldTexts print_scenarios(const Profile& profile) {
    FieldTexts texts;
    for (const Scenario& scenario : profile.scenarios) {
        texts.push_back(format_scenario(scenario));
    }
    return texts;
}

std::string set_scenario_order(Profile& profile, std::string_view text) {
    const std::string word = base::to_lower(base::trim(text));
    if (word != "together" && word != "serial") {
        return complaint("must be together or serial", text);
    }
    profile.scenario_order = word == "serial" ? ScenarioOrder::Serial : ScenarioOrder::Together;
    return {};
}

FieldTexts print_scenario_order(const Profile& profile) {
    return {profile.scenario_order == ScenarioOrder::Serial ? "serial" : "together"};
}

std::string set_min_delivery(Profile& profile, std::string_view text) {
    std::string_view number = base::trim(text);
    if (!number.empty() && number.back() == '%') {
        number.remove_suffix(1);
    }
    const auto percent = base::parse_real(base::trim(number));
    if (!percent || !(*percent >= 0 && *percent <= 100)) {
        return complaint("must be a percentage from 0 to 100 such as 99%", text);
    }
    profile.min_delivery_percent = *percent;
    return {};
}

FieldTexts print_min_delivery(const Profile& profile) {
    return {fmt::format("{}%", profile.min_delivery_percent)};
}

std::string set_seed(Profile& profile, std::string_view text) {
    const std::string_view digits = base::trim(text);
    const char* const last = digits.data() + digits.size();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), last, number);
    if (error != std::errc{} || end != last) {
        return complaint("must be a whole number from 0 to 18446744073709551615", text);
    }
    profile.seed = number;
    return {};
}

FieldTexts print_seed(const Profile& profile) {
    return {fmt::format("{}", profile.seed)};
}

std::string set_workers(Profile& profile, std::string_view text) {
    auto choice = parse_worker_choice(text);
    if (auto* what = std::get_if<std::string>(&choice)) {
        return *what;
    }
    profile.workers = std::get<WorkerChoice>(std::move(choice));
    return {};
}

FieldTexts print_workers(const Profile& profile) {
    return {format_worker_choice(profile.workers)};
}

// One or several, separated by commas.
std::string add_source_ip(Profile& profile, std::string_view text) {
    FieldTexts addresses;
    for (const std::string_view part : base::split_text(text, ',')) {
        addresses.emplace_back(base::trim(part));
        if (!is_literal_address(addresses.back())) {
            return complaint("must be an IPv4 or IPv6 address", text);
        }
    }
    profile.source_ip.insert(profile.source_ip.end(), addresses.begin(), addresses.end());
    return {};
}

std::string set_samples(Profile& profile, std::string_view text) {
    constexpr std::string_view kOneIn = "1-in-";
    const std::string_view word = base::trim(text);
    if (word == "all") {
        profile.samples = {};
    } else if (word == "errors") {
        profile.samples = {Samples::Kind::Errors, 1};
    } else {
        const auto number = word.substr(0, kOneIn.size()) == kOneIn
                                ? base::parse_integer(word.substr(kOneIn.size()))
                                : std::nullopt;
        if (!number || *number < 1) {
            return complaint("must be all, errors or 1-in-N", text);
        }
        profile.samples = {Samples::Kind::OneIn, *number};
    }
    return {};
}

FieldTexts print_samples(const Profile& profile) {
    switch (profile.samples.kind) {
        case Samples::Kind::All:
            return {"all"};
        case Samples::Kind::Errors:
            return {"errors"};
        case Samples::Kind::OneIn:
            return {fmt::format("1-in-{}", profile.samples.one_in)};
    }
    return {};
}

std::string set_gateway(Profile& profile, std::string_view text) {
    constexpr int kAnyPort = 1;
    if (!base::trim(text).empty() && !base::parse_address(text, kAnyPort)) {
        return complaint("must be HOST:PORT, :PORT or http://HOST:PORT", text);
    }
    profile.prometheus_gateway = std::string(base::trim(text));
    return {};
}

}  // namespace boom::load
