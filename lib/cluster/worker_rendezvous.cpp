// Rendezvous of the whole fleet: says who waits here, and lets go when the master says so.
#include "cluster/worker.hpp"

#include <utility>

namespace boom::cluster {
namespace {

// Said again: any message may be lost.
constexpr base::Duration kRepeatAfter = std::chrono::milliseconds(500);

}  // namespace

void Worker::send_gathering() {
    if (!run_->is_started || !is_welcome_) {
        return;
    }
    user::Gatherings now = run_->load->gatherings();
    if (now.cases.empty() ||
        (now == run_->gatherings && clock_.now() - run_->last_gathering < kRepeatAfter)) {
        return;
    }
    wire::Gathering message;
    message.part = run_->part;
    message.number = ++run_->gathering_number;
    message.is_open = now.is_open;
    message.is_complete = now.is_complete;
    message.users = now.users;
    for (const user::Gathering& one : now.cases) {
        message.cases.push_back({one.case_index, one.generation, one.waiting, one.arrivals});
    }
    send(message);
    run_->gatherings = std::move(now);
    run_->last_gathering = clock_.now();
}

void Worker::on(wire::Release& m) {
    if (!run_ || run_->part != m.part || !run_->load || !run_->is_started) {
        return;
    }
    user::FleetReleases fleet;
    fleet.is_open = m.is_open;
    for (const wire::Release::Case& one : m.cases) {
        fleet.generations.emplace_back(one.index, one.generation);
    }
    run_->load->release(fleet);
}

}  // namespace boom::cluster
