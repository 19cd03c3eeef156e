#include "net/uring_streams.hpp"

#include "base/assert.hpp"
#include "net/look_ahead.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace boom::net {
namespace {

// The most that one order sends: its offset must fit its type, and more brings nothing.
constexpr std::size_t kMostPerSend = std::size_t{1} << 30;

// The kernel takes so much at once, unless the peer leaves unread what it got before.
constexpr std::size_t kSentAtOnce = 4096;

constexpr unsigned kOperationShift = 28;
constexpr std::uint64_t kOperationMask = std::uint64_t{0xf} << kOperationShift;

}  // namespace

std::uint64_t pack(UringOperation operation, std::uint64_t id) {
    return id | (static_cast<std::uint64_t>(operation) << kOperationShift);
}

UringOperation operation_of(std::uint64_t data) {
    return static_cast<UringOperation>((data & kOperationMask) >> kOperationShift);
}

std::uint64_t id_of(std::uint64_t data) {
    return data & ~kOperationMask;
}

UringStreams::~UringStreams() {
    // The kernel may hold the sockets a little longer: their peers learn of the end now.
    for (const Acceptor& acceptor : acceptors_) {
        ::shutdown(acceptor.descriptor, SHUT_RDWR);
        ::close(acceptor.descriptor);
    }
    table_.for_each([](const Stream& stream) {
        if (!stream.is_free()) {
            ::shutdown(stream.descriptor, SHUT_RDWR);
            ::close(stream.descriptor);
        }
    });
}

UringStream* UringStreams::find_owned(StreamId id) {
    Stream* stream = table_.find(id);
    const bool is_owned = stream != nullptr && (stream->phase == Stream::Phase::Connecting ||
                                                stream->phase == Stream::Phase::Open);
    return is_owned ? stream : nullptr;
}

void UringStreams::order(io_uring_sqe& entry, UringOperation operation, StreamId id) {
    entry.user_data = pack(operation, id.value);
}

StreamId UringStreams::connect(const EventLoop::Endpoint& to, StreamListener& listener) {
    const ConnectingSocket socket = start_connecting(to);
    if (socket.descriptor < 0) {
        return StreamId{};
    }
    auto [id, stream] = table_.add();
    stream.descriptor = socket.descriptor;
    stream.phase = Stream::Phase::Connecting;
    stream.listener = &listener;
    if (socket.error != 0) {
        stream.failure = socket.error;
        make_pending(id, stream);
        return id;
    }
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_poll_add(&entry, socket.descriptor, POLLOUT);
    order(entry, UringOperation::Connect, id);
    stream.is_connecting = true;
    return id;
}

void UringStreams::order_send(StreamId id, Stream& stream) {
    const std::string_view rest =
        std::string_view(stream.sending).substr(stream.sending_offset, kMostPerSend);
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_send(&entry, stream.descriptor, rest.data(), rest.size(), MSG_NOSIGNAL);
    order(entry, UringOperation::Send, id);
    stream.is_sending = true;
    const bool is_awaited = stream.owes_sent || !stream.unsent.empty();
    sent_at_once_ += rest.size() <= kSentAtOnce && !is_awaited ? 1U : 0U;
}

// Nothing of it is with the kernel.
void UringStreams::release_buffer(Stream& stream) {
    spare_buffers_.give_back(std::exchange(stream.sending, {}));
    stream.sending_offset = 0;
}

void UringStreams::send(StreamId id, std::string_view bytes) {
    Stream* stream = find_owned(id);
    if (stream == nullptr || stream->failure != 0 || bytes.empty()) {
        return;
    }
    if (stream->phase == Stream::Phase::Open && stream->sending.empty()) {
        stream->sending = spare_buffers_.take();
        stream->sending.assign(bytes);
        order_send(id, *stream);
    } else {
        stream->unsent.append(bytes);
        sent_at_once_ = 0;  // what is sent now lets these go
    }
}

