// Why nothing seems to happen: every wait has a reason and a deadline, in words.
#include "base/duration.hpp"
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

constexpr std::size_t kMostNamed = 8;
// A silence shorter than this is not worth a word.
constexpr base::Duration kSilence = std::chrono::seconds(3);

std::string seconds(base::Duration duration) {
    return fmt::format("{:.1f} s", std::max(base::to_seconds(duration), 0.0));
}

// "w0 4/33, w1 8/33 and 5 more".
std::string list(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i) {
        text += (text.empty() ? "" : ", ") + names[i];
    }
    return names.size() > kMostNamed
               ? fmt::format("{} and {} more", text, names.size() - kMostNamed)
               : text;
}

}  // namespace

std::int64_t Master::target_users(const Peer& peer) const {
    if (!is_run_on() || !peer.part || !run_->load) {
        return 0;
    }
    const WorkerTally& tally = run_->tallies[*peer.part];
    // A run that was taken up again knows no share until it is shared out anew.
    const wire::Share& share = tally.share;
    const bool is_known = tally.state == PartState::Started && share.index < share.users.size();
    return is_known ? share.users[share.index] : 0;
}

std::vector<std::string> Master::waits() const {
    if (!is_run_on()) {
        return {};
    }
    std::vector<std::string> result;
    const auto name_of = [](const Peer& peer) {
        return peer.hello.name.empty() ? peer.hello.id : peer.hello.name;
    };
    std::vector<std::string> preparing;
    std::vector<std::string> without_rows;
    std::vector<std::string> spawning;
    std::vector<std::string> stopping;
    base::Duration longest{};
    for (const auto& peer : peers_) {
        if (!peer->part) {
            continue;
        }
        const WorkerTally& tally = run_->tallies[*peer->part];
        if (tally.state == PartState::Preparing) {
            preparing.push_back(name_of(*peer));
            longest = std::max(longest, clock_.now() - tally.since);
        } else if (tally.state == PartState::Prepared && run_->started) {
            without_rows.push_back(name_of(*peer));
        } else if (tally.state == PartState::Started && !peer->last.is_all_spawned) {
            spawning.push_back(
                fmt::format("{} {}/{}", name_of(*peer), peer->last.users, target_users(*peer)));
        }
        if (tally.is_live() && peer->last.users > 0) {
            stopping.push_back(fmt::format("{} {}", name_of(*peer), peer->last.users));
        }
    }
    if (!preparing.empty()) {
        result.push_back(fmt::format("{} fetch and compile the case, for {} of at most {}",
                                     list(preparing), seconds(longest),
                                     base::format_duration(run_->prepare_deadline())));
    }
    if (!without_rows.empty()) {
        result.push_back("unique rows that others give back are waited for by " +
                         list(without_rows));
    }
    if (run_->stop_asked) {
        const auto limit = *run_->stop_asked + run_->request.profile.stop_timeout;
        if (!stopping.empty()) {
            result.push_back(
                fmt::format("users with requests in flight: {}; cut {}", list(stopping),
                            run_->is_stop_forced ? "off" : "in " + seconds(limit - clock_.now())));
        }
    } else if (state_ == State::Spawning && !spawning.empty()) {
        result.push_back("users started: " + list(spawning));
    }
    if (std::string loss = loss_text(); !loss.empty()) {
        result.push_back(std::move(loss));
    }
    if (std::string silence = silence_text(); !silence.empty()) {
        result.push_back(std::move(silence));
    }
    return result;
}

// Nobody carries anything any more, and the run is not over.
std::string Master::loss_text() const {
    std::vector<std::string> lost;
    base::Duration left{};
    for (const WorkerTally& tally : run_->tallies) {
        if (tally.is_live()) {
            return {};
        }
        if (tally.is_lost() && !tally.is_gone) {
            lost.push_back(tally.name.empty() ? tally.id : tally.name);
            left = std::max(left, tally.since + kReturnGrace - clock_.now());
        }
    }
    if (!run_->started) {
        return {};
    }
    if (!lost.empty()) {
        return fmt::format("lost workers may come back and deliver: {}; {} left", list(lost),
                           seconds(left));
    }
    const bool is_done = is_due() || std::ranges::any_of(peers_, [](const auto& peer) {
                             return peer->has_finished;  // nothing was left to do
                         });
    return is_done ? std::string()
                   : fmt::format("no worker is left; one may join for {}",
                                 seconds(last_live_ + kReturnGrace - clock_.now()));
}

// Requests are out, and no answer comes in.
std::string Master::silence_text() const {
    stats::Waiting sum;
    for (const auto& peer : peers_) {
        if (peer->part && peer->state != State::Missing) {
            sum.add(peer->waiting);
        }
    }
    if (!run_->started || sum.requests == 0 || sum.oldest < kSilence ||
        clock_.now() - last_response_ < kSilence) {
        return {};
    }
    const bool has_none = last_response_ == *run_->started;
    return fmt::format(
        "{}: {} {} for the first byte, oldest {}",
        has_none ? "0 responses so far"
                 : fmt::format("no response for {}", seconds(clock_.now() - last_response_)),
        sum.requests, sum.requests == 1 ? "request waits" : "requests wait", seconds(sum.oldest));
}

}  // namespace boom::cluster
