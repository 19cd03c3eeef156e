// Which workers carry which stream of a run's load, and how many of its users each.
#include "cluster/run_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::cluster {
namespace {

using Kind = load::WorkerChoice::Kind;

bool is_meant(const load::WorkerChoice::Part& part, const RunLoad::Member& member) {
    return part.worker == member.id || (!member.name.empty() && part.worker == member.name);
}

// Which part of the choice a member is; -1: none. Everybody is part 0 of "auto".
int part_of(const load::WorkerChoice& choice, const RunLoad::Member& member) {
    if (choice.is_auto()) {
        return 0;
    }
    const auto part = std::find_if(choice.parts.begin(), choice.parts.end(),
                                   [&](const auto& one) { return is_meant(one, member); });
    return part == choice.parts.end() ? -1 : static_cast<int>(part - choice.parts.begin());
}

std::string names_of(const std::vector<RunLoad::Member>& members) {
    constexpr std::size_t kMost = 20;
    std::string text;
    for (std::size_t i = 0; i < members.size() && i < kMost; ++i) {
        const RunLoad::Member& one = members[i];
        text += fmt::format("{}{}", text.empty() ? "" : ", ", one.name.empty() ? one.id : one.name);
    }
    return members.size() > kMost ? text + ", …" : text;
}

}  // namespace

std::string RunLoad::check_choice(const std::vector<Member>& members) const {
    for (const load::WorkerChoice& choice : choices_) {
        for (const load::WorkerChoice::Part& part : choice.parts) {
            const auto count = std::count_if(members.begin(), members.end(),
                                             [&](const Member& m) { return is_meant(part, m); });
            if (count == 0) {
                return fmt::format("no worker '{}' is ready; there are: {}", part.worker,
                                   names_of(members));
            }
            if (count > 1 && choice.kind == Kind::Ratio) {
                return fmt::format("{} workers are called '{}': give their ids", count,
                                   part.worker);
            }
        }
    }
    return {};
}

bool RunLoad::may_carry(const Member& member) const {
    return std::any_of(choices_.begin(), choices_.end(), [&](const load::WorkerChoice& choice) {
        return part_of(choice, member) >= 0;
    });
}

bool RunLoad::is_cap_given(std::size_t stream) const {
    return stream < scenario_caps_.size() ? scenario_caps_[stream] : is_cap_given_;
}

std::string RunLoad::split_stream(std::size_t stream, const std::vector<Member>& members,
                                  const std::vector<load::Capacity>& capacities,
                                  Users& users) const {
    const load::WorkerChoice& choice = choices_[stream];
    std::vector<std::size_t> chosen;
    std::vector<load::Capacity> room;
    std::vector<std::int64_t> weights;  // of a ratio
    std::int64_t declared = 0;          // before other streams took their part
    std::int64_t left = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const int part = part_of(choice, members[i]);
        if (part < 0) {
            continue;
        }
        constexpr double kScale = 1e9;
        chosen.push_back(i);
        room.push_back(capacities[i]);
        declared += members[i].capacity.value_or(0);
        left += capacities[i].value_or(0);
        weights.push_back(
            choice.kind == Kind::Ratio
                ? std::llround(choice.parts[static_cast<std::size_t>(part)].ratio * kScale)
                : 0);
    }
    users.assign(members.size(), 0);
    const bool all_declared =
        std::ranges::all_of(room, [](const load::Capacity& one) { return one.has_value(); });
    std::int64_t wanted = schedule_.streams[stream].users;
    if (chosen.empty()) {
        return {};  // those who were chosen are away: nobody carries it
    }
    if (!is_cap_given(stream) && all_declared) {
        wanted = std::min(wanted, left);
    }
    const auto parts = choice.kind == Kind::Ratio ? std::optional(load::split(wanted, weights))
                                                  : load::split_by_capacity(wanted, room);
    if (!parts) {
        return fmt::format(
            "{} users are asked for, but the --max-users of {} add up to {}: add workers or raise "
            "--max-users",
            choice.is_auto() ? schedule_.users() : wanted,
            choice.is_auto() ? "the workers" : "those that were chosen", declared);
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const auto most = members[chosen[i]].most;
        users[chosen[i]] =
            !is_cap_given(stream) && most ? std::min((*parts)[i], *most) : (*parts)[i];
        if (room[i] && (*parts)[i] > *room[i]) {
            return fmt::format(
                "{} users of the ratio fall to worker {}, but its --max-users leaves {}",
                (*parts)[i], members[chosen[i]].id, *room[i]);
        }
    }
    return {};
}

}  // namespace boom::cluster
