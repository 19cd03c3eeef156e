// What the HTTP API asks of a run that is on, and of one that waits for its time.
#include "base/log.hpp"
#include "boom/master_shell.hpp"

#include <fmt/format.h>

#include <thread>
#include <utility>

namespace boom::app {
namespace {

// A worker that is away must not hold up who asks; its share waits for it.
constexpr base::Duration kSettleWithin = std::chrono::seconds(2);
constexpr base::Duration kSettlePause = std::chrono::milliseconds(5);

// What is wrong with it, or empty.
std::string to_adjustment(const std::vector<load::Setting>& settings,
                          cluster::Adjustment& adjustment) {
    load::Profile profile;
    if (std::string what = load::apply(profile, settings); !what.empty()) {
        return what;
    }
    for (const load::Setting& setting : settings) {
        const std::string_view key = load::find_profile_field(setting.key)->key;
        if (key == "spawn-count") {
            adjustment.spawn_count = profile.spawn_count;
        } else if (key == "spawn-rate") {
            adjustment.spawn_rate = profile.spawn_rate;
        } else if (key == "max-rps") {
            adjustment.max_rps = profile.max_rps.value_or(0);
        } else if (key == "rate") {
            adjustment.rate = profile.rate.value_or(0);
        } else if (key == "stage") {
            adjustment.stages = profile.stages;
        } else {
            return fmt::format("'{}' cannot be changed while the run is on", setting.key);
        }
    }
    return {};
}

}  // namespace

web::Answer MasterShell::rebalance(const std::vector<load::Setting>& settings,
                                   const std::string& worker) {
    web::Answer answer = ask([this, settings, worker]() -> web::Answer {
        if (master_.run() == nullptr) {
            return {2, "no start"};
        }
        cluster::Adjustment adjustment;
        adjustment.worker = worker;
        if (std::string what = to_adjustment(settings, adjustment); !what.empty()) {
            return {2, what};
        }
        const std::string what = master_.rebalance(adjustment);
        return what.empty() ? web::Answer{} : web::Answer{2, what};
    });
    // Answered when every worker has its new share; repeated orders go on after that.
    const base::TimePoint limit = clock_.now() + kSettleWithin;
    const auto is_settled = [this]() -> web::Answer { return {master_.is_settled() ? 0 : 1, {}}; };
    while (answer.code == 0 && clock_.now() < limit && ask(is_settled).code == 1) {
        std::this_thread::sleep_for(kSettlePause);
    }
    return answer;
}

web::Answer MasterShell::start_later(const std::string& when, cluster::RunRequest run) {
    if (pending_) {
        return {2, "a start waits for its time already: /stop cancels it"};
    }
    const WallTime now = std::chrono::system_clock::now();
    const auto at = parse_start_time(when, now);
    if (!at) {
        return {2, fmt::format("'start-at': '{}' is no time: write 14:30, 2026-11-21T14:30:00Z or "
                               "+90s",
                               when)};
    }
    if (*at < now) {
        return {2, fmt::format("'start-at': {} has passed", when)};
    }
    pending_.emplace(PendingStart{*at, std::move(run)});
    base::log::info("a start waits for its time", {{"start-at", when}});
    return {};
}

void MasterShell::start_when_due() {
    if (!pending_ || std::chrono::system_clock::now() < pending_->at) {
        return;
    }
    PendingStart due = std::move(*pending_);
    pending_.reset();
    if (const std::string what = begin_run(std::move(due.request)); !what.empty()) {
        base::log::error("the scheduled start was refused", {{"reason", what}});
    }
}

}  // namespace boom::app
