#include "net/epoll_loop.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace boom::net {
namespace {

// What epoll gives back: the two highest bits name the kind, the rest is a stream's id, a
// descriptor with its generation, or the index of a listening socket.
constexpr std::uint64_t kKindMask = std::uint64_t{3} << 62;
constexpr std::uint64_t kWatchTag = std::uint64_t{1} << 62;
constexpr std::uint64_t kListenTag = std::uint64_t{2} << 62;
constexpr std::uint64_t kWakeTag = std::uint64_t{3} << 62;

constexpr Duration kForever = Duration::max();
// The kernel may be late by 0.1 % of a wait: a long one is cut short, the rest waited for anew.
constexpr Duration kLongWait = std::chrono::milliseconds(5);
constexpr int kLongWaitShare = 500;

TimePoint read_clock() {
    return std::chrono::steady_clock::now();
}

}  // namespace

std::unique_ptr<EventLoop> EpollLoop::create() {
    Descriptors descriptors;
    descriptors.epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptors.epoll < 0) {
        return nullptr;
    }
    descriptors.wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptors.wake < 0) {
        ::close(descriptors.epoll);
        return nullptr;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeTag;
    if (::epoll_ctl(descriptors.epoll, EPOLL_CTL_ADD, descriptors.wake, &event) != 0) {
        ::close(descriptors.wake);
        ::close(descriptors.epoll);
        return nullptr;
    }
    return std::unique_ptr<EventLoop>(new EpollLoop(descriptors));
}

EpollLoop::EpollLoop(Descriptors descriptors)
    : descriptors_(descriptors),
      now_(read_clock()),
      streams_(descriptors.epoll, kListenTag),
      watches_(descriptors.epoll, kWatchTag),
      accept_retry_(streams_) {}

EpollLoop::~EpollLoop() {
    ::close(descriptors_.wake);
    ::close(descriptors_.epoll);
}

TimePoint EpollLoop::refresh_now() {
    now_ = read_clock();
    return now_;
}

TimerId EpollLoop::start_timer(TimePoint due, TimerListener& listener, std::uint64_t key) {
    return timers_.start(due, listener, key);
}

void EpollLoop::cancel_timer(TimerId timer) {
    static_cast<void>(timers_.cancel(timer));
}

StreamId EpollLoop::connect(const Endpoint& to, StreamListener& listener) {
    return streams_.connect(to, listener);
}

void EpollLoop::send(StreamId stream, std::string_view bytes) {
    streams_.send(stream, bytes);
}

std::size_t EpollLoop::unsent_bytes(StreamId stream) const {
    return streams_.unsent_bytes(stream);
}

void EpollLoop::set_reading(StreamId stream, Reading reading) {
    streams_.set_reading(stream, reading);
}

void EpollLoop::close(StreamId stream, CloseMode mode) {
    streams_.close(stream, mode);
}

int EpollLoop::listen(const Endpoint& at, PortSharing sharing, AcceptListener& listener) {
    return streams_.listen(at, sharing, listener);
}

void EpollLoop::watch(int descriptor, DescriptorListener::Readiness interest,
                      DescriptorListener& listener) {
    watches_.watch(descriptor, interest, listener);
}

void EpollLoop::unwatch(int descriptor) {
    watches_.unwatch(descriptor);
}

void EpollLoop::wake() noexcept {
    if (!is_wake_asked_.exchange(true)) {
        const std::uint64_t one = 1;
        static_cast<void>(::write(descriptors_.wake, &one, sizeof one) == sizeof one);
    }
}

void EpollLoop::set_wake_listener(WakeListener* listener) {
    wake_listener_ = listener;
}

void EpollLoop::run_once(TimePoint until) {
    if (!is_slack_set_) {
        // The default lets the kernel wake this thread up to 50 µs late.
        is_slack_set_ = true;
        static_cast<void>(::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL));
    }
    const int count = wait(time_to_wait(until));
    now_ = read_clock();
    timers_.fire_due(now_);
    for (int index = 0; index < count; ++index) {
        dispatch(events_[static_cast<std::size_t>(index)]);
    }
    streams_.run_pending();
    accept_retry_.look(timers_, now_);
}

Duration EpollLoop::time_to_wait(TimePoint until) const {
    if (streams_.has_pending()) {
        return Duration::zero();
    }
    const TimePoint due = std::min(until, timers_.next_due().value_or(TimePoint::max()));
    if (due == TimePoint::max()) {
        return kForever;
    }
    // Not now_: the turn that has just ended took its time.
    const TimePoint current = read_clock();
    if (due <= current) {
        return Duration::zero();
    }
    const Duration wait = due - current;
    return wait > kLongWait ? wait - wait / kLongWaitShare : wait;
}

int EpollLoop::wait(Duration timeout) {
    using std::chrono::duration_cast;
    int count = -1;
    if (timeout == Duration::zero()) {
        count = ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn, 0);
    } else if (timeout == kForever) {
        count = ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn, -1);
    } else {
        if (has_fine_timers_) {
            const auto seconds = duration_cast<std::chrono::seconds>(timeout);
            const timespec limit{seconds.count(), (timeout - seconds).count()};
            count =
                ::epoll_pwait2(descriptors_.epoll, events_.data(), kEventsPerTurn, &limit, nullptr);
            // Old kernels lack it, and some containers forbid it.
            has_fine_timers_ = count >= 0 || (errno != ENOSYS && errno != EPERM);
        }
        if (!has_fine_timers_) {
            const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
            const auto limit_ms = std::min<std::int64_t>(rounded, std::numeric_limits<int>::max());
            count = ::epoll_wait(descriptors_.epoll, events_.data(), kEventsPerTurn,
                                 static_cast<int>(limit_ms));
        }
    }
    BOOM_ASSERT(count >= 0 || errno == EINTR);
    return std::max(count, 0);
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

void EpollLoop::take_wake() {
    std::uint64_t count = 0;
    static_cast<void>(::read(descriptors_.wake, &count, sizeof count) == sizeof count);
    // Before the call: who asks from now on is heard in another turn.
    is_wake_asked_.store(false);
    if (wake_listener_ != nullptr) {
        wake_listener_->on_wake();
    }
}

}  // namespace boom::net
