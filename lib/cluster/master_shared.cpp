// Variables of the whole fleet: the order in which they come in here holds for everybody, the one
// who set it too. What is told is in the journal before, and is told until a heartbeat has it.
#include "cluster/master.hpp"
#include "user/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

// A heartbeat that is this much younger than what was told has it, or it was lost.
constexpr base::Duration kRepeatAfter = std::chrono::seconds(1);

}  // namespace

void Master::on(Peer& peer, wire::Shared& m) {
    WorkerTally* tally = part_of(peer, m.part);
    if (tally == nullptr || run_->end != RunEnd::None) {
        // Of a run that nobody waits for any more: let the worker forget it.
        send(peer, wire::Ack{m.part, 0, true, 0});
        return;
    }
    shared_senders_[m.part.number] = peer.link;
    if (m.oldest > tally->shared_accepted + 1) {
        // Acknowledged by a master that we took over from, but not in its journal.
        tally->shared_accepted = m.oldest - 1;
    }
    if (m.sequence == tally->shared_accepted + 1) {
        ++tally->shared_accepted;
        set_variable(peer, m);
    }
}

void Master::set_variable(Peer& peer, wire::Shared& m) {
    using Limits = user::SharedVariables;
    const auto found = run_->shared.find(m.name);
    if ((found == run_->shared.end() && run_->shared.size() >= Limits::kMaxNames) ||
        m.name.size() > Limits::kMaxValueBytes || m.json.size() > Limits::kMaxValueBytes) {
        const std::string complaint =
            fmt::format("shared variables beyond {} names, or of more than {} bytes, are ignored",
                        Limits::kMaxNames, Limits::kMaxValueBytes);
        if (const auto text = peer.messages.admit(complaint, clock_.now())) {
            tell(peer, *text);
        }
        return;
    }
    m.from_part = m.part.number;
    m.order = ++run_->shared_order;
    run_->shared.insert_or_assign(m.name, std::move(m));
}

// Who joins after a change of masters gets what the others have: it is in the journal before.
void Master::spread_variables() {
    if (!is_run_on() || run_->shared_order == 0) {
        shared_senders_.clear();
        return;
    }
    if (!shared_senders_.empty()) {
        write_journal();
    }
    for (const auto& [number, link] : std::exchange(shared_senders_, {})) {
        const WorkerTally& tally = run_->tallies[number - 1];
        link_.send(link,
                   wire::encode(wire::Ack{tally.prepare.part, 0, false, tally.shared_accepted}));
    }
    std::vector<Peer*> behind = peers_in({PartState::Started, PartState::Leaving});
    std::erase_if(behind, [this](const Peer* peer) {
        return tally_of(*peer)->shared_told >= run_->shared_order;
    });
    if (behind.empty()) {
        return;
    }
    std::uint64_t least = run_->shared_order;
    for (const Peer* peer : behind) {
        least = std::min(least, tally_of(*peer)->shared_told);
    }
    const std::vector<wire::Shared> variables = variables_since(*run_, least);
    for (const Peer* peer : behind) {
        tell_variables(*peer, variables);
    }
}

// Those of them that it was not told; they are in their order.
void Master::tell_variables(const Peer& peer, const std::vector<wire::Shared>& variables) {
    WorkerTally& tally = *tally_of(peer);
    for (wire::Shared message : variables) {
        if (message.order <= tally.shared_told) {
            continue;
        }
        message.part = tally.prepare.part;
        message.sequence = message.oldest = 0;
        message.after = tally.shared_told;
        message.yours = tally.shared_accepted;
        send(peer, message);
        tally.shared_told = message.order;
        tally.shared_sent = clock_.now();
    }
}

void Master::follow_variables(WorkerTally& tally, std::uint64_t known) {
    tally.shared_known = std::min(known, run_->shared_order);
    if (tally.shared_known < tally.shared_told &&
        clock_.now() - tally.shared_sent >= kRepeatAfter) {
        tally.shared_told = tally.shared_known;
    }
}

}  // namespace boom::cluster
