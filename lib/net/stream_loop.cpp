#include "net/stream_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace boom::net {

std::optional<LoopDescriptors> LoopDescriptors::open() {
    LoopDescriptors descriptors;
    descriptors.epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptors.epoll < 0) {
        return std::nullopt;
    }
    descriptors.wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptors.wake < 0) {
        ::close(descriptors.epoll);
        return std::nullopt;
    }
    return descriptors;
}

void LoopDescriptors::close() const {
    ::close(wake);
    ::close(epoll);
}

void LoopDescriptors::signal_wake() const noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(::write(wake, &one, sizeof one) == sizeof one);
}

void LoopDescriptors::clear_wake() const noexcept {
    std::uint64_t count = 0;
    static_cast<void>(::read(wake, &count, sizeof count) == sizeof count);
}

}  // namespace boom::net
