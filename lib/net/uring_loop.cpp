#include "net/uring_loop.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace boom::net {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::uint64_t kNoTag = 0;

TimePoint read_clock() {
    return std::chrono::steady_clock::now();
}

}  // namespace

std::unique_ptr<EventLoop> UringLoop::create() {
    auto uring = Uring::create();
    if (uring == nullptr) {
        return nullptr;
    }
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
    return std::unique_ptr<EventLoop>(new UringLoop(std::move(uring), descriptors));
}

UringLoop::UringLoop(std::unique_ptr<Uring> uring, Descriptors descriptors)
    : descriptors_(descriptors),
      uring_(std::move(uring)),
      now_(read_clock()),
      streams_(*uring_),
      watches_(descriptors.epoll, kNoTag),
      accept_retry_(streams_) {
    order_poll(descriptors_.wake, UringOperation::Wake);
}

UringLoop::~UringLoop() {
    ::close(descriptors_.wake);
    ::close(descriptors_.epoll);
}

TimePoint UringLoop::refresh_now() {
    now_ = read_clock();
    return now_;
}

TimerId UringLoop::start_timer(TimePoint due, TimerListener& listener, std::uint64_t key) {
    return timers_.start(due, listener, key);
}

void UringLoop::cancel_timer(TimerId timer) {
    static_cast<void>(timers_.cancel(timer));
}

StreamId UringLoop::connect(const Endpoint& to, StreamListener& listener) {
    return streams_.connect(to, listener);
}

void UringLoop::send(StreamId stream, std::string_view bytes) {
    streams_.send(stream, bytes);
}

std::size_t UringLoop::unsent_bytes(StreamId stream) const {
    return streams_.unsent_bytes(stream);
}

void UringLoop::set_reading(StreamId stream, Reading reading) {
    streams_.set_reading(stream, reading);
}

void UringLoop::close(StreamId stream, CloseMode mode) {
    streams_.close(stream, mode);
}

int UringLoop::listen(const Endpoint& at, PortSharing sharing, AcceptListener& listener) {
    return streams_.listen(at, sharing, listener);
}

void UringLoop::watch(int descriptor, DescriptorListener::Readiness interest,
                      DescriptorListener& listener) {
    watches_.watch(descriptor, interest, listener);
    if (!is_watching_) {
        is_watching_ = true;
        order_poll(descriptors_.epoll, UringOperation::Watch);
    }
}

void UringLoop::unwatch(int descriptor) {
    watches_.unwatch(descriptor);
}

void UringLoop::wake() noexcept {
    if (!is_wake_asked_.exchange(true)) {
        const std::uint64_t one = 1;
        static_cast<void>(::write(descriptors_.wake, &one, sizeof one) == sizeof one);
    }
}

void UringLoop::set_wake_listener(WakeListener* listener) {
    wake_listener_ = listener;
}

void UringLoop::order_poll(int descriptor, UringOperation operation) {
    io_uring_sqe& entry = uring_->next_entry();
    io_uring_prep_poll_add(&entry, descriptor, POLLIN);
    entry.user_data = pack(operation, 0);
}

void UringLoop::run_once(TimePoint until) {
    Uring::Wait wait;
    wait.timeout = time_to_wait(until);
    wait.at_least = wait.timeout == Duration::zero() ? 0 : batch_.at_least();
    wait.window = UringBatch::kWindow;
    uring_->submit_and_wait(wait);
    now_ = read_clock();
    // What completes while these are handled belongs to the next turn, so that a turn always ends.
    unsigned complete = uring_->ready();
    if (wait.at_least > 0 && uring_->has_min_wait()) {
        batch_.on_waited(now_, complete, streams_.size());
    }
    timers_.fire_due(now_);
    for (; complete > 0; --complete) {
        dispatch(uring_->take());
    }
    streams_.run_pending();
    accept_retry_.look(timers_, now_);
}

Duration UringLoop::time_to_wait(TimePoint until) {
    if (streams_.has_pending() || uring_->ready() > 0) {
        return Duration::zero();
    }
    const TimePoint due = std::min(until, timers_.next_due().value_or(TimePoint::max()));
    if (due == TimePoint::max()) {
        return Duration::max();
    }
    // Not now_: the turn that has just ended took its time.
    return std::max(due - read_clock(), Duration::zero());
}

void UringLoop::dispatch(const io_uring_cqe& completion) {
    const UringOperation operation = operation_of(completion.user_data);
    switch (operation) {
        case UringOperation::Receive:
        case UringOperation::Send:
        case UringOperation::Connect:
        case UringOperation::Accept:
            streams_.on_completion(operation, completion);
            return;
        case UringOperation::Wake:
            take_wake();
            return;
        case UringOperation::Watch:
            take_watched();
            return;
        case UringOperation::Ignored:
            return;
    }
}

void UringLoop::take_wake() {
    std::uint64_t count = 0;
    static_cast<void>(::read(descriptors_.wake, &count, sizeof count) == sizeof count);
    order_poll(descriptors_.wake, UringOperation::Wake);
    // Before the call: who asks from now on is heard in another turn.
    is_wake_asked_.store(false);
    if (wake_listener_ != nullptr) {
        wake_listener_->on_wake();
    }
}

void UringLoop::take_watched() {
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = ::epoll_wait(descriptors_.epoll, events.data(), kEventsPerTurn, 0);
    for (int index = 0; index < count; ++index) {
        const epoll_event& event = events.at(static_cast<std::size_t>(index));
        watches_.on_event(event.data.u64, event.events);
    }
    // Anew, and not a standing order: what is still ready is reported again.
    order_poll(descriptors_.epoll, UringOperation::Watch);
}

}  // namespace boom::net
