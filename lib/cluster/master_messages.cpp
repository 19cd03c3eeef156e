// What workers say to the master.
#include "base/address.hpp"
#include "base/text.hpp"
#include "cluster/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {
namespace {

constexpr std::size_t kMaxWorkers = 10'000;
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxNotes = 100;

}  // namespace

Peer* Master::find(const PeerId& link) {
    const auto found = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const auto& peer) { return peer->link == link; });
    return found == peers_.end() ? nullptr : found->get();
}

void Master::receive() {
    while (auto received = link_.receive()) {
        auto message = wire::decode(received->bytes);
        if (!message) {
            if (refused_.emplace("malformed " + received->address, true).second) {
                notice(fmt::format("a malformed message from {} was ignored", received->address));
            }
            continue;
        }
        handle(find(received->peer), *received, std::move(*message));
    }
}

void Master::handle(Peer* peer, const Link::Received& received, wire::Message message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message)) {
        on_hello(received, *hello);
        return;
    }
    if (peer == nullptr) {
        return;  // a stranger; it will say hello
    }
    peer->last_heard = clock_.now();
    std::visit([&](auto& m) { on(*peer, m); }, message);
}

void Master::on_hello(const Link::Received& received, const wire::Hello& hello) {
    std::string refusal;
    if (hello.protocol != wire::kProtocolVersion) {
        refusal = fmt::format(
            "protocol {} of worker version {} does not fit protocol {} of master version {}: "
            "install the same version on both",
            hello.protocol, hello.version, wire::kProtocolVersion, options_.version);
    } else if (options_.admission == Admission::LoopbackOnly && !received.address.empty() &&
               !base::is_loopback(received.address)) {
        refusal =
            "the master serves only workers on its own machine: start it with "
            "--insecure-cluster to open it to the network";
    } else if (hello.id.empty() || hello.id.size() > kMaxNameBytes ||
               hello.name.size() > kMaxNameBytes || hello.room.size() > kMaxNameBytes) {
        refusal = "the worker's id, name or room is longer than 128 bytes";
    }
    const auto known = std::find_if(peers_.begin(), peers_.end(),
                                    [&](const auto& peer) { return peer->hello.id == hello.id; });
    if (refusal.empty() && known == peers_.end() && peers_.size() >= kMaxWorkers) {
        refusal = fmt::format("the master has {} workers already", kMaxWorkers);
    }
    if (!refusal.empty()) {
        link_.send(received.peer, wire::encode(wire::Reject{refusal}));
        if (refused_.emplace(hello.id, true).second) {
            notice(fmt::format("worker {} from {} refused: {}", base::shorten(hello.id, 64),
                               received.address, refusal));
        }
        return;
    }
    const bool is_new = known == peers_.end();
    Peer& peer = is_new ? *peers_.emplace_back(std::make_unique<Peer>()) : **known;
    const bool was_away = peer.state == State::Missing || peer.state == State::Quitting;
    peer.link = received.peer;
    peer.address = received.address;
    peer.hello = hello;
    peer.last_heard = clock_.now();
    if (was_away) {
        peer.state = State::Ready;
        if (is_run_on() && peer.participates) {
            event("returned", "delivers what it holds", hello.id);
        }
    }
    send(peer, wire::Welcome{options_.version, kHeartbeatInterval});
    if (is_new || was_away) {
        notice(fmt::format("worker {} {} ({} available)", hello.id, is_new ? "joined" : "returned",
                           available_workers()));
    }
}

void Master::on(Peer& peer, const wire::BundleRequest& m) {
    if (!is_run_on() || m.bundle_hash != run_->bundle_hash) {
        return;
    }
    for (wire::BundlePart& part : parts_of(run_->request.bundle)) {
        send(peer, std::move(part));
    }
}

void Master::on(Peer& peer, const wire::Ready& m) {
    if (!is_run_on() || m.run_id != run_->id || !peer.participates || peer.is_prepared) {
        return;
    }
    peer.is_prepared = true;
    if (run_->started) {
        // A newcomer: the barrier is open. Its share is what it was prepared with.
        peer.is_started = true;
        send(peer, wire::Start{run_->id, {}, elapsed()});
        redistribute("joined", peer.hello.id);
    }
}

