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
    const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const auto& peer) {
        return peer->is_connected && peer->link == link;
    });
    return found == peers_.end() ? nullptr : found->get();
}

void Master::receive() {
    if (const std::int64_t failed = link_.refused_connections(); failed > handshakes_failed_) {
        const std::int64_t more = failed - std::exchange(handshakes_failed_, failed);
        if (refusals_.note("worker port", "no handshake: another --token or none, or no worker",
                           more) == base::Refusals::News::First) {
            notice(
                "a connection to the worker port was refused: another --token or none, or no "
                "worker; further ones are only counted");
        }
    }
    while (auto received = link_.receive()) {
        auto message = wire::decode(received->bytes);
        if (!message) {
            refuse(received->address, "malformed message");
            continue;
        }
        handle(find(received->peer), *received, std::move(*message));
    }
}

void Master::refuse(const std::string& address, const std::string& reason) {
    if (refusals_.note(address, reason) == base::Refusals::News::First) {
        notice(fmt::format("refused {}: {}; repetitions are only counted", address, reason));
    }
}

void Master::handle(Peer* peer, const Link::Received& received, wire::Message message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message)) {
        on_hello(received, *hello);
        return;
    }
    if (peer == nullptr) {
        if (std::holds_alternative<wire::Heartbeat>(message)) {
            // It knows a master here, or had another connection.
            link_.send(received.peer, wire::encode(wire::Identify{}));
        }
        return;
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
            "the master serves only workers on its own machine: give both the same --token, or "
            "start the master with --insecure-cluster to open it to everybody";
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
        refuse(received.address,
               fmt::format("worker {}: {}", base::shorten(hello.id, 64), refusal));
        return;
    }
    const bool is_new = known == peers_.end();
    Peer& peer = is_new ? *peers_.emplace_back(std::make_unique<Peer>()) : **known;
    const bool was_away = !peer.is_present() || !peer.is_connected;
    peer.is_connected = true;
    peer.link = received.peer;
    peer.address = received.address;
    peer.hello = hello;
    note_clock(peer);
    peer.last_heard = clock_.now();
    peer.has_left = false;
    if (is_new || was_away) {
        peer.state = State::Ready;
        notice_of(peer, fmt::format("{} ({} available)", is_new ? "joined" : "returned",
                                    available_workers()));
    }
    send(peer, wire::Welcome{options_.version, kHeartbeatInterval});
    const bool is_of_part = is_run_on() && peer.part && hello.part == tally_of(peer)->prepare.part;
    if (is_of_part && (!hello.is_running || tally_of(peer)->is_lost())) {
        // It had lost us: its load is over, whatever we thought.
        const bool is_news = was_away || !tally_of(peer)->is_lost();
        lose(peer, "had lost the master");
        if (is_news) {
            event("returned", "delivers what it holds", hello.id);
        }
    }
}

// The tally that a worker's message is about; null when it is none of this worker's in this run.
WorkerTally* Master::part_of(const Peer& peer, const wire::PartId& part) {
    if (!run_ || part.run_id != run_->id || part.number == 0 ||
        part.number > run_->tallies.size()) {
        return nullptr;
    }
    WorkerTally& tally = run_->tallies[part.number - 1];
    return tally.id == peer.hello.id ? &tally : nullptr;
}

void Master::on(Peer& peer, const wire::BundleRequest& m) {
    if (!is_run_on() || m.bundle_hash != run_->bundle_hash) {
        return;
    }
    WorkerTally* tally = peer.part ? &run_->tallies[*peer.part] : nullptr;
    if (tally != nullptr && tally->state == PartState::Preparing && m.first > tally->bundle_parts) {
        // However long the whole takes, it comes on.
        tally->bundle_parts = m.first;
        tally->since = clock_.now();
    }
    for_some_parts(run_->request.bundle, {m.first, wire::kBundlePartsAtOnce},
                   [this, &peer](wire::BundlePart part) { send(peer, std::move(part)); });
}

