#pragma once
// The event loop on io_uring. One thread but for wake(). A turn hands all orders to the kernel and
// waits in one system call, fires due timers, then handles what is complete. Foreign descriptors
// live in an epoll set that the ring watches.

#include "net/accept_retry.hpp"
#include "net/descriptor_watch.hpp"
#include "net/event_loop.hpp"
#include "net/timer_queue.hpp"
#include "net/uring.hpp"
#include "net/uring_batch.hpp"
#include "net/uring_streams.hpp"

#include <atomic>
#include <memory>

namespace boom::net {

class UringLoop final : public EventLoop {
public:
    // Null where io_uring is not available.
    [[nodiscard]] static std::unique_ptr<EventLoop> create();
    ~UringLoop() override;
    UringLoop(const UringLoop&) = delete;
    UringLoop& operator=(const UringLoop&) = delete;

    [[nodiscard]] TimePoint now() const override { return now_; }
    TimePoint refresh_now() override;
    TimerId start_timer(TimePoint due, TimerListener& listener, std::uint64_t key) override;
    void cancel_timer(TimerId timer) override;
    StreamId connect(const Endpoint& to, StreamListener& listener) override;
    void send(StreamId stream, std::string_view bytes) override;
    [[nodiscard]] std::size_t unsent_bytes(StreamId stream) const override;
    void set_reading(StreamId stream, Reading reading) override;
    void close(StreamId stream, CloseMode mode) override;
    [[nodiscard]] int listen(const Endpoint& at, PortSharing sharing,
                             AcceptListener& listener) override;
    void watch(int descriptor, DescriptorListener::Readiness interest,
               DescriptorListener& listener) override;
    void unwatch(int descriptor) override;
    void wake() noexcept override;
    void set_wake_listener(WakeListener* listener) override;
    void run_once(TimePoint until) override;

private:
    struct Descriptors {
        int epoll = -1;
        int wake = -1;
    };
    UringLoop(std::unique_ptr<Uring> uring, Descriptors descriptors);

    [[nodiscard]] Duration time_to_wait(TimePoint until);
    void order_poll(int descriptor, UringOperation operation);
    void dispatch(const io_uring_cqe& completion);
    void take_wake();
    void take_watched();

    Descriptors descriptors_;
    std::unique_ptr<Uring> uring_;
    TimePoint now_;
    TimerQueue timers_;
    UringStreams streams_;
    DescriptorWatch watches_;
    AcceptRetry<UringStreams> accept_retry_;
    UringBatch batch_;
    WakeListener* wake_listener_ = nullptr;
    std::atomic<bool> is_wake_asked_ = false;
    bool is_watching_ = false;  // the epoll set is in use
};

}  // namespace boom::net
