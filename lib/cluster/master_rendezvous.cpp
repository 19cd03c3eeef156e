// Rendezvous of the whole fleet: workers say who waits, the master says who may go on.
#include "cluster/master.hpp"

namespace boom::cluster {

void Master::on(Peer& peer, const wire::Gathering& m) {
    // What comes late of an earlier part is of no use.
    if (!is_run_on() || !peer.part || part_of(peer, m.part) != tally_of(peer)) {
        return;
    }
    const std::size_t part = *peer.part;
    run_->rendezvous.report(part, m, clock_.now());
    // An answer got lost, or it has just come.
    if (run_->rendezvous.is_behind(part)) {
        send_release(peer);
    }
}

void Master::follow_rendezvous() {
    if (run_->rendezvous.is_empty()) {
        return;
    }
    const std::vector<Peer*> carriers = peers_in({PartState::Started});
    std::vector<std::size_t> parts;
    for (const Peer* peer : carriers) {
        parts.push_back(*peer->part);
    }
    if (run_->rendezvous.follow(parts, clock_.now())) {
        for (const Peer* peer : carriers) {
            send_release(*peer);
        }
    }
}

void Master::send_release(const Peer& peer) {
    wire::Release release = run_->rendezvous.release();
    release.part = run_->tallies[*peer.part].prepare.part;
    send(peer, release);
}

}  // namespace boom::cluster
