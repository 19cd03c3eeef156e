#include "net/uring.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <linux/time_types.h>

namespace boom::net {
namespace {

// Newer than the installed header: the kernel understands io_uring_getevents_arg.min_wait_usec,
// which is `pad` there (Linux 6.12).
constexpr unsigned kFeatureMinTimeout = 1U << 15;

}  // namespace

std::unique_ptr<Uring> Uring::create() {
    std::unique_ptr<Uring> uring(new Uring);
    return uring->set_up() ? std::move(uring) : nullptr;
}

Uring::~Uring() {
    if (is_set_up_) {
        io_uring_queue_exit(&ring_);
    }
}

bool Uring::set_up() {
    io_uring_params parameters{};
    // Completions are made only when this thread asks for them, in one go: measured, it saves a
    // third of the CPU time (design D2b). Disabled until the loop's thread is known.
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    parameters.cq_entries = kCompletions;
    if (io_uring_queue_init_params(kEntries, &ring_, &parameters) != 0) {
        return false;
    }
    is_set_up_ = true;
    has_min_wait_ = (parameters.features & kFeatureMinTimeout) != 0;
    // Entries are handed over in the order of their places, always.
    for (unsigned index = 0; index < *ring_.sq.kring_entries; ++index) {
        ring_.sq.array[index] = index;
    }
    return (parameters.features & IORING_FEAT_EXT_ARG) != 0 && buffers_.set_up(ring_);
}

io_uring_sqe& Uring::next_entry() {
    if (!is_enabled_ || !waiting_.empty()) {
        return waiting_.emplace_back();
    }
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
        static_cast<void>(enter(0, 0, nullptr, 0));
        entry = io_uring_get_sqe(&ring_);
    }
    // Still none: the kernel is short of memory, or another thread takes the loop apart.
    return entry != nullptr ? *entry : waiting_.emplace_back();
}

void Uring::withdraw(std::uint64_t user_data) {
    const auto make_idle = [user_data](io_uring_sqe& entry) {
        if (entry.user_data == user_data) {
            io_uring_prep_nop(&entry);
            entry.user_data = user_data;
        }
    };
    for (unsigned index = io_uring_smp_load_acquire(ring_.sq.khead); index != ring_.sq.sqe_tail;
         ++index) {
        make_idle(ring_.sq.sqes[index & *ring_.sq.kring_mask]);
    }
    std::for_each(waiting_.begin(), waiting_.end(), make_idle);
}

void Uring::enable() {
    // liburing 2.3 forgot to export io_uring_enable_rings().
    const int result = io_uring_register(static_cast<unsigned>(ring_.ring_fd),
                                         IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
    BOOM_ASSERT(result == 0);
    is_enabled_ = true;
}

void Uring::queue_waiting() {
    while (!waiting_.empty()) {
        io_uring_sqe* entry = io_uring_get_sqe(&ring_);
        if (entry == nullptr) {
            return;
        }
        *entry = waiting_.front();
        waiting_.pop_front();
    }
}

void Uring::submit_and_wait(const Wait& wait) {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    using std::chrono::seconds;
    if (!is_enabled_) {
        enable();
    }
    queue_waiting();
    const unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
    io_uring_getevents_arg argument{};
    __kernel_timespec limit{};
    const bool sleeps = wait.at_least > 0 && wait.timeout > Duration::zero();
    if (sleeps && wait.timeout != Duration::max()) {
        const auto whole = duration_cast<seconds>(wait.timeout);
        limit.tv_sec = whole.count();
        limit.tv_nsec = (wait.timeout - whole).count();
        argument.ts = reinterpret_cast<std::uintptr_t>(&limit);
    }
    const unsigned wanted = wait.at_least + wait.at_once;
    if (sleeps && wanted > 1 && has_min_wait_) {
        // The kernel looks at the timeout only after the window.
        const Duration window = std::min(wait.window, wait.timeout);
        argument.pad = static_cast<std::uint32_t>(duration_cast<microseconds>(window).count());
    }
    const unsigned at_least = sleeps ? (argument.pad > 0 ? wanted : 1) : 0;
    const int result = enter(at_least, flags, &argument, sizeof argument);
    // A full completion queue is emptied by the caller; what was not submitted goes next time.
    BOOM_ASSERT(result >= 0 || result == -ETIME || result == -EINTR || result == -EBUSY ||
                result == -EAGAIN);
}

int Uring::enter(unsigned at_least, unsigned flags, const void* argument, std::size_t size) {
    // The entries from the kernel's head to our tail are filled.
    const unsigned tail = ring_.sq.sqe_tail;
    io_uring_smp_store_release(ring_.sq.ktail, tail);
    const unsigned count = tail - io_uring_smp_load_acquire(ring_.sq.khead);
    ++batch_;
    return io_uring_enter2(static_cast<unsigned>(ring_.ring_fd), count, at_least, flags,
                           static_cast<sigset_t*>(const_cast<void*>(argument)), size);
}

io_uring_cqe Uring::take() {
    io_uring_cqe* place = nullptr;
    const int result = io_uring_peek_cqe(&ring_, &place);
    BOOM_ASSERT(result == 0 && place != nullptr);
    const io_uring_cqe completion = *place;
    io_uring_cq_advance(&ring_, 1);
    return completion;
}

}  // namespace boom::net
