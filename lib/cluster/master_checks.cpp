// What is looked at before a run starts: the choice of workers, and what their machines allow.
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <utility>

namespace boom::cluster {
namespace {

// Files, links and outputs of the process itself.
constexpr std::int64_t kOwnDescriptors = 32;
// How long a port that was closed cannot be used again.
constexpr double kTimeWaitSeconds = 60;
constexpr std::int64_t kClockToleranceMs = 5000;

}  // namespace

RunLoad::Member Master::member_of(const Peer& peer) {
    RunLoad::Member member{peer.hello.id, peer.hello.max_users, peer.hello.name, std::nullopt};
    if (peer.hello.descriptor_limit > 0) {
        member.most = std::max<std::int64_t>(peer.hello.descriptor_limit - kOwnDescriptors, 1);
    }
    return member;
}

// The run may use it at all: by its room, by its name.
bool Master::is_meant(const Peer& peer) const {
    const std::string& room = run_->request.profile.room;
    return (room.empty() || room == peer.hello.room) && run_->load->may_carry(member_of(peer));
}

// What is wrong with the choice of workers, or empty.
std::string Master::check_choice(const std::vector<Peer*>& all) const {
    const std::string& room = run_->request.profile.room;
    std::vector<RunLoad::Member> members;
    std::map<std::string, int> rooms;
    for (const Peer* peer : all) {
        ++rooms[peer->hello.room.empty() ? "none" : peer->hello.room];
        if (room.empty() || room == peer->hello.room) {
            members.push_back(member_of(*peer));
        }
    }
    if (!room.empty() && members.empty()) {
        std::string text;
        for (const auto& [name, count] : rooms) {
            text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", name, count);
        }
        return fmt::format("no worker stands in room '{}'; there are: {}", room, text);
    }
    return run_->load->check_choice(members);
}

// Why these shares cannot be carried, or empty.
std::string Master::check_descriptors(const std::vector<Peer*>& all,
                                      const std::vector<wire::Share>& shares) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        const wire::Hello& hello = all[i]->hello;
        const std::int64_t users = shares[i].users[i];
        if (hello.descriptor_limit > 0 && users + kOwnDescriptors > hello.descriptor_limit) {
            return fmt::format(
                "{} users fall to worker {}, but it may open {} files and needs {} of them for "
                "itself: raise `ulimit -n` there, or add workers",
                users, hello.id, hello.descriptor_limit, kOwnDescriptors);
        }
    }
    return {};
}

// What may go wrong becomes a note of the run.
void Master::note_limits(const std::vector<Peer*>& all, const std::vector<wire::Share>& shares) {
    const load::Profile& profile = run_->request.profile;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const wire::Hello& hello = all[i]->hello;
        const std::int64_t users = shares[i].users[i];
        const double per_second =
            (profile.max_rps ? static_cast<double>(*profile.max_rps) : profile.rate.value_or(0)) /
            static_cast<double>(all.size());
        const auto ports = static_cast<double>(hello.ephemeral_ports);
        if (hello.ephemeral_ports > 0 && static_cast<double>(users) > ports) {
            run_->notes.push_back(fmt::format(
                "worker {} has {} local ports for {} users: connections to one target will fail",
                hello.id, hello.ephemeral_ports, users));
        } else if (profile.disable_keepalive && ports > 0 &&
                   per_second * kTimeWaitSeconds > ports) {
            run_->notes.push_back(
                fmt::format("worker {} has {} local ports: at {:.0f} new connections a second "
                            "they are used up after {:.0f} s",
                            hello.id, hello.ephemeral_ports, per_second, ports / per_second));
        }
        if (std::llabs(all[i]->clock_ahead_ms) > kClockToleranceMs) {
            run_->notes.push_back(fmt::format(
                "the clock of worker {} is {:.0f} s {}: results are stamped by the master, but "
                "the worker's own log is not",
                hello.id, static_cast<double>(std::llabs(all[i]->clock_ahead_ms)) / 1000,
                all[i]->clock_ahead_ms > 0 ? "ahead" : "behind"));
        }
    }
}

void Master::note_clock(Peer& peer) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    peer.clock_ahead_ms = peer.hello.unix_ms > 0 ? peer.hello.unix_ms - now.count() : 0;
}

}  // namespace boom::cluster
