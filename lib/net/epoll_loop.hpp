#pragma once
// The event loop on epoll. One thread but for wake(). A turn fires due timers, then handles what
// the kernel reported, then what streams are still owed.

#include "net/epoll_streams.hpp"
#include "net/stream_loop.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <sys/epoll.h>

namespace boom::net {

class EpollLoop final : public StreamLoop<EpollStreams> {
public:
    // Null when the process has no descriptors left.
    [[nodiscard]] static std::unique_ptr<EventLoop> create();

    void run_once(TimePoint until) override;

private:
    static constexpr std::size_t kEventsPerTurn = 512;

    explicit EpollLoop(LoopDescriptors descriptors);

    [[nodiscard]] int wait(Duration timeout);
    [[nodiscard]] int wait_finely(Duration timeout);
    void expect(const epoll_event& event, unsigned step) const;
    void dispatch(const epoll_event& event);

    bool has_fine_timers_ = true;  // the kernel has epoll_pwait2()
    bool is_slack_set_ = false;
    std::array<epoll_event, kEventsPerTurn> events_{};
};

}  // namespace boom::net
