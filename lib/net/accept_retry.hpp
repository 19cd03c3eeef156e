#pragma once
// Accepts again some time after the process ran out of descriptors. One thread.

#include "net/timer_queue.hpp"

namespace boom::net {

template <typename Streams>
class AcceptRetry final : public TimerListener {
public:
    explicit AcceptRetry(Streams& streams) : streams_(streams) {}

    // Once a turn.
    void look(TimerQueue& timers, TimePoint now) {
        if (streams_.is_accepting_paused() && !is_scheduled_) {
            is_scheduled_ = true;
            static_cast<void>(timers.start(now + kAfter, *this, 0));
        }
    }
    void on_timer(std::uint64_t /*key*/) noexcept override {
        is_scheduled_ = false;
        streams_.resume_accepting();
    }

private:
    static constexpr Duration kAfter = std::chrono::milliseconds(100);

    Streams& streams_;
    bool is_scheduled_ = false;
};

}  // namespace boom::net
