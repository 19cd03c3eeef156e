// Who comes while the run is on: prepared at once, started one after the other with its rows.
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace boom::cluster {
namespace {

// Not for a run that is nearly over.
constexpr base::Duration kLatestJoin = std::chrono::seconds(1);

}  // namespace

void Master::admit_newcomers() {
    const load::Profile& profile = run_->request.profile;
    const std::optional<base::Duration> end = run_->load->schedule().end;
    const bool is_nearly_over =
        run_->stop_asked || profile.loop_count || (end && elapsed() + kLatestJoin > *end);
    if (is_nearly_over || (state_ != State::Spawning && state_ != State::Running)) {
        return;
    }
    for (const auto& peer : peers_) {
        if (!is_free(*peer)) {
            continue;
        }
        // What changes until it is ready is sent then.
        if (const auto share = share_of_newcomer(*peer)) {
            prepare(*peer, *share);
        }
    }
}

// As it would be if it started now; nothing when it cannot have one.
std::optional<wire::Share> Master::share_of_newcomer(Peer& newcomer) {
    std::vector<Peer*> holders = peers_in({PartState::Started});
    holders.push_back(&newcomer);
    std::vector<wire::Share> shares;
    if (!share_out(holders, shares).empty()) {
        return std::nullopt;
    }
    shares.back().revision = run_->revision;
    return shares.back();
}

// With on-worker-join=add who was not there before brings as much as each of the others carries.
void Master::bring_load(Peer& newcomer) {
    const load::Profile& profile = run_->request.profile;
    const auto others = static_cast<std::int64_t>(peers_in({PartState::Started}).size());
    const bool was_here =
        std::count_if(run_->tallies.begin(), run_->tallies.end(), [&](const WorkerTally& tally) {
            return tally.id == newcomer.hello.id && tally.is_start_confirmed;
        }) > 0;
    if (profile.on_worker_join != load::OnWorkerJoin::Add || others == 0 || was_here) {
        return;
    }
    const double scale = static_cast<double>(others + 1) / static_cast<double>(others);
    Adjustment adjustment;
    if (profile.rate) {
        adjustment.rate = *profile.rate * scale;
    } else {
        const std::int64_t each = (profile.spawn_count + others - 1) / others;
        adjustment.spawn_count =
            profile.spawn_count + std::min(each, newcomer.hello.max_users.value_or(each));
    }
    if (profile.max_rps) {
        adjustment.max_rps = std::llround(static_cast<double>(*profile.max_rps) * scale);
    }
    const base::Duration from = elapsed() + kAdjustAfter;
    if (const std::string complaint = run_->load->adjust(adjustment, from, run_->request.profile);
        !complaint.empty()) {
        tell(newcomer, "brings no load of its own: " + complaint);
        return;
    }
    run_->adjustments.push_back({std::move(adjustment), from});
}

// False: one of them waits for its rows.
bool Master::start_newcomers() {
    std::vector<Peer*> newcomers = peers_in({PartState::Prepared});
    // One after the other: whoever starts in between would have to be asked too.
    std::stable_partition(newcomers.begin(), newcomers.end(),
                          [this](const Peer* peer) { return tally_of(*peer)->has_asked_for_rows; });
    for (Peer* peer : newcomers) {
        if (is_recall_open()) {
            return false;
        }
        if (!run_->rows.is_idle() && !tally_of(*peer)->has_asked_for_rows) {
            recall_rows_for(*peer);
            return false;
        }
        if (!run_->rows.is_idle() && is_worth_waiting(*peer)) {
            return false;
        }
        bring_load(*peer);
        // The share first: it begins when the others give theirs up, and not before.
        tally_of(*peer)->state = PartState::Started;
        redistribute("joined", peer->hello.id);
        deal_rows(peer);
        start_part(*peer);
    }
    return true;
}

}  // namespace boom::cluster
