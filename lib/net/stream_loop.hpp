#pragma once
// What the two event loops have in common: their clock, timers, streams, foreign descriptors and
// the descriptor that wakes them. The kind of loop adds how to wait. One thread but for wake().

#include "net/accept_retry.hpp"
#include "net/descriptor_watch.hpp"
#include "net/event_loop.hpp"
#include "net/timer_queue.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace boom::net {

// An epoll set and an eventfd; the loop that takes them closes them.
struct LoopDescriptors {
    int epoll = -1;
    int wake = -1;

    // Nothing when the process has no descriptors left.
    [[nodiscard]] static std::optional<LoopDescriptors> open();
    void close() const;
    void signal_wake() const noexcept;
    void clear_wake() const noexcept;
};

template <typename Streams>
class StreamLoop : public EventLoop {
public:
    StreamLoop(const StreamLoop&) = delete;
    StreamLoop& operator=(const StreamLoop&) = delete;

    [[nodiscard]] TimePoint now() const final { return now_; }
    TimePoint refresh_now() final {
        now_ = read_clock();
        return now_;
    }
    TimerId start_timer(TimePoint due, TimerListener& listener, std::uint64_t key) final {
        return due <= now_ ? timers_.start_due(listener, key) : timers_.start(due, listener, key);
    }
    void cancel_timer(TimerId timer) final { static_cast<void>(timers_.cancel(timer)); }
    StreamId connect(const Endpoint& to, StreamListener& listener) final {
        return streams_.connect(to, listener);
    }
    void send(StreamId stream, std::string_view bytes) final { streams_.send(stream, bytes); }
    [[nodiscard]] std::string_view keep(std::string bytes) final {
        return kept_.emplace_back(std::move(bytes));
    }
    void send_kept(StreamId stream, std::string_view kept) final {
        streams_.send_kept(stream, kept);
    }
    void tell_sent(StreamId stream) final { streams_.tell_sent(stream); }
    [[nodiscard]] std::size_t unsent_bytes(StreamId stream) const final {
        return streams_.unsent_bytes(stream);
    }
    void set_reading(StreamId stream, Reading reading) final {
        streams_.set_reading(stream, reading);
    }
    void close(StreamId stream, CloseMode mode) final { streams_.close(stream, mode); }
    [[nodiscard]] int listen(const Endpoint& at, PortSharing sharing,
                             AcceptListener& listener) final {
        return streams_.listen(at, sharing, listener);
    }
    void watch(int descriptor, DescriptorListener::Readiness interest,
               DescriptorListener& listener) override {
        watches_.watch(descriptor, interest, listener);
    }
    void unwatch(int descriptor) final { watches_.unwatch(descriptor); }
    void wake() noexcept final {
        if (!is_wake_asked_.exchange(true)) {
            descriptors_.signal_wake();
        }
    }
    void set_wake_listener(WakeListener* listener) final { wake_listener_ = listener; }

protected:
    // What epoll gives back for a foreign descriptor has the bits of `watch_tag` set.
    template <typename... StreamArguments>
    StreamLoop(LoopDescriptors descriptors, std::uint64_t watch_tag, StreamArguments&&... arguments)
        : descriptors_(descriptors),
          now_(read_clock()),
          streams_(std::forward<StreamArguments>(arguments)...),
          watches_(descriptors.epoll, watch_tag),
          accept_retry_(streams_) {}
    ~StreamLoop() override { descriptors_.close(); }

    static TimePoint read_clock() { return std::chrono::steady_clock::now(); }

    // Until the next timer or `until`; Duration::max() for ever.
    [[nodiscard]] Duration time_to_wait(TimePoint until) const {
        if (streams_.has_pending() || timers_.has_due()) {
            return Duration::zero();
        }
        const TimePoint due = std::min(until, timers_.next_due().value_or(TimePoint::max()));
        if (due == TimePoint::max()) {
            return Duration::max();
        }
        // Not now_: the turn that has just ended took its time.
        return std::max(due - read_clock(), Duration::zero());
    }
    // Timers come last: what an answer makes due, such as a user's next iteration, happens in the
    // same turn and is given to the kernel with the wait that follows. And an answer that is there
    // counts, though its time-out is due as well.
    void finish_turn() {
        timers_.fire_due(now_);
        streams_.run_pending();
        accept_retry_.look(timers_, now_);
    }
    void take_wake() {
        descriptors_.clear_wake();
        // Before the call: who asks from now on is heard in another turn.
        is_wake_asked_.store(false);
        if (wake_listener_ != nullptr) {
            wake_listener_->on_wake();
        }
    }

    LoopDescriptors descriptors_;
    TimePoint now_;
    TimerQueue timers_;
    std::deque<std::string> kept_;  // the kernel may read it as long as there are streams
    Streams streams_;
    DescriptorWatch watches_;

private:
    AcceptRetry<Streams> accept_retry_;
    WakeListener* wake_listener_ = nullptr;
    std::atomic<bool> is_wake_asked_ = false;
};

}  // namespace boom::net
