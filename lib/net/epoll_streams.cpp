#include "net/epoll_streams.hpp"

#include <cerrno>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

namespace boom::net {
namespace {

constexpr std::uint32_t kEdges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t kReadEvents = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kEndEvents = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
// One stream may not keep the others waiting: the rest is read in the next turn.
constexpr int kReadsPerTurn = 16;
// A buffer that grew larger than this is given back once it is empty.
constexpr std::size_t kKeptCapacity = 64 * 1024;
// What a slot may keep for its successor; a large body's buffer is given back.
constexpr std::size_t kKeptForSuccessor = 4096;

}  // namespace

EpollStreams::EpollStreams(int epoll, std::uint64_t listener_tag)
    : epoll_(epoll),
      listener_tag_(listener_tag),
      buffer_(std::make_unique<std::array<char, kBufferBytes>>()) {}

EpollStreams::~EpollStreams() {
    for (const Acceptor& acceptor : acceptors_) {
        ::close(acceptor.descriptor);
    }
    table_.for_each([](const Stream& stream) {
        if (stream.phase != Stream::Phase::Free) {
            ::close(stream.descriptor);
        }
    });
}

void EpollStream::recycle() {
    std::string kept = std::move(unsent);
    *this = EpollStream{};
    if (kept.capacity() <= kKeptForSuccessor) {
        kept.clear();
        unsent = std::move(kept);
    }
}

EpollStream* EpollStreams::find_owned(StreamId id) {
    Stream* stream = table_.find(id);
    return stream != nullptr && stream->phase != Stream::Phase::Closing ? stream : nullptr;
}

bool EpollStreams::add_to_epoll(int descriptor, StreamId id) const {
    epoll_event event{};
    event.events = kEdges;
    event.data.u64 = id.value;
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

StreamId EpollStreams::connect(const EventLoop::Endpoint& to, StreamListener& listener) {
    const ConnectingSocket socket = start_connecting(to);
    if (socket.descriptor < 0) {
        return StreamId{};
    }
    auto [id, stream] = table_.add();
    stream.descriptor = socket.descriptor;
    stream.phase = Stream::Phase::Connecting;
    stream.listener = &listener;
    // One that is connected at once is reported by epoll like the others.
    if (socket.error != 0) {
        stream.failure = socket.error;
        make_pending(id, stream);
        return id;
    }
    if (!add_to_epoll(socket.descriptor, id)) {
        stream.failure = errno;
        make_pending(id, stream);
    }
    return id;
}

void EpollStreams::send(StreamId id, std::string_view bytes) {
    Stream* stream = find_owned(id);
    if (stream == nullptr || stream->failure != 0 || bytes.empty()) {
        return;
    }
    if (stream->phase == Stream::Phase::Open && stream->unsent.empty()) {
        bytes.remove_prefix(write_some(*stream, bytes));
    }
    if (stream->failure != 0) {
        make_pending(id, *stream);
    } else {
        stream->unsent.append(bytes);
    }
}

void EpollStreams::tell_sent(StreamId id) {
    Stream* stream = find_owned(id);
    if (stream != nullptr) {
        stream->owes_sent = true;
        make_pending(id, *stream);
    }
}

std::size_t EpollStreams::unsent_bytes(StreamId id) const {
    const Stream* stream = table_.find(id);
    return stream == nullptr ? 0 : stream->unsent_bytes();
}

void EpollStreams::set_reading(StreamId id, EventLoop::Reading reading) {
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    stream->is_paused = reading == EventLoop::Reading::Paused;
    if (!stream->is_paused && stream->may_have_data) {
        make_pending(id, *stream);
    }
}

void EpollStreams::close(StreamId id, EventLoop::CloseMode mode) {
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    if (mode == EventLoop::CloseMode::Reset) {
        set_reset_on_close(stream->descriptor);
        destroy(id);
        return;
    }
    const bool can_send = stream->phase == Stream::Phase::Open && stream->failure == 0;
    if (stream->unsent_bytes() == 0 || !can_send) {
        destroy(id);
        return;
    }
    stream->phase = Stream::Phase::Closing;
    stream->listener = nullptr;
    limit_unacknowledged_time(stream->descriptor);
    // A peer that waits for us to read would never read what we send.
    stream->is_paused = false;
    if (stream->may_have_data) {
        make_pending(id, *stream);
    }
}

void EpollStreams::on_stream_event(StreamId id, std::uint32_t events) {
    Stream* stream = table_.find(id);
    if (stream == nullptr || stream->failure != 0) {
        return;
    }
    if (stream->phase == Stream::Phase::Connecting) {
        if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) {
            return;
        }
        finish_connecting(id);
    } else if ((events & EPOLLOUT) != 0 && !stream->unsent.empty()) {
        flush(id);
    }
    stream = table_.find(id);
    if (stream == nullptr || (events & kReadEvents) == 0) {
        return;
    }
    if (stream->phase == Stream::Phase::Closing && (events & (EPOLLERR | EPOLLHUP)) != 0) {
        destroy(id);
        return;
    }
    stream->may_have_data = true;
    stream->is_ended = stream->is_ended || (events & kEndEvents) != 0;
    receive(id);
}

void EpollStreams::finish_connecting(StreamId id) {
    Stream* stream = table_.find(id);
    const int error = take_socket_error(stream->descriptor);
    if (error != 0) {
        end(id, error);
        return;
    }
    stream->phase = Stream::Phase::Open;
    stream->listener->on_connected(id);
    stream = table_.find(id);
    if (stream != nullptr && !stream->unsent.empty()) {
        flush(id);
    }
}

void EpollStreams::receive(StreamId id) {
    for (int round = 0; round < kReadsPerTurn; ++round) {
        Stream* stream = table_.find(id);
        if (stream == nullptr || stream->is_paused || !stream->may_have_data) {
            return;
        }
        if (receive_once(id, *stream) == Received::Gone) {
            return;
        }
    }
    Stream* stream = table_.find(id);
    if (stream != nullptr && stream->may_have_data && !stream->is_paused) {
        make_pending(id, *stream);
    }
}

EpollStreams::Received EpollStreams::receive_once(StreamId id, Stream& stream) {
    const ssize_t count = ::recv(stream.descriptor, buffer_->data(), buffer_->size(), 0);
    if (count > 0) {
        const auto size = static_cast<std::size_t>(count);
        // A short read has emptied the kernel's buffer; what comes later is a new edge.
        if (size < buffer_->size() && !stream.is_ended && stream.failure == 0) {
            stream.may_have_data = false;
        }
        if (stream.phase == Stream::Phase::Open) {
            stream.listener->on_data(id, std::string_view(buffer_->data(), size));
        }
        return Received::More;
    }
    if (count < 0 && errno == EINTR) {
        return Received::More;
    }
    const int error = count == 0 ? 0 : errno;
    if (error == EAGAIN) {
        stream.may_have_data = false;
        if (stream.failure != 0) {
            end(id, stream.failure);
            return Received::Gone;
        }
        return Received::Nothing;
    }
    end(id, stream.failure != 0 ? stream.failure : error);
    return Received::Gone;
}

std::size_t EpollStreams::write_some(Stream& stream, std::string_view bytes) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count =
            ::send(stream.descriptor, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            stream.failure = errno == EAGAIN ? 0 : errno;
            break;
        }
    }
    return written;
}

