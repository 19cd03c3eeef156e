#pragma once
// The event loop on io_uring. One thread but for wake(). A turn hands all orders to the kernel and
// waits in one system call, fires due timers, then handles what is complete. Foreign descriptors
// live in an epoll set that the ring watches.

#include "net/stream_loop.hpp"
#include "net/uring.hpp"
#include "net/uring_batch.hpp"
#include "net/uring_streams.hpp"

#include <memory>

namespace boom::net {

class UringLoop final : public StreamLoop<UringStreams> {
public:
    // Null where io_uring is not available.
    [[nodiscard]] static std::unique_ptr<EventLoop> create();

    void watch(int descriptor, DescriptorListener::Readiness interest,
               DescriptorListener& listener) override;
    void bear_delay(Duration most) override { batch_.bear_delay(most); }
    void run_once(TimePoint until) override;

private:
    UringLoop(std::unique_ptr<Uring> uring, LoopDescriptors descriptors);

    void order_poll(int descriptor, UringOperation operation);
    void dispatch(const io_uring_cqe& completion);
    void take_watched();

    Uring& uring_;  // the streams'
    UringBatch batch_;
    bool is_watching_ = false;  // the epoll set is in use
};

}  // namespace boom::net
