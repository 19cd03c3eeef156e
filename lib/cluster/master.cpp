#include "cluster/master.hpp"

#include "user/load.hpp"
#include "user/row_supply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {

Master::Master(MasterOptions options, Link& link, const base::Clock& clock, MasterEvents events)
    : options_(std::move(options)),
      link_(link),
      clock_(clock),
      events_(std::move(events)),
      rng_(options_.seed == 0 ? base::random_seed() : options_.seed) {}

void Master::send(const Peer& peer, const wire::Message& message) {
    if (!peer.is_connected) {
        return;
    }
    link_.send(peer.link, wire::encode(message));
}

void Master::notice(const std::string& text) {
    if (events_.on_notice) {
        events_.on_notice(text);
    }
}

void Master::notice_of(Peer& peer, const std::string& text) {
    write_down(peer, text);
    notice(fmt::format("worker {} {}", peer.hello.id, text));
}

void Master::write_down(Peer& peer, const std::string& text) {
    peer.diary.add(base::wall_time_rfc3339(), text);
}

void Master::event(std::string kind, std::string text, std::string worker) {
    run_->events.push_back({elapsed(), std::move(kind), std::move(text), std::move(worker)});
}

base::TimePoint Master::step() {
    constexpr base::Duration kTick = std::chrono::milliseconds(100);
    receive();
    spread_variables();
    watch_workers();
    follow_run();
    write_journal_when_due();
    return clock_.now() + kTick;
}

int Master::available_workers() const {
    return static_cast<int>(std::count_if(peers_.begin(), peers_.end(),
                                          [](const auto& peer) { return peer->is_present(); }));
}

std::int64_t Master::current_users() const {
    std::int64_t sum = 0;
    for (const auto& peer : peers_) {
        if (peer->is_present()) {
            sum += peer->last.users;
        }
    }
    return sum;
}

std::int64_t Master::target_users() const {
    if (!run_ || !run_->load) {
        return 0;
    }
    if (!run_->load->has_own_users()) {
        return run_->load->target_users(elapsed());
    }
    std::int64_t sum = 0;
    for (const WorkerTally& tally : run_->tallies) {
        sum += tally.state == PartState::Started ? run_->load->target_users(tally.share, elapsed())
                                                 : 0;
    }
    return sum;
}

base::Duration Master::elapsed() const {
    if (!run_ || !run_->started) {
        return {};
    }
    return run_->end == RunEnd::None ? clock_.now() - *run_->started : run_->duration;
}

std::string Master::start(RunRequest request) {
    if (std::string why = why_not_now(); !why.empty()) {
        return why;
    }
    Run run;
    run.seed = request.profile.seed == 0 ? rng_() : request.profile.seed;
    run.id = make_run_id(rng_());
    run.bundle_hash = request.bundle.hash();
    run.catalog = user::catalog_of(*request.plan);
    run.notes = request.plan->warnings;
    run.rendezvous = FleetRendezvous(*request.plan);
    run.events = request.events;
    run.shared = request.shared;
    for (auto& [name, shared] : run.shared) {
        shared.order = ++run.shared_order;
    }
    run.request = std::move(request);
    run.settings = load::settings(run.request.profile, load::Which::Changed);
    run.load.emplace(run.request.profile);
    run.rows = RowLedger(user::all_unique_rows(*run.request.plan));
    run.prepared = clock_.now();
    run.started_at = base::wall_time_rfc3339();
    std::vector<Peer*> all;
    for (const auto& peer : peers_) {
        peer->part.reset();
        peer->has_finished = false;
        peer->rates = {};
        peer->waiting = {};
        if (is_here(*peer) && !peer->is_taken_out) {
            all.push_back(peer.get());
        }
    }
    std::optional<Run> previous = std::exchange(run_, std::move(run));
    std::vector<wire::Share> shares;
    std::string complaint = check_choice(all);
    std::erase_if(all, [this](const Peer* peer) { return !is_meant(*peer); });
    if (complaint.empty()) {
        complaint = share_out(all, shares);
    }
    if (complaint.empty()) {
        complaint = check_descriptors(all, shares);
    }
    if (!complaint.empty()) {
        run_ = std::move(previous);  // a refused start changes nothing
        return complaint;
    }
    note_limits(all, shares);
    refusals_before_run_ = refusals_.total();
    shared_senders_.clear();
    seconds_ = {};
    last_repetition_ = clock_.now();
    last_live_ = clock_.now();
    idle_since_.reset();
    move(master_table(), state_, StateEvent::Start);
    for (std::size_t i = 0; i < all.size(); ++i) {
        prepare(*all[i], shares[i]);
    }
    return {};
}

std::string Master::rebalance(const Adjustment& adjustment) {
    if (!is_run_on() || (state_ != State::Spawning && state_ != State::Running)) {
        return "no start";
    }
    if (!adjustment.worker.empty() && !is_participant(adjustment.worker)) {
        return fmt::format("worker {} does not take part in the run", adjustment.worker);
    }
    const Peer* only = find_worker(adjustment.worker);
    if (only != nullptr && only->hello.max_users &&
        adjustment.spawn_count > only->hello.max_users) {
        return fmt::format("{} users are asked for, but worker {} has --max-users {}",
                           *adjustment.spawn_count, adjustment.worker, *only->hello.max_users);
    }
    const RunLoad load_before = *run_->load;
    const load::Profile before = run_->request.profile;
    std::vector<wire::Share> shares;
    const std::vector<Peer*> holders =
        peers_in({PartState::Preparing, PartState::Prepared, PartState::Started});
    const base::Duration from = elapsed() + kAdjustAfter;
    std::string complaint = run_->load->adjust(adjustment, from, run_->request.profile);
    if (complaint.empty()) {
        complaint = share_out(holders, shares);
    }
    if (complaint.empty()) {
        complaint = check_descriptors(holders, shares);
    }
    if (!complaint.empty()) {
        run_->load = load_before;
        run_->request.profile = before;
        return complaint;
    }
    run_->adjustments.push_back({adjustment, from});
    redistribute("adjust", adjustment.worker);
    return {};
}

bool Master::is_participant(const std::string& id) {
    const std::vector<Peer*> all =
        peers_in({PartState::Preparing, PartState::Prepared, PartState::Started});
    return std::any_of(all.begin(), all.end(),
                       [&](const Peer* peer) { return peer->hello.id == id; });
}

std::string Master::stop(user::StopMode mode) {
    const bool is_cut =
        mode == user::StopMode::Force && (state_ == State::Stopping || state_ == State::Quitting);
    if (!is_run_on() || (!is_cut && !move(master_table(), state_, StateEvent::Stop))) {
        return "already stopped";
    }
    if (!run_->stop_asked) {
        run_->stop_asked = clock_.now();
        event("stop", mode == user::StopMode::Force ? "stop at once" : "stop");
    }
    run_->is_stop_forced = run_->is_stop_forced || mode == user::StopMode::Force;
    for (Peer* peer : peers_in({PartState::Preparing, PartState::Prepared})) {
        drop(*peer, "");
    }
    write_journal();
    for (Peer* peer : peers_in({PartState::Started, PartState::Leaving})) {
        send(*peer, wire::Stop{tally_of(*peer)->prepare.part, run_->is_stop_forced});
    }
    return {};
}

void Master::quit() {
    if (is_run_on() && !run_->stop_asked) {
        (void)stop(user::StopMode::Graceful);
    }
    for (const auto& peer : peers_) {
        send(*peer, wire::Quit{});
    }
    move(master_table(), state_, StateEvent::Quit);
}

}  // namespace boom::cluster
