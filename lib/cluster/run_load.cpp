#include "cluster/run_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace boom::cluster {
namespace {

// Ordinals of users that one worker has for itself: apart from everybody else's.
constexpr std::int64_t kOwnOrdinals = 1'000'000'000;

double fraction_of(const std::vector<std::int64_t>& parts, std::size_t index) {
    const auto sum = std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
    return sum == 0 ? 0.0 : static_cast<double>(parts[index]) / static_cast<double>(sum);
}

// Capacities that are left when these users have their place.
void take_from(std::vector<load::Capacity>& capacities, const std::vector<std::int64_t>& users) {
    for (std::size_t i = 0; i < capacities.size(); ++i) {
        if (capacities[i]) {
            capacities[i] = *capacities[i] - users[i];
        }
    }
}

load::Curve changed(const std::optional<load::Curve>& curve, double value, base::Duration from) {
    const load::Point point{from, value};
    return curve ? curve->then(from, {&point, 1}) : load::Curve({point});
}

}  // namespace

RunLoad::RunLoad(const load::Profile& profile)
    : schedule_(load::schedule_of(profile)),
      spawn_rate_(load::effective_spawn_rate(profile)),
      is_cap_given_(!profile.rate || profile.spawn_count_given.is_given ||
                    profile.spawn_count != 1) {
    for (std::size_t s = 0; s < schedule_.streams.size(); ++s) {
        if (s < profile.scenarios.size()) {
            const load::Scenario& scenario = profile.scenarios[s];
            scenario_caps_.push_back(!scenario.rate || scenario.users);
        }
        const bool has_own =
            s < profile.scenarios.size() && !profile.scenarios[s].workers.is_auto();
        choices_.push_back(has_own ? profile.scenarios[s].workers : profile.workers);
    }
}

std::string RunLoad::share_out(const std::vector<Member>& members, base::Duration from,
                               std::vector<wire::Share>& shares) const {
    std::vector<load::Capacity> capacities;
    for (const Member& member : members) {
        capacities.push_back(member.capacity);
    }
    wire::Share whole;
    whole.users.resize(members.size(), 0);
    whole.spawn_rate = spawn_rate_;
    whole.ceiling = schedule_.ceiling;
    whole.from = from;
    std::vector<Member> left = members;  // what their machines allow beside other streams
    std::int64_t first_ordinal = 0;
    for (const load::Stream& stream : schedule_.streams) {
        Users users;
        if (std::string what = split_stream(whole.streams.size(), left, capacities, users);
            !what.empty()) {
            return what;
        }
        take_from(capacities, users);
        for (std::size_t i = 0; i < members.size(); ++i) {
            whole.users[i] += users[i];
            if (left[i].most) {
                left[i].most = std::max<std::int64_t>(*left[i].most - users[i], 0);
            }
        }
        whole.streams.push_back({stream.target, users, first_ordinal});
        first_ordinal += stream.users;
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        wire::Share& share = shares.emplace_back(whole);
        share.index = static_cast<std::uint32_t>(i);
        if (const auto own = own_.find(members[i].id); own != own_.end()) {
            apply_own(own->second, from, share);
        }
    }
    return {};
}

// The others' shares stay as they are: this one's part of the whole is carried by nobody.
void RunLoad::apply_own(const Own& own, base::Duration from, wire::Share& share) const {
    const std::size_t index = share.index;
    for (std::size_t s = 0; s < share.streams.size(); ++s) {
        wire::StreamShare& stream = share.streams[s];
        const bool is_open = schedule_.streams[s].model == load::Model::Open;
        const double fraction = fraction_of(stream.users, index);
        if (is_open && own.rate && fraction > 0) {
            // Its stripe passes this fraction of a rate.
            stream.target = changed(stream.target, *own.rate / fraction, from);
        }
        if (own.users) {
            std::fill(stream.users.begin(), stream.users.end(), 0);
            stream.users[index] = *own.users;
            stream.first_ordinal = kOwnOrdinals * static_cast<std::int64_t>(index + 1);
            if (is_open) {
                stream.target = stream.target.scaled(fraction);
            } else {
                stream.target = load::Curve::constant(static_cast<double>(*own.users));
            }
        }
    }
    const double fraction = fraction_of(share.users, index);
    if (own.ceiling && fraction > 0) {
        share.ceiling = *own.ceiling < 1
                            ? std::nullopt
                            : std::optional(changed(share.ceiling, *own.ceiling / fraction, from));
    }
}

std::string RunLoad::adjust(const Adjustment& adjustment, base::Duration from,
                            load::Profile& profile) {
    const bool wants_users = adjustment.spawn_count || adjustment.spawn_rate;
    if (adjustment.rate && !schedule_.is_open()) {
        return "the run has users and no rate: it cannot be given one while it is on";
    }
    const bool has_stages = !adjustment.stages.empty();
    if ((adjustment.rate || wants_users || has_stages) && schedule_.streams.size() > 1) {
        return "a run with scenarios can change its ceiling only";
    }
    if (has_stages && (adjustment.rate || wants_users)) {
        return "stages begin with what is wanted now: leave out rate, spawn-count and spawn-rate";
    }
    const auto has_fraction = [](const load::Stage& stage) {
        return stage.target != std::floor(stage.target);
    };
    if (!schedule_.is_open() && std::ranges::any_of(adjustment.stages, has_fraction)) {
        return "stages of users need whole numbers";
    }
    if (adjustment.worker.empty()) {
        return adjust_all(adjustment, from, profile);
    }
    if (has_stages) {
        return "stages are of the whole fleet, not of one worker";
    }
    if (adjustment.spawn_rate) {
        return "spawn-rate is of the whole fleet: the users of one worker change at once";
    }
    Own& own = own_[adjustment.worker];
    own.users = adjustment.spawn_count ? adjustment.spawn_count : own.users;
    own.rate = adjustment.rate ? adjustment.rate : own.rate;
    if (adjustment.max_rps) {
        own.ceiling = static_cast<double>(*adjustment.max_rps);
    }
    return {};
}