// A whole request in one order that nothing is heard of unless it fails: in the steady state
// neither a buffer nor the stream is touched.
void UringStreams::send_kept(StreamId id, std::string_view kept) {
    Stream* stream = find_owned(id);
    if (stream == nullptr || stream->phase != Stream::Phase::Open || stream->is_sending ||
        stream->failure != 0) {
        send(id, kept);
        return;
    }
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_send(&entry, stream->descriptor, kept.data(), kept.size(),
                       MSG_NOSIGNAL | MSG_WAITALL);
    entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
    order(entry, UringOperation::SendKept, id);
    stream->kept_batch = uring_.batch();
}

void UringStreams::tell_sent(StreamId id) {
    Stream* stream = find_owned(id);
    if (stream != nullptr) {
        stream->owes_sent = true;
        sent_at_once_ = 0;
        make_pending(id, *stream);
    }
}

std::size_t UringStreams::unsent_bytes(StreamId id) const {
    const Stream* stream = table_.find(id);
    return stream == nullptr ? 0 : stream->unsent_bytes();
}

void UringStreams::close(StreamId id, EventLoop::CloseMode mode) {
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    if (mode == EventLoop::CloseMode::Reset) {
        set_reset_on_close(stream->descriptor);
        stream->is_reset = true;
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
    sent_at_once_ = 0;
    limit_unacknowledged_time(stream->descriptor);
    // A peer that waits for us to read would never read what we send.
    stream->is_paused = false;
    if (!stream->is_receiving && !stream->is_ended) {
        order_receive(id, *stream);
    }
}

void UringStreams::expect(UringOperation operation, std::uint64_t id, unsigned step) const {
    if (operation == UringOperation::Receive || (operation == UringOperation::Send && step == 0)) {
        prefetch_stream(table_, StreamId{id}, step);
    }
}

void UringStreams::on_completion(UringOperation operation, const io_uring_cqe& completion) {
    const std::uint64_t value = id_of(completion.user_data);
    if (operation == UringOperation::Accept) {
        on_accepted(value, completion);
        return;
    }
    const StreamId id{value};
    // No slot is used again before the kernel has let go of its orders.
    Stream* stream = table_.find(id);
    if (operation == UringOperation::SendKept) {
        if (stream != nullptr && stream->phase == Stream::Phase::Open) {
            on_send_failed(id, *stream, completion.res < 0 ? -completion.res : EPIPE);
        }
        return;
    }
    BOOM_ASSERT(stream != nullptr);
    switch (operation) {
        case UringOperation::Receive:
            on_received(id, *stream, completion);
            break;
        case UringOperation::Send:
            stream->is_sending = false;
            if (stream->phase == Stream::Phase::Dying) {
                release(id, *stream);
            } else {
                on_sent(id, *stream, completion.res);
            }
            break;
        case UringOperation::Connect:
            stream->is_connecting = false;
            if (stream->phase == Stream::Phase::Dying) {
                release(id, *stream);
            } else {
                on_connect_done(id, *stream);
            }
            break;
        case UringOperation::SendKept:
        case UringOperation::Accept:
        case UringOperation::Wake:
        case UringOperation::Watch:
        case UringOperation::Ignored:
            break;
    }
}

void UringStreams::on_connect_done(StreamId id, Stream& stream) {
    const int error = take_socket_error(stream.descriptor);
    if (error != 0) {
        end(id, error);
        return;
    }
    stream.phase = Stream::Phase::Open;
    if (!stream.is_paused) {
        order_receive(id, stream);
    }
    if (!stream.unsent.empty()) {
        stream.sending.swap(stream.unsent);
        order_send(id, stream);
    }
    stream.listener->on_connected(id);
}

void UringStreams::on_sent(StreamId id, Stream& stream, int result) {
    if (result < 0) {
        if (stream.phase == Stream::Phase::Closing) {
            destroy(id);
            return;
        }
        on_send_failed(id, stream, -result);
        return;
    }
    stream.sending_offset += static_cast<std::uint32_t>(result);
    if (stream.sending_offset < stream.sending.size()) {
        order_send(id, stream);
        return;
    }
    if (!stream.unsent.empty()) {
        stream.sending_offset = 0;
        stream.sending.clear();
        stream.sending.swap(stream.unsent);
        order_send(id, stream);
        return;
    }
    release_buffer(stream);
    if (stream.phase == Stream::Phase::Closing) {
        destroy(id);
    } else if (stream.owes_sent) {
        make_pending(id, stream);
    }
}

// An answer that arrived before the peer's reset is still worth having: the end of receiving
// reports the failure.
void UringStreams::on_send_failed(StreamId id, Stream& stream, int error) {
    stream.failure = error;
    if (!stream.is_sending) {  // else another send fails too, and lets it go
        release_buffer(stream);
    }
    if (stream.is_paused || stream.is_ended) {
        make_pending(id, stream);
    } else {
        ::shutdown(stream.descriptor, SHUT_RD);
    }
}

void UringStreams::make_pending(StreamId id, Stream& stream) {
    if (!stream.is_pending) {
        stream.is_pending = true;
        pending_.push_back(id);
    }
}

void UringStreams::run_pending() {
    pending_now_.swap(pending_);
    for (const StreamId id : pending_now_) {
        run_pending_stream(id);
    }
    pending_now_.clear();
}

void UringStreams::run_pending_stream(StreamId id) {
    Stream* stream = find_owned(id);
    if (stream == nullptr) {
        return;
    }
    stream->is_pending = false;
    const bool is_sent = stream->unsent_bytes() == 0 && stream->failure == 0;
    if (stream->owes_sent && is_sent && stream->phase == Stream::Phase::Open) {
        stream->owes_sent = false;
        stream->listener->on_sent(id);
        stream = find_owned(id);
        if (stream == nullptr) {
            return;
        }
    }
    if (stream->has_held && !stream->is_paused) {
        const std::string bytes = std::move(held_.extract(id.value).mapped());
        stream->has_held = false;
        stream->listener->on_data(id, bytes);
        stream = find_owned(id);
        if (stream == nullptr || stream->is_paused) {
            return;
        }
    }
    if (stream->failure != 0 || (stream->is_ended && !stream->is_paused)) {
        end(id, stream->failure);
    } else if (stream->phase == Stream::Phase::Open && !stream->is_receiving &&
               !stream->is_paused) {
        order_receive(id, *stream);
    }
}

void UringStreams::end(StreamId id, int error) {
    Stream* stream = table_.find(id);
    StreamListener* const listener = stream->listener;
    if (listener != nullptr && stream->phase == Stream::Phase::Open) {
        listener->on_ending(id, stream->descriptor);
    }
    if (error == 0 && stream->unsent_bytes() > 0) {
        // The peer has finished sending but may still read.
        stream->listener = nullptr;
        stream->phase = Stream::Phase::Closing;
        limit_unacknowledged_time(stream->descriptor);
    } else {
        destroy(id);
    }
    if (listener != nullptr) {
        listener->on_closed(id, error);
    }
}

void UringStreams::destroy(StreamId id) {
    Stream& stream = *table_.find(id);
    if (stream.kept_batch == uring_.batch()) {
        // Its descriptor may soon be another connection's.
        uring_.withdraw(pack(UringOperation::SendKept, id.value));
    }
    stream.phase = Stream::Phase::Dying;
    stream.listener = nullptr;
    if (stream.has_held) {
        held_.erase(id.value);
        stream.has_held = false;
    }
    if (stream.has_orders()) {
        // The peer learns of the end now, not when the kernel has let go. After
        // set_reset_on_close() it is still the close that resets.
        const bool is_shut =
            !stream.is_connecting &&
            ::shutdown(stream.descriptor, stream.is_reset ? SHUT_RD : SHUT_RDWR) == 0;
        // A receive ends with that. To cancel it the kernel would look through the orders of all
        // streams: thousands that are closed at once would take seconds.
        if (!is_shut || stream.is_sending) {
            io_uring_sqe& entry = uring_.next_entry();
            io_uring_prep_cancel_fd(&entry, stream.descriptor, IORING_ASYNC_CANCEL_ALL);
            order(entry, UringOperation::Ignored, id);
        }
    }
    release(id, stream);
}

void UringStreams::release(StreamId id, Stream& stream) {
    if (!stream.has_orders()) {
        ::close(stream.descriptor);
        table_.remove(id);
    }
}

}  // namespace boom::net
