#include "net/event_loop.hpp"

#include "net/epoll_loop.hpp"

namespace boom::net {

std::unique_ptr<EventLoop> EventLoop::create(IoKind kind) {
    switch (kind) {
        case IoKind::Auto:
        case IoKind::Epoll:
            return EpollLoop::create();
        case IoKind::Uring:
            return nullptr;
    }
    return nullptr;
}

}  // namespace boom::net