std::string RunLoad::adjust_all(const Adjustment& adjustment, base::Duration from,
                                load::Profile& profile) {
    load::Stream& stream = schedule_.streams.front();
    if (adjustment.spawn_rate) {
        profile.spawn_rate = adjustment.spawn_rate;
        profile.ramp_up.reset();
    }
    if (adjustment.spawn_count) {
        profile.spawn_count = *adjustment.spawn_count;
        stream.users = profile.spawn_count;
        is_cap_given_ = true;
    }
    spawn_rate_ = load::effective_spawn_rate(profile);
    if (adjustment.spawn_count && stream.model == load::Model::Closed) {
        const double now = std::ceil(stream.target.value(from) - 1e-9);
        stream.target = stream.target.then(
            from, load::change_users(now, static_cast<double>(stream.users), spawn_rate_, from));
    }
    if (adjustment.rate) {
        profile.rate = adjustment.rate;
        stream.target = changed(stream.target, *adjustment.rate, from);
    }
    if (!adjustment.stages.empty()) {
        follow_stages(adjustment.stages, from);
    } else if (adjustment.rate || adjustment.spawn_count) {
        stages_text_.clear();
    }
    if (adjustment.max_rps) {
        const std::int64_t ceiling = *adjustment.max_rps;
        profile.max_rps = ceiling < 1 ? std::nullopt : std::optional(ceiling);
        schedule_.ceiling =
            ceiling < 1
                ? std::nullopt
                : std::optional(changed(schedule_.ceiling, static_cast<double>(ceiling), from));
    }
    for (auto& [worker, own] : own_) {
        own.users = adjustment.spawn_count ? std::nullopt : own.users;
        own.rate = adjustment.rate ? std::nullopt : own.rate;
        own.ceiling = adjustment.max_rps ? std::nullopt : own.ceiling;
    }
    return {};
}

void RunLoad::follow_stages(const std::vector<load::Stage>& stages, base::Duration from) {
    load::Stream& stream = schedule_.streams.front();
    const bool is_open = stream.model == load::Model::Open;
    const double value = stream.target.value(from);
    const double now = is_open ? value : std::ceil(value - 1e-9);
    stream.target = stream.target.then(from, load::follow_stages(now, stages, from));
    stages_text_ = load::format_stages(stages);
    if (!is_open) {
        // Nobody wanted is left out, nor is a place kept for those of a peak that is over.
        double most = now;
        for (const load::Stage& stage : stages) {
            most = std::max(most, stage.target);
        }
        stream.users = static_cast<std::int64_t>(most);
    }
    for (auto& [worker, own] : own_) {
        own.users = is_open ? own.users : std::nullopt;
        own.rate = std::nullopt;
    }
}

std::int64_t RunLoad::target_users(base::Duration at) const {
    std::int64_t sum = 0;
    for (const load::Stream& stream : schedule_.streams) {
        sum += stream.model == load::Model::Open
                   ? stream.users
                   : static_cast<std::int64_t>(std::ceil(stream.target.value(at) - 1e-9));
    }
    return sum;
}

std::int64_t RunLoad::target_users(const wire::Share& share, base::Duration at) const {
    std::int64_t sum = 0;
    for (std::size_t s = 0; s < share.streams.size(); ++s) {
        const wire::StreamShare& stream = share.streams[s];
        sum += schedule_.streams[s].model == load::Model::Open
                   ? stream.users[share.index]
                   : std::llround(std::ceil(stream.target.value(at) - 1e-9) *
                                  fraction_of(stream.users, share.index));
    }
    return sum;
}

bool RunLoad::has_own_users() const {
    return std::ranges::any_of(own_, [](const auto& one) { return one.second.users.has_value(); });
}

bool RunLoad::has_own_parts() const {
    return std::ranges::any_of(own_, [](const auto& one) {
        return one.second.users || one.second.rate || one.second.ceiling;
    });
}

std::string RunLoad::describe(base::Duration at) const {
    std::string text;
    for (const load::Stream& stream : schedule_.streams) {
        text += text.empty() ? "" : ", ";
        const double now = stream.target.value(at);
        if (!stream.case_name.empty()) {
            text += stream.case_name + ": ";
        }
        text += stream.model == load::Model::Open
                    ? fmt::format("{:g} iterations/s by at most {} users", now, stream.users)
                    : fmt::format("{} users", stream.users);
    }
    if (!stages_text_.empty()) {
        text += ", stages " + stages_text_;
    }
    for (const auto& [worker, own] : own_) {
        if (own.users) {
            text += fmt::format(", but {} users of {}", *own.users, worker);
        }
    }
    return text;
}

}  // namespace boom::cluster
