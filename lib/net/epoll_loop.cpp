#include "net/epoll_loop.hpp"

#include "base/assert.hpp"
#include "net/look_ahead.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <sys/prctl.h>

namespace boom::net {
namespace {

// What epoll gives back: the two highest bits name the kind, the rest is a stream's id, a
// descriptor with its generation, or the index of a listening socket.
constexpr std::uint64_t kKindMask = std::uint64_t{3} << 62;
constexpr std::uint64_t kWatchTag = std::uint64_t{1} << 62;
constexpr std::uint64_t kListenTag = std::uint64_t{2} << 62;
constexpr std::uint64_t kWakeTag = std::uint64_t{3} << 62;

// The kernel may be late by 0.1 % of a wait: a long one is cut short, the rest waited for anew.
constexpr Duration kLongWait = std::chrono::milliseconds(5);
constexpr int kLongWaitShare = 500;

}  // namespace

std::unique_ptr<EventLoop> EpollLoop::create() {
    const auto descriptors = LoopDescriptors::open();
    if (!descriptors) {
        return nullptr;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeTag;
    if (::epoll_ctl(descriptors->epoll, EPOLL_CTL_ADD, descriptors->wake, &event) != 0) {
        descriptors->close();
        return nullptr;
    }
    return std::unique_ptr<EventLoop>(new EpollLoop(*descriptors));
}

EpollLoop::EpollLoop(LoopDescriptors descriptors)
    : StreamLoop(descriptors, kWatchTag, descriptors.epoll, kListenTag) {}

void EpollLoop::run_once(TimePoint until) {
    if (!is_slack_set_) {
        // The default lets the kernel wake this thread up to 50 µs late.
        is_slack_set_ = true;
        static_cast<void>(::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL));
    }
    const int count = wait(time_to_wait(until));
    now_ = read_clock();
    look_ahead(
        static_cast<unsigned>(count),
        [this](unsigned index, unsigned step) { expect(events_[index], step); },
        [this](unsigned index) { dispatch(events_[index]); });
    finish_turn();
}

int EpollLoop::wait(Duration timeout) {
    int count = -1;
    if (timeout == Duration::zero()) {
        count = ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn, 0);
    } else if (timeout == Duration::max()) {
        count = ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn, -1);
    } else {
        count = wait_finely(timeout > kLongWait ? timeout - timeout / kLongWaitShare : timeout);
    }
    BOOM_ASSERT(count >= 0 || errno == EINTR);
    return std::max(count, 0);
}

int EpollLoop::wait_finely(Duration timeout) {
    using std::chrono::duration_cast;
    if (has_fine_timers_) {
        const auto seconds = duration_cast<std::chrono::seconds>(timeout);
        const timespec limit{seconds.count(), (timeout - seconds).count()};
        const int count =
            ::epoll_pwait2(descriptors_.epoll, events_.data(), kEventsPerTurn, &limit, nullptr);
        // Old kernels lack it, and some containers forbid it.
        has_fine_timers_ = count >= 0 || (errno != ENOSYS && errno != EPERM);
        if (has_fine_timers_) {
            return count;
        }
    }
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    const auto limit_ms = std::min<std::int64_t>(rounded, std::numeric_limits<int>::max());
    return ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn,
                        static_cast<int>(limit_ms));
}

void EpollLoop::expect(const epoll_event& event, unsigned step) const {
    if ((event.data.u64 & kKindMask) == 0) {
        streams_.expect(StreamId{event.data.u64}, step);
    }
}

void EpollLoop::dispatch(const epoll_event& event) {
    const std::uint64_t data = event.data.u64;
    switch (data & kKindMask) {
        case kWatchTag:
            watches_.on_event(data, event.events);
            return;
        case kListenTag:
            streams_.on_listener_event(data & ~kKindMask);
            return;
        case kWakeTag:
            take_wake();
            return;
        default:
            streams_.on_stream_event(StreamId{data}, event.events);
            return;
    }
}

}  // namespace boom::net