void Master::on(Peer& peer, const wire::Refused& m) {
    if (!is_run_on() || m.run_id != run_->id) {
        return;
    }
    run_->notes.push_back(fmt::format("worker {} refused the run: {}", peer.hello.id, m.reason));
    notice(run_->notes.back());
    peer.participates = false;
    if (run_->started) {
        redistribute("lost", peer.hello.id);
    }
}

void Master::on(Peer& peer, wire::Interval& m) {
    if (!run_ || m.run_id != run_->id || !peer.participates || !peer.is_started) {
        // Of a run that nobody waits for any more: let the worker forget it.
        send(peer, wire::Ack{m.run_id, m.sequence, true});
        return;
    }
    if (m.sequence != peer.last_sequence + 1 || run_->end != RunEnd::None) {
        // A repetition is acknowledged again; after a gap the worker repeats from there.
        send(peer, wire::Ack{m.run_id, peer.last_sequence, run_->end != RunEnd::None});
        return;
    }
    peer.last_sequence = m.sequence;
    WorkerTally& tally = run_->tallies[peer.tally];
    const stats::StepStats total = m.delta.total(stats::kMainPhase, run_->catalog);
    peer.requests_per_second = static_cast<double>(total.requests);
    tally.users_peak = std::max(tally.users_peak, m.users);
    tally.sums.requests += total.requests;
    tally.sums.failures += total.failures;
    tally.sums.exchanges += m.delta.connections.exchanges;
    tally.sums.iterations += m.delta.iterations.started;
    tally.lateness.add(m.delta.lateness);
    tally.health.add(m.delta.health);
    run_->timeline.add(m.second, total);
    run_->totals.add(m.delta);
    interval_.add(m.delta);
    run_->duration = clock_.now() - *run_->started;
    send(peer, wire::Ack{m.run_id, m.sequence, false});
}

void Master::on(Peer& peer, const wire::Final& m) {
    if (!run_ || m.run_id != run_->id || !peer.participates) {
        send(peer, wire::Ack{m.run_id, m.last_sequence, true});
        return;
    }
    if (m.last_sequence > peer.last_sequence) {
        send(peer, wire::Ack{m.run_id, peer.last_sequence, false});
        return;  // intervals are still on their way
    }
    WorkerTally& tally = run_->tallies[peer.tally];
    const bool agrees = m.requests == tally.sums.requests && m.failures == tally.sums.failures &&
                        m.exchanges == tally.sums.exchanges &&
                        m.iterations == tally.sums.iterations;
    if (!agrees && !tally.is_final) {
        run_->notes.push_back(
            fmt::format("worker {} counted {} requests, {} arrived here: please report this bug",
                        peer.hello.id, m.requests, tally.sums.requests));
    }
    tally.is_final = true;
    send(peer, wire::Ack{m.run_id, m.last_sequence, true});
}

void Master::on(Peer& peer, const wire::Heartbeat& m) {
    peer.last = m;
    if (m.state >= 1 && m.state <= kStateCount) {
        const State reported = static_cast<State>(m.state);
        if (peer.state == State::Missing) {
            notice(fmt::format("worker {} is back", peer.hello.id));
            if (is_run_on() && peer.participates) {
                event("returned", "heard again", peer.hello.id);
            }
        }
        peer.state = reported == State::Missing ? State::Ready : reported;
    }
    if (is_run_on() && peer.participates && m.run_id == run_->id && peer.is_started) {
        WorkerTally& tally = run_->tallies[peer.tally];
        tally.cpu_percent_max = std::max(tally.cpu_percent_max, m.worker_cpu_percent);
        tally.users_peak = std::max(tally.users_peak, m.users);
    }
    wire::Heartbeat answer;
    answer.state = static_cast<int>(state_);
    send(peer, answer);
}

void Master::on(Peer& peer, const wire::Log& m) {
    const std::string text =
        fmt::format("worker {}: {}", peer.hello.id, base::shorten(m.text, 500));
    notice(text);
    if (is_run_on() && run_->notes.size() < kMaxNotes) {
        run_->notes.push_back(text);
    }
}

void Master::on(Peer& peer, const wire::Bye& m) {
    notice(fmt::format("worker {} left: {}", peer.hello.id, m.reason));
    peer.state = State::Quitting;
    if (is_run_on() && peer.participates && !run_->tallies[peer.tally].is_final) {
        lose(peer, "left");
    }
}

}  // namespace boom::cluster
