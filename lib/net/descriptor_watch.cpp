#include "net/descriptor_watch.hpp"

#include "base/assert.hpp"
#include "base/log.hpp"

#include <cerrno>
#include <cstddef>
#include <sys/epoll.h>
#include <system_error>

namespace boom::net {
namespace {

constexpr unsigned kDescriptorBits = 32;
constexpr std::uint32_t kMaxGeneration = (std::uint32_t{1} << 30) - 1;

bool has_any(std::uint32_t events, std::uint32_t wanted) {
    return (events & wanted) != 0;
}

}  // namespace

void DescriptorWatch::watch(int descriptor, DescriptorListener::Readiness interest,
                            DescriptorListener& listener) {
    BOOM_ASSERT(descriptor >= 0);
    if (!interest.readable && !interest.writable) {
        unwatch(descriptor);
        return;
    }
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= entries_.size()) {
        entries_.resize(index + 1);
    }
    Entry& entry = entries_[index];
    const bool was_watched = entry.listener != nullptr;
    entry.listener = &listener;
    entry.interest = interest;
    epoll_event event{};
    event.events = (interest.readable ? std::uint32_t{EPOLLIN} : 0U) |
                   (interest.writable ? std::uint32_t{EPOLLOUT} : 0U);
    event.data.u64 = tag_ | (std::uint64_t{entry.generation} << kDescriptorBits) | index;
    const int first = was_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_, first, descriptor, &event) == 0) {
        return;
    }
    // The owner closed the old socket and got the same number again, or it is there still.
    const bool is_other_way = errno == ENOENT || errno == EEXIST;
    const int second = first == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (!is_other_way || ::epoll_ctl(epoll_, second, descriptor, &event) != 0) {
        const std::error_code reason(errno, std::generic_category());
        base::log::warning("descriptor cannot be watched", {{"reason", reason.message()}});
    }
}

void DescriptorWatch::unwatch(int descriptor) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (descriptor < 0 || index >= entries_.size() || entries_[index].listener == nullptr) {
        return;
    }
    Entry& entry = entries_[index];
    entry.listener = nullptr;
    entry.generation = entry.generation == kMaxGeneration ? 1 : entry.generation + 1;
    // Fails when the owner has closed it: then epoll has forgotten it already.
    static_cast<void>(::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr));
}

void DescriptorWatch::on_event(std::uint64_t data, std::uint32_t events) {
    const std::uint64_t untagged = data & ~tag_;
    const std::size_t index = untagged & 0xffffffff;
    const Entry& entry = entries_[index];
    if (entry.listener == nullptr || entry.generation != (untagged >> kDescriptorBits)) {
        return;
    }
    DescriptorListener::Readiness readiness;
    readiness.readable = entry.interest.readable && has_any(events, EPOLLIN | EPOLLHUP | EPOLLERR);
    readiness.writable = entry.interest.writable && has_any(events, EPOLLOUT | EPOLLHUP | EPOLLERR);
    if (readiness.readable || readiness.writable) {
        entry.listener->on_ready(static_cast<int>(index), readiness);
    }
}

}  // namespace boom::net
