#pragma once
// One timer that is moved often: it is only ever started anew to come earlier. One that comes too
// early looks again, so that most moves cost nothing. The loop's thread.

#include "net/event_loop.hpp"

namespace boom::net {

class LazyTimer {
public:
    LazyTimer(EventLoop& loop, TimerListener& listener) : loop_(loop), listener_(listener) {}
    ~LazyTimer() { cancel(); }
    LazyTimer(const LazyTimer&) = delete;
    LazyTimer& operator=(const LazyTimer&) = delete;

    // Fires at `due`, or at an earlier time that was asked for since it fired last.
    void set(TimePoint due) {
        if (due < due_) {
            cancel();
            due_ = due;
            id_ = loop_.start_timer(due, listener_, 0);
        }
    }
    // First thing in on_timer().
    void take_fired() {
        id_ = {};
        due_ = TimePoint::max();
    }
    void cancel() {
        if (due_ != TimePoint::max()) {
            loop_.cancel_timer(id_);
            take_fired();
        }
    }

private:
    EventLoop& loop_;
    TimerListener& listener_;
    TimerId id_;
    TimePoint due_ = TimePoint::max();  // max: none is running
};

}  // namespace boom::net
