// Receiving of UringStreams: one standing order per stream, cancelled while nobody reads.

#include "net/uring_streams.hpp"

#include <cerrno>

namespace boom::net {

void UringStreams::order_receive(StreamId id, Stream& stream) {
    io_uring_sqe& entry = uring_.next_entry();
    io_uring_prep_recv_multishot(&entry, stream.descriptor, nullptr, 0, 0);
    entry.flags |= IOSQE_BUFFER_SELECT;
    entry.buf_group = UringBuffers::kGroup;
    order(entry, UringOperation::Receive, id);
    stream.is_receiving = true;
}

void UringStreams::set_reading(StreamId id, EventLoop::Reading reading) {
    Stream* stream = find_owned(id);
    if (stream == nullptr || stream->is_paused == (reading == EventLoop::Reading::Paused)) {
        return;
    }
    stream->is_paused = !stream->is_paused;
    if (stream->is_paused) {
        if (stream->is_receiving) {
            io_uring_sqe& entry = uring_.next_entry();
            io_uring_prep_cancel64(&entry, pack(UringOperation::Receive, id.value), 0);
            order(entry, UringOperation::Ignored, id);
        }
    } else if (stream->has_held || stream->is_ended) {
        make_pending(id, *stream);
    } else if (!stream->is_receiving && stream->phase == Stream::Phase::Open) {
        order_receive(id, *stream);
    }
}

void UringStreams::on_received(StreamId id, Stream& stream, const io_uring_cqe& completion) {
    const bool goes_on = (completion.flags & IORING_CQE_F_MORE) != 0;
    stream.is_receiving = goes_on;
    if (completion.res > 0) {
        deliver(id, stream, uring_.buffers().received(completion));
    }
    uring_.buffers().give_back(completion);
    if (!goes_on) {
        on_receive_over(id, completion.res);
    }
}

void UringStreams::deliver(StreamId id, Stream& stream, std::string_view bytes) {
    if (stream.phase != Stream::Phase::Open) {
        return;
    }
    if (stream.is_paused || stream.has_held) {
        stream.has_held = true;
        held_[id.value].append(bytes);
        return;
    }
    stream.listener->on_data(id, bytes);
}

void UringStreams::on_receive_over(StreamId id, int result) {
    Stream* stream = table_.find(id);
    if (stream == nullptr) {
        return;
    }
    if (stream->phase == Stream::Phase::Dying) {
        release(id, *stream);
        return;
    }
    // Out of buffers, cancelled by a pause that is over already, or the kernel's own reasons.
    const bool is_interrupted = result > 0 || result == -ENOBUFS || result == -ECANCELED;
    if (is_interrupted) {
        if (!stream->is_paused) {
            order_receive(id, *stream);
        }
        return;
    }
    stream->is_ended = true;
    stream->failure = stream->failure != 0 ? stream->failure : -result;
    if (stream->phase == Stream::Phase::Closing) {
        if (result < 0) {
            destroy(id);
        }
    } else if (!stream->is_paused && !stream->has_held) {
        end(id, stream->failure);
    }
}

}  // namespace boom::net
