#include "load/profile.hpp"

#include "base/suggest.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::load {
namespace {

// As files and the HTTP API call them.
constexpr std::array<std::array<std::string_view, 2>, 6> kOtherNames{{{"stages", "stage"},
                                                                      {"tags", "tag"},
                                                                      {"scenarios", "scenario"},
                                                                      {"thresholds", "threshold"},
                                                                      {"source-ips", "source-ip"},
                                                                      {"users", "spawn-count"}}};

std::string unknown_key(std::string_view key) {
    const std::vector<std::string_view> known = profile_keys();
    const std::string hint = base::did_you_mean(key, known);
    return fmt::format("unknown key '{}'{}", key, hint.empty() ? "" : fmt::format(" ({})", hint));
}

}  // namespace

const Field* find_profile_field(std::string_view key) {
    for (const auto& [other, proper] : kOtherNames) {
        key = key == other ? proper : key;
    }
    const std::span<const Field> fields = profile_fields();
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [key](const Field& field) { return field.key == key; });
    return found == fields.end() ? nullptr : &*found;
}

std::optional<std::string> judge_profiling_key(std::string_view key, std::string_view text) {
    const bool is_file = key == "cpu-profile" || key == "memory-profile";
    if (!is_file && key != "cpu-profile-duration" && key != "memory-profile-duration") {
        return std::nullopt;
    }
    return is_file && !base::trim(text).empty()
               ? fmt::format(
                     "'{}' is not built in: use perf, heaptrack or gperftools on the worker", key)
               : std::string();
}

std::vector<std::string_view> profile_keys() {
    std::vector<std::string_view> keys;
    for (const Field& field : profile_fields()) {
        keys.push_back(field.key);
    }
    return keys;
}

std::vector<Setting> settings(const Profile& profile, Which which) {
    const Profile defaults;
    std::vector<Setting> result;
    for (const Field& field : profile_fields()) {
        std::vector<std::string> texts = field.print(profile);
        if (which == Which::Changed && texts == field.print(defaults)) {
            continue;
        }
        for (std::string& text : texts) {
            result.push_back({std::string(field.key), std::move(text)});
        }
    }
    return result;
}

void start_afresh(Profile& profile, std::string_view key) {
    if (key == "stage") {
        profile.stages.clear();
    } else if (key == "scenario") {
        profile.scenarios.clear();
    } else if (key == "source-ip") {
        profile.source_ip.clear();
    }
}

std::string apply(Profile& profile, std::span<const Setting> settings) {
    const Field* previous = nullptr;
    for (const Setting& setting : settings) {
        const Field* field = find_profile_field(setting.key);
        if (field == nullptr) {
            return unknown_key(setting.key);
        }
        if (field != previous) {
            start_afresh(profile, field->key);
            previous = field;
        }
        const std::string complaint = field->set(profile, setting.text);
        if (!complaint.empty()) {
            return fmt::format("{} {}", setting.key, complaint);
        }
    }
    return {};
}

double effective_spawn_rate(const Profile& profile) {
    if (profile.spawn_rate) {
        return *profile.spawn_rate;
    }
    const auto users = static_cast<double>(std::max<std::int64_t>(profile.spawn_count, 1));
    return profile.ramp_up ? users / base::to_seconds(*profile.ramp_up) : users;
}

}  // namespace boom::load
