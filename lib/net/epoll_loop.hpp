#pragma once
// The event loop on epoll. One thread but for wake(). A turn fires due timers, then handles what
// the kernel reported, then what streams are still owed.

#include "net/accept_retry.hpp"
#include "net/descriptor_watch.hpp"
#include "net/epoll_streams.hpp"
#include "net/event_loop.hpp"
#include "net/timer_queue.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <sys/epoll.h>

namespace boom::net {

class EpollLoop final : public EventLoop {
public:
    // Null when the process has no descriptors left.
    [[nodiscard]] static std::unique_ptr<EventLoop> create();
    ~EpollLoop() override;
    EpollLoop(const EpollLoop&) = delete;
    EpollLoop& operator=(const EpollLoop&) = delete;

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
    static constexpr std::size_t kEventsPerTurn = 512;

    struct Descriptors {
        int epoll = -1;
        int wake = -1;
    };
    explicit EpollLoop(Descriptors descriptors);

    [[nodiscard]] Duration time_to_wait(TimePoint until) const;
    [[nodiscard]] int wait(Duration timeout);
    void dispatch(const epoll_event& event);
    void take_wake();

    Descriptors descriptors_;
    TimePoint now_;
    TimerQueue timers_;
    EpollStreams streams_;
    DescriptorWatch watches_;
    AcceptRetry<EpollStreams> accept_retry_;
    WakeListener* wake_listener_ = nullptr;
    std::atomic<bool> is_wake_asked_ = false;
    bool has_fine_timers_ = true;  // the kernel has epoll_pwait2()
    bool is_slack_set_ = false;
    std::array<epoll_event, kEventsPerTurn> events_{};
};

}  // namespace boom::net