void Master::on(Peer& peer, const wire::Ready& m) {
    WorkerTally* tally = part_of(peer, m.part);
    if (tally == nullptr || tally != tally_of(peer) || !is_run_on()) {
        send(peer, wire::Stop{m.part, true});
        return;
    }
    if (tally->state != PartState::Preparing) {
        return;
    }
    tally->state = PartState::Prepared;
    tally->since = clock_.now();
}

void Master::on(Peer& peer, const wire::Refused& m) {
    WorkerTally* tally = part_of(peer, m.part);
    if (tally == nullptr || tally != tally_of(peer) || !is_run_on()) {
        return;
    }
    if (tally->state == PartState::Preparing || tally->state == PartState::Prepared) {
        drop(peer, "refused the run: " + base::shorten(m.reason, 500));
        peer.has_finished = true;  // it would refuse again
    } else if (!tally->is_start_confirmed) {
        // It was prepared and lost us before the start.
        drop(peer, "");
        redistribute("adjust", peer.hello.id);
    }
}

void Master::on(Peer& peer, wire::Interval& m) {
    WorkerTally* tally = part_of(peer, m.part);
    if (tally == nullptr || run_->end != RunEnd::None) {
        // Of a run that nobody waits for any more: let the worker forget it.
        send(peer, wire::Ack{m.part, m.sequence, true});
        return;
    }
    if (m.oldest > tally->last_sequence + 1) {
        // Acknowledged by a master that we took over from, but not in its journal.
        run_->notes.push_back(
            fmt::format("worker {}: its intervals {} to {} were lost with the end of the journal",
                        peer.hello.id, tally->last_sequence + 1, m.oldest - 1));
        run_->is_degraded = true;
        tally->has_hole = true;
        tally->last_sequence = m.oldest - 1;
    }
    if (m.sequence != tally->last_sequence + 1) {
        // A repetition is acknowledged again; after a gap the worker repeats from there.
        acknowledge(peer, m.part, tally->last_sequence);
        return;
    }
    tally->last_sequence = m.sequence;
    m.delta.ascribe_errors(m.part.number);
    const stats::Snapshot::Counts total = m.delta.count(stats::kMainPhase, run_->catalog);
    peer.rates = {static_cast<double>(total.requests), static_cast<double>(total.bytes_sent),
                  static_cast<double>(total.bytes_received)};
    peer.health = m.delta.health;
    peer.lateness_p99_us = m.delta.lateness.percentile_us(99);
    tally->users_peak = std::max({tally->users_peak, m.users, m.delta.health.users_peak});
    peer.waiting = m.waiting;
    last_response_ = total.requests > 0 ? clock_.now() : last_response_;
    run_->rows.note_taken(m.part.number - 1, m.rows_taken);
    tally->sums.requests += total.requests;
    tally->sums.failures += total.failures;
    tally->sums.exchanges += m.delta.connections.exchanges;
    tally->sums.iterations += m.delta.iterations.started;
    tally->lateness.add(m.delta.lateness);
    tally->health.add(m.delta.health);
    // A worker's second cannot be later than ours, whatever it says.
    m.second = std::min<std::int64_t>(m.second, elapsed() / std::chrono::seconds(1));
    if (seconds_.is_told(m.second)) {
        run_->timeline.add(m.second, m.delta.total(stats::kMainPhase, run_->catalog));
    }
    seconds_.add(m.second, m.delta);
    tally->told_until = m.second + 1;
    run_->duration = clock_.now() - *run_->started;
    if (journal_) {
        journal_->add(m);
    }
    acknowledge(peer, m.part, m.sequence);
}

