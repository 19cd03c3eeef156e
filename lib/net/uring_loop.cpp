#include "net/uring_loop.hpp"

#include "net/look_ahead.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/epoll.h>
#include <utility>

namespace boom::net {
namespace {

constexpr int kEventsPerTurn = 512;
constexpr std::uint64_t kNoTag = 0;
// After this a loop that waits for one completion looks what has become of what it has sent. It
// was done at once, unless the peer has not read what fills its buffers. Longer than the way to the
// next tick: a timer that comes first costs a virtual machine an exit each time it is set.
constexpr Duration kSentAtOnce = std::chrono::milliseconds(5);

}  // namespace

std::unique_ptr<EventLoop> UringLoop::create() {
    auto uring = Uring::create();
    if (uring == nullptr) {
        return nullptr;
    }
    const auto descriptors = LoopDescriptors::open();
    if (!descriptors) {
        return nullptr;
    }
    return std::unique_ptr<EventLoop>(new UringLoop(std::move(uring), *descriptors));
}

UringLoop::UringLoop(std::unique_ptr<Uring> uring, LoopDescriptors descriptors)
    : StreamLoop(descriptors, kNoTag, std::move(uring)), uring_(streams_.uring()) {
    order_poll(descriptors_.wake, UringOperation::Wake);
}

void UringLoop::watch(int descriptor, DescriptorListener::Readiness interest,
                      DescriptorListener& listener) {
    StreamLoop::watch(descriptor, interest, listener);
    if (!is_watching_) {
        is_watching_ = true;
        order_poll(descriptors_.epoll, UringOperation::Watch);
    }
}

void UringLoop::order_poll(int descriptor, UringOperation operation) {
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_poll_add(&entry, descriptor, POLLIN);
    entry.user_data = pack(operation, 0);
}

void UringLoop::run_once(TimePoint until) {
    Uring::Wait wait;
    wait.timeout = uring_.ready() > 0 ? Duration::zero() : time_to_wait(until);
    wait.at_least = wait.timeout == Duration::zero() ? 0 : batch_.at_least();
    if (uring_.has_min_wait()) {
        wait.at_once = streams_.take_sent_at_once();
    }
    wait.window = wait.at_least > 1 ? batch_.window() : kSentAtOnce;
    uring_.submit_and_wait(wait);
    now_ = read_clock();
    // What completes while these are handled belongs to the next turn, so that a turn always ends.
    const unsigned complete = uring_.ready();
    if (uring_.has_min_wait()) {
        const unsigned others = complete - std::min(complete, wait.at_once);
        batch_.on_turn({now_, others, wait.at_least > 0}, streams_.size());
    }
    const auto expect = [this](std::uint64_t data, unsigned step) {
        streams_.expect(operation_of(data), id_of(data), step);
    };
    unsigned taken = 0;
    look_ahead(
        complete, [&](unsigned index, unsigned step) { expect(uring_.peek(index - taken), step); },
        [&](unsigned index) {
            taken = index + 1;
            dispatch(uring_.take());
        });
    finish_turn();
}

void UringLoop::dispatch(const io_uring_cqe& completion) {
    const UringOperation operation = operation_of(completion.user_data);
    switch (operation) {
        case UringOperation::Receive:
        case UringOperation::Send:
        case UringOperation::SendKept:
        case UringOperation::Connect:
        case UringOperation::Accept:
            streams_.on_completion(operation, completion);
            return;
        case UringOperation::Wake:
            take_wake();
            order_poll(descriptors_.wake, UringOperation::Wake);
            return;
        case UringOperation::Watch:
            take_watched();
            return;
        case UringOperation::Ignored:
            return;
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
