// Variables of the whole fleet on a worker: what users here set goes to the master until it has it
// for sure; what it gives to all goes to the threads, in its order.
#include "cluster/worker.hpp"

#include <utility>

namespace boom::cluster {
namespace {

// No acknowledgement for this long: everything that is not acknowledged is sent again.
constexpr base::Duration kRepeatAfter = std::chrono::seconds(1);

}  // namespace

bool Worker::has_shared_to_send() const {
    return !run_->shared.waiting.empty() || !run_->shared.unacknowledged.empty();
}

void Worker::send_shared() {
    SharedState& shared = run_->shared;
    while (auto variable = run_->load->poll_shared()) {
        // While the master takes none only the last one of a thread is of interest.
        SharedState::Key key(variable->name, variable->thread);
        shared.waiting.insert_or_assign(std::move(key), std::move(*variable));
    }
    while (!shared.waiting.empty() &&
           shared.unacknowledged.size() < SharedState::kMaxUnacknowledged) {
        auto node = shared.waiting.extract(shared.waiting.begin());
        if (shared.unacknowledged.empty()) {
            shared.last_progress = clock_.now();
        }
        wire::Shared& message = shared.unacknowledged.emplace_back();
        message.part = run_->part;
        message.name = node.mapped().name;
        message.json = node.mapped().value.json();
        message.from_thread = node.mapped().thread;
        message.number = node.mapped().number;
        message.sequence = ++shared.last_sequence;
        message.oldest = shared.unacknowledged.front().sequence;
        shared.sent.insert_or_assign(std::move(node.key()),
                                     SharedState::Sent{message.sequence, std::move(node.mapped())});
        if (is_welcome_) {
            send(message);
        }
    }
    if (is_welcome_ && clock_.now() - shared.last_progress > kRepeatAfter) {
        repeat_shared();
    }
}

void Worker::repeat_shared() {
    run_->shared.last_progress = clock_.now();
    for (wire::Shared& message : run_->shared.unacknowledged) {
        message.oldest = run_->shared.unacknowledged.front().sequence;
        send(message);
    }
}

void Worker::on(wire::Shared& m) {
    if (!run_ || !run_->load || run_->part != m.part) {
        return;
    }
    SharedState& shared = run_->shared;
    if (m.order <= shared.last_order || m.after > shared.last_order) {
        return;  // known, or the one before is missing: it will come again
    }
    // What was set here before that, and is not told any more: the threads wait for it. A master
    // that took over tells everything anew, and that comes after all that was acknowledged.
    const bool is_anew = m.after == 0 && shared.last_order > 0;
    const std::uint64_t acknowledged = shared.unacknowledged.empty()
                                           ? shared.last_sequence
                                           : shared.unacknowledged.front().sequence - 1;
    shared.last_order = m.order;
    for (auto it = shared.sent.begin(); it != shared.sent.end();) {
        const std::uint64_t sequence = it->second.sequence;
        if ((sequence <= m.yours && it->first.first == m.name) ||
            (is_anew && sequence <= acknowledged)) {
            run_->load->give_shared(it->second.variable);
            it = shared.sent.erase(it);
        } else {
            ++it;
        }
    }
    if (auto value = user::shared_value(m.json)) {
        run_->load->give_shared({std::move(m.name), std::move(*value),
                                 expr::SharedCalls::Reach::Fleet, m.from_part, m.from_thread,
                                 m.number});
    }
}

}  // namespace boom::cluster