void EpollStreams::flush(StreamId id) {
    Stream* stream = table_.find(id);
    const std::string_view rest = std::string_view(stream->unsent).substr(stream->unsent_offset);
    stream->unsent_offset += write_some(*stream, rest);
    if (stream->failure == 0 && stream->unsent_bytes() > 0) {
        return;
    }
    if (stream->phase == Stream::Phase::Closing) {
        destroy(id);
        return;
    }
    stream->unsent.clear();
    stream->unsent_offset = 0;
    if (stream->unsent.capacity() > kKeptCapacity) {
        stream->unsent.shrink_to_fit();
    }
    make_pending(id, *stream);
}

void EpollStreams::make_pending(StreamId id, Stream& stream) {
    if (!stream.is_pending) {
        stream.is_pending = true;
        pending_.push_back(id);
    }
}

void EpollStreams::run_pending() {
    pending_now_.swap(pending_);
    for (const StreamId id : pending_now_) {
        run_pending_stream(id);
    }
    pending_now_.clear();
}

void EpollStreams::run_pending_stream(StreamId id) {
    Stream* stream = table_.find(id);
    if (stream == nullptr) {
        return;
    }
    stream->is_pending = false;
    const bool is_sent = stream->unsent.empty() && stream->failure == 0;
    if (stream->owes_sent && is_sent && stream->phase == Stream::Phase::Open) {
        stream->owes_sent = false;
        stream->listener->on_sent(id);
        stream = table_.find(id);
    }
    if (stream == nullptr) {
        return;
    }
    if (stream->failure != 0) {
        if (stream->phase == Stream::Phase::Connecting || stream->is_paused) {
            end(id, stream->failure);
            return;
        }
        // An answer that arrived before the peer's reset is still worth having.
        stream->may_have_data = true;
    }
    receive(id);
}

void EpollStreams::end(StreamId id, int error) {
    Stream* stream = table_.find(id);
    if (stream->listener != nullptr && stream->phase == Stream::Phase::Open) {
        stream->listener->on_ending(id, stream->descriptor);
    }
    if (error == 0 && stream->unsent_bytes() > 0) {
        // The peer has finished sending but may still read.
        StreamListener* listener = stream->listener;
        stream->listener = nullptr;
        stream->may_have_data = false;
        stream->phase = Stream::Phase::Closing;
        limit_unacknowledged_time(stream->descriptor);
        if (listener != nullptr) {
            listener->on_closed(id, error);
        }
        return;
    }
    StreamListener* listener = stream->listener;
    destroy(id);
    if (listener != nullptr) {
        listener->on_closed(id, error);
    }
}

void EpollStreams::destroy(StreamId id) {
    ::close(table_.find(id)->descriptor);
    table_.remove(id);
}

}  // namespace boom::net
