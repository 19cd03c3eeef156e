// Listening sockets of UringStreams: one standing order each.

#include "net/uring_streams.hpp"

#include <cerrno>
#include <unistd.h>

namespace boom::net {
int UringStreams::listen(const EventLoop::Endpoint& at, EventLoop::PortSharing sharing,
                         AcceptListener& listener) {
    const auto socket = open_listening_socket(at, sharing);
    if (!socket) {
        return 0;
    }
    acceptors_.push_back(Acceptor{socket->descriptor, &listener, false});
    if (!is_accepting_paused_) {
        order_accept(acceptors_.size() - 1);
    }
    return socket->port;
}

void UringStreams::order_accept(std::size_t index) {
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_multishot_accept(&entry, acceptors_[index].descriptor, nullptr, nullptr,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
    order(entry, UringOperation::Accept, StreamId{index});
    acceptors_[index].is_armed = true;
}

void UringStreams::on_accepted(std::size_t index, const io_uring_cqe& completion) {
    acceptors_[index].is_armed = (completion.flags & IORING_CQE_F_MORE) != 0;
    if (completion.res >= 0) {
        adopt(completion.res, *acceptors_[index].listener);
    } else if (is_out_of_descriptors(-completion.res)) {
        is_accepting_paused_ = true;
    }
    if (!acceptors_[index].is_armed && !is_accepting_paused_) {
        order_accept(index);
    }
}

void UringStreams::adopt(int descriptor, AcceptListener& listener) {
    disable_nagle(descriptor);
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    static_cast<void>(
        ::getpeername(descriptor, static_cast<sockaddr*>(static_cast<void*>(&peer)), &size));
    auto [id, added] = table_.add();
    added.descriptor = descriptor;
    added.phase = Stream::Phase::Open;
    StreamListener* owner = listener.on_accepted(id, to_peer(peer));
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    stream->listener = owner;
    if (owner == nullptr) {
        destroy(id);
    } else if (!stream->is_paused && !stream->is_receiving) {
        order_receive(id, *stream);
    }
}

void UringStreams::resume_accepting() {
    is_accepting_paused_ = false;
    for (std::size_t index = 0; index < acceptors_.size(); ++index) {
        if (!acceptors_[index].is_armed) {
            order_accept(index);
        }
    }
}

}  // namespace boom::net
