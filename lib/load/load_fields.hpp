#pragma once
// Reading and printing of the keys that shape the load over time: private to this module.

#include "load/profile.hpp"

namespace boom::load {

using FieldTexts = std::vector<std::string>;

// "must be a number, got 'x'"
[[nodiscard]] std::string complaint(std::string_view wanted, std::string_view text);
std::string set_spawn_rate(Profile& profile, std::string_view text);
FieldTexts print_spawn_rate(const Profile& profile);
std::string set_request_increase_rate(Profile& profile, std::string_view text);
FieldTexts print_request_increase_rate(const Profile& profile);
std::string set_rate(Profile& profile, std::string_view text);
FieldTexts print_rate(const Profile& profile);
std::string add_stages(Profile& profile, std::string_view text);
FieldTexts print_stages(const Profile& profile);
std::string set_arrival(Profile& profile, std::string_view text);
FieldTexts print_arrival(const Profile& profile);
std::string add_scenario(Profile& profile, std::string_view text);
FieldTexts print_scenarios(const Profile& profile);
std::string set_scenario_order(Profile& profile, std::string_view text);
FieldTexts print_scenario_order(const Profile& profile);
std::string set_min_delivery(Profile& profile, std::string_view text);
FieldTexts print_min_delivery(const Profile& profile);
std::string set_seed(Profile& profile, std::string_view text);
FieldTexts print_seed(const Profile& profile);
std::string set_workers(Profile& profile, std::string_view text);
FieldTexts print_workers(const Profile& profile);
std::string set_samples(Profile& profile, std::string_view text);
FieldTexts print_samples(const Profile& profile);
std::string set_gateway(Profile& profile, std::string_view text);
std::string add_source_ip(Profile& profile, std::string_view text);

}  // namespace boom::load
