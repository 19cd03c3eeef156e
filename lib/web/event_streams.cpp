#include "web/event_streams.hpp"

#include <microhttpd.h>

#include <algorithm>
#include <memory>

namespace boom::web {
namespace {

constexpr std::size_t kPiece = 16 * 1024;

}  // namespace

MHD_Response* EventStreams::open(MHD_Connection* connection, std::string_view last_id,
                                 EventLog::Form form) {
    const std::lock_guard lock(mutex_);
    if (is_closing_ || streams_.size() >= kMaxStreams) {
        return nullptr;
    }
    auto stream = std::make_unique<Stream>(
        Stream{*this, connection, log_.resume(last_id), form, "retry: 1000\n\n", 0, {}, false});
    MHD_Response* response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, kPiece, &EventStreams::read, stream.get(), &EventStreams::release);
    if (response != nullptr) {
        streams_.insert(stream.release());
    }
    return response;
}

std::ptrdiff_t EventStreams::read(void* self, std::uint64_t, char* buffer,
                                  std::size_t limit) noexcept {
    auto* stream = static_cast<Stream*>(self);
    try {
        return stream->owner.fill(*stream, buffer, limit);
    } catch (const std::exception&) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
}

void EventStreams::release(void* self) noexcept {
    auto* stream = static_cast<Stream*>(self);
    {
        const std::lock_guard lock(stream->owner.mutex_);
        stream->owner.streams_.erase(stream);
    }
    delete stream;
}

std::ptrdiff_t EventStreams::fill(Stream& stream, char* buffer, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (stream.sent == stream.pending.size()) {
        stream.sent = 0;
        stream.pending = log_.next(stream.cursor, stream.form, kPiece);
        const base::TimePoint now = clock_.now();
        if (stream.pending.empty()) {
            if (is_closing_ || stream.cursor.is_over) {
                return MHD_CONTENT_READER_END_OF_STREAM;
            }
            if (now - stream.last_sent < kPingEvery) {
                stream.is_suspended = true;
                MHD_suspend_connection(stream.connection);
                return 0;
            }
            stream.pending = ": ping\n\n";
        }
        stream.last_sent = now;
    }
    const std::size_t size = std::min(limit, stream.pending.size() - stream.sent);
    stream.pending.copy(buffer, size, stream.sent);
    stream.sent += size;
    return static_cast<std::ptrdiff_t>(size);
}

void EventStreams::wake() {
    const std::lock_guard lock(mutex_);
    for (Stream* stream : streams_) {
        if (stream->is_suspended) {
            stream->is_suspended = false;
            MHD_resume_connection(stream->connection);
        }
    }
}

void EventStreams::close() {
    {
        const std::lock_guard lock(mutex_);
        is_closing_ = true;
    }
    wake();
}

}  // namespace boom::web
