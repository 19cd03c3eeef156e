#include "cluster/link.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace boom::cluster {
namespace {

// One direction. Bounded by the protocol: a worker sends a few messages a second.
struct Queue {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<std::string> messages;
    bool is_woken = false;
};

class LoopbackLink final : public Link {
public:
    LoopbackLink(std::shared_ptr<Queue> in, std::shared_ptr<Queue> out, PeerId peer)
        : in_(std::move(in)), out_(std::move(out)), peer_(std::move(peer)) {}

    void send(const PeerId&, std::string bytes) override {
        const std::lock_guard lock(out_->mutex);
        out_->messages.push_back(std::move(bytes));
        out_->arrived.notify_one();
    }

    std::optional<Received> receive() override {
        const std::lock_guard lock(in_->mutex);
        if (in_->messages.empty()) {
            return std::nullopt;
        }
        Received received{peer_, std::move(in_->messages.front()), {}};
        in_->messages.pop_front();
        return received;
    }

    void wait(base::Duration timeout) override {
        std::unique_lock lock(in_->mutex);
        in_->arrived.wait_for(lock, timeout,
                              [&] { return !in_->messages.empty() || in_->is_woken; });
        in_->is_woken = false;
    }

    void wake() override {
        const std::lock_guard lock(in_->mutex);
        in_->is_woken = true;
        in_->arrived.notify_one();
    }

private:
    std::shared_ptr<Queue> in_;
    std::shared_ptr<Queue> out_;
    PeerId peer_;
};

}  // namespace

LoopbackPair make_loopback_links() {
    auto to_master = std::make_shared<Queue>();
    auto to_worker = std::make_shared<Queue>();
    return {std::make_unique<LoopbackLink>(to_master, to_worker, "local"),
            std::make_unique<LoopbackLink>(to_worker, to_master, kMasterPeer)};
}

}  // namespace boom::cluster