void Master::on(Peer& peer, const wire::Final& m) {
    WorkerTally* tally = part_of(peer, m.part);
    if (tally == nullptr || run_->end != RunEnd::None || tally->state == PartState::Delivered) {
        send(peer, wire::Ack{m.part, m.last_sequence, true});
        return;
    }
    if (m.last_sequence > tally->last_sequence) {
        acknowledge(peer, m.part, tally->last_sequence);
        return;  // intervals are still on their way
    }
    const bool agrees = m.requests == tally->sums.requests && m.failures == tally->sums.failures &&
                        m.exchanges == tally->sums.exchanges &&
                        m.iterations == tally->sums.iterations;
    if (!agrees && !tally->has_hole) {
        run_->notes.push_back(
            fmt::format("worker {} counted {} requests, {} arrived here: please report this bug",
                        peer.hello.id, m.requests, tally->sums.requests));
    }
    run_->rows.settle(m.part.number - 1, m.last_lease, m.unused);
    tally->recall.reset();
    const bool is_drained =
        tally->state == PartState::Started && m.was_stopped && !run_->stop_asked;
    if (tally == tally_of(peer)) {
        peer.has_finished = tally->state == PartState::Started && !is_drained;
        tally->has_finished = peer.has_finished;
        peer.part.reset();
    }
    if (tally->is_lost()) {
        run_->notes.push_back(
            fmt::format("worker {} came back and delivered all its results", peer.hello.id));
        event("returned", "delivered everything", peer.hello.id);
    }
    tally->state = PartState::Delivered;
    write_down(peer, fmt::format("delivered part {} of run {}: {} requests, {} failures",
                                 m.part.number, run_->id, m.requests, m.failures));
    write_journal();
    send(peer, wire::Ack{m.part, m.last_sequence, true});
    if (is_drained && !is_due()) {
        redistribute("drained", peer.hello.id);
    }
}

void Master::on(Peer& peer, const wire::Heartbeat& m) {
    if (m.number <= peer.last.number || peer.has_left) {
        return;  // overtaken by a newer message
    }
    const bool was_missing = peer.state == State::Missing;
    peer.last = m;
    if (m.state >= 1 && m.state <= kStateCount) {
        const State reported = static_cast<State>(m.state);
        peer.state = reported == State::Missing ? State::Ready : reported;
    }
    if (was_missing) {
        notice_of(peer, "is back");
    }
    follow_heartbeat(peer, m);
    wire::Heartbeat answer;
    answer.state = static_cast<int>(state_);
    send(peer, answer);
}

// What the worker says that it is doing, against what it should be doing.
void Master::follow_heartbeat(Peer& peer, const wire::Heartbeat& m) {
    WorkerTally* tally = is_run_on() ? tally_of(peer) : nullptr;
    if (!m.part.is_none() && (tally == nullptr || m.part != tally->prepare.part)) {
        send(peer, wire::Stop{m.part, true});
    }
    if (tally == nullptr) {
        return;
    }
    if (m.part == tally->prepare.part) {
        tally->is_start_confirmed = tally->is_start_confirmed || m.share_revision > 0;
        tally->cpu_percent_max = std::max(tally->cpu_percent_max, m.worker_cpu_percent);
        tally->users_peak = std::max(tally->users_peak, m.users);
        follow_variables(*tally, m.shared_order);
        if (tally->is_lost()) {
            // Its share is with the others; a part that was never started is forgotten.
            send(peer, wire::Stop{m.part, false});
        }
    } else if (tally->is_start_confirmed || tally->is_lost()) {
        // It holds nothing of its part: nothing more will come.
        lose(peer, "has forgotten the run");
        tally->is_gone = true;
        peer.part.reset();
        return;
    }
    if (m.is_leaving) {
        let_go(peer, "drains");
    }
}

void Master::on(Peer& peer, const wire::Log& m) {
    if (m.level < static_cast<int>(Worker::Severity::Warning)) {
        write_down(peer, "says: " + base::shorten(m.text, 500));
        return;
    }
    // It limits itself already; a faulty or hostile one does not.
    if (const auto text = peer.messages.admit(base::shorten(m.text, 500), clock_.now())) {
        tell(peer, *text);
    }
}

void Master::tell(Peer& peer, const std::string& text) {
    write_down(peer, "says: " + text);
    const std::string line = fmt::format("worker {}: {}", peer.hello.id, text);
    notice(line);
    if (is_run_on() && run_->notes.size() < kMaxNotes) {
        run_->notes.push_back(line);
    }
}

void Master::on(Peer& peer, const wire::Bye& m) {
    notice_of(peer, "left: " + m.reason);
    peer.state = State::Quitting;
    peer.has_left = true;
    if (is_run_on() && peer.part) {
        lose(peer, "left");
    }
}

}  // namespace boom::cluster
