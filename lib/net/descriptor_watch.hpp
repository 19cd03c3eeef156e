#pragma once
// Foreign descriptors in an epoll set, level-triggered (libcurl's sockets, script hosts). A
// descriptor may be closed by its owner before it is unwatched. One thread.

#include "net/event_loop.hpp"

#include <cstdint>
#include <vector>

namespace boom::net {

class DescriptorWatch {
public:
    // What epoll gives back for a descriptor has the bits of `tag` set.
    DescriptorWatch(int epoll, std::uint64_t tag) : epoll_(epoll), tag_(tag) {}

    void watch(int descriptor, DescriptorListener::Readiness interest,
               DescriptorListener& listener);
    void unwatch(int descriptor);
    void on_event(std::uint64_t data, std::uint32_t events);

private:
    struct Entry {
        DescriptorListener* listener = nullptr;  // null: not watched
        DescriptorListener::Readiness interest;
        std::uint32_t generation = 1;  // tells an event of this turn from one of its predecessor
    };

    int epoll_;
    std::uint64_t tag_;
    std::vector<Entry> entries_;  // by descriptor
};

}  // namespace boom::net
