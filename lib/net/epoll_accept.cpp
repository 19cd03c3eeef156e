// Listening sockets of EpollStreams: level-triggered, so that a full accept queue is not forgotten.

#include "net/epoll_streams.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>

namespace boom::net {
namespace {

// A flood of connections may not keep the open ones waiting.
constexpr int kAcceptsPerTurn = 64;

}  // namespace

int EpollStreams::listen(const EventLoop::Endpoint& at, EventLoop::PortSharing sharing,
                         AcceptListener& listener) {
    const auto socket = open_listening_socket(at, sharing);
    if (!socket) {
        return 0;
    }
    epoll_event event{};
    event.events = is_accepting_paused_ ? 0U : static_cast<unsigned>(EPOLLIN);
    event.data.u64 = listener_tag_ + acceptors_.size();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket->descriptor, &event) != 0) {
        const int error = errno;
        ::close(socket->descriptor);
        errno = error;
        return 0;
    }
    acceptors_.push_back(Acceptor{socket->descriptor, &listener});
    return socket->port;
}

void EpollStreams::on_listener_event(std::size_t index) {
    for (int count = 0; count < kAcceptsPerTurn; ++count) {
        // A callback may listen() again: the vector's memory may move.
        const Acceptor acceptor = acceptors_[index];
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        const int descriptor =
            ::accept4(acceptor.descriptor, static_cast<sockaddr*>(static_cast<void*>(&peer)), &size,
                      SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            adopt(descriptor, peer, *acceptor.listener);
            continue;
        }
        if (is_out_of_descriptors(errno)) {
            pause_accepting();
            return;
        }
        if (errno == EAGAIN) {
            return;
        }
        // Anything else concerns one connection that died in the queue: the next one.
    }
}

void EpollStreams::adopt(int descriptor, const sockaddr_storage& peer, AcceptListener& listener) {
    disable_nagle(descriptor);
    auto [id, added] = table_.add();
    added.descriptor = descriptor;
    added.phase = Stream::Phase::Open;
    StreamListener* owner = nullptr;
    if (add_to_epoll(descriptor, id)) {
        owner = listener.on_accepted(id, to_peer(peer));
    }
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    stream->listener = owner;
    if (owner == nullptr) {
        destroy(id);
    }
}

void EpollStreams::pause_accepting() {
    is_accepting_paused_ = true;
    set_accepting_interest(0);
}

void EpollStreams::resume_accepting() {
    is_accepting_paused_ = false;
    set_accepting_interest(EPOLLIN);
}

void EpollStreams::set_accepting_interest(std::uint32_t events) {
    for (std::size_t index = 0; index < acceptors_.size(); ++index) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = listener_tag_ + index;
        static_cast<void>(::epoll_ctl(epoll_, EPOLL_CTL_MOD, acceptors_[index].descriptor, &event));
    }
}

}  // namespace boom::net
