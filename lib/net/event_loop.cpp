#include "net/event_loop.hpp"

#include "net/epoll_loop.hpp"
#include "net/uring_loop.hpp"

#include <utility>

namespace boom::net {

std::unique_ptr<EventLoop> EventLoop::create(IoKind kind) {
    switch (kind) {
        case IoKind::Auto: {
            auto loop = UringLoop::create();
            return loop != nullptr ? std::move(loop) : EpollLoop::create();
        }
        case IoKind::Epoll:
            return EpollLoop::create();
        case IoKind::Uring:
            return UringLoop::create();
    }
    return nullptr;
}

}  // namespace boom::net
