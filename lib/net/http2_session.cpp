#include "net/http2_session.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <nghttp2/nghttp2.h>
#include <vector>

namespace boom::net {
namespace {

// What a server may send before it hears of it: so large that the opening of windows costs nothing.
constexpr std::int32_t kWindowBytes = 16 << 20;
constexpr std::size_t kFrameHead = 9;  // RFC 9113 section 4.1

std::size_t size_on_wire(const nghttp2_frame_hd& head) {
    return head.length + kFrameHead;
}

// The one place where bytes become characters.
std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {static_cast<const char*>(static_cast<const void*>(data)), size};
}
// libnghttp2 does not change what it is given.
std::uint8_t* bytes_of(std::string_view text) {
    return static_cast<std::uint8_t*>(static_cast<void*>(const_cast<char*>(text.data())));
}

Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return id == 0 ? nullptr
                   : static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

}  // namespace

struct Http2Session::State {
    nghttp2_session* raw = nullptr;
    std::vector<nghttp2_nv> fields;  // of the request that is being submitted

    State() = default;
    ~State() { nghttp2_session_del(raw); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

// What libnghttp2 calls: C code, through which no exception may pass.
struct Http2Session::Callbacks {
    static Http2Session& self(void* data) { return *static_cast<Http2Session*>(data); }

    static int on_begin_frame(nghttp2_session* raw, const nghttp2_frame_hd* head,
                              void* /*data*/) noexcept {
        const bool is_answer = head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_DATA ||
                               head->type == NGHTTP2_CONTINUATION;
        Http2Stream* stream = is_answer ? stream_of(raw, head->stream_id) : nullptr;
        if (stream != nullptr) {
            // The bytes of a body are counted as they come.
            stream->on_frame_bytes(head->type == NGHTTP2_DATA ? kFrameHead : size_on_wire(*head));
        }
        return 0;
    }

    static int on_header(nghttp2_session* raw, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t /*flags*/, void* /*data*/) noexcept {
        Http2Stream* stream = stream_of(raw, frame->hd.stream_id);
        const bool is_taken = stream == nullptr || stream->on_header(text_of(name, name_size),
                                                                     text_of(value, value_size));
        return is_taken ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }

    // Else it would be left out silently.
    static int on_invalid_header(nghttp2_session* /*raw*/, const nghttp2_frame* /*frame*/,
                                 const std::uint8_t* /*name*/, std::size_t /*name_size*/,
                                 const std::uint8_t* /*value*/, std::size_t /*value_size*/,
                                 std::uint8_t /*flags*/, void* /*data*/) noexcept {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }

    static int on_data(nghttp2_session* raw, std::uint8_t /*flags*/, std::int32_t id,
                       const std::uint8_t* bytes, std::size_t size, void* /*data*/) noexcept {
        Http2Stream* stream = stream_of(raw, id);
        if (stream == nullptr) {
            return 0;
        }
        stream->on_frame_bytes(size);
        if (!stream->on_body(text_of(bytes, size))) {
            refuse(raw, id, *stream);
        }
        return 0;
    }

    static int on_frame(nghttp2_session* raw, const nghttp2_frame* frame, void* data) noexcept {
        const std::int32_t id = frame->hd.stream_id;
        switch (frame->hd.type) {
            case NGHTTP2_SETTINGS:
                self(data).has_settings_ = true;
                return 0;
            case NGHTTP2_RST_STREAM:
                self(data).reset_by_peer_ = id;
                return 0;
            case NGHTTP2_HEADERS:
            case NGHTTP2_DATA:
                break;
            default:
                return 0;
        }
        Http2Stream* stream = stream_of(raw, id);
        if (stream == nullptr) {
            return 0;
        }
        if (frame->hd.type == NGHTTP2_DATA) {
            stream->on_frame_bytes(frame->data.padlen);
        } else if (!stream->on_head()) {
            refuse(raw, id, *stream);
            return 0;
        }
        const bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (is_end && nghttp2_session_get_stream_local_close(raw, id) == 0) {
            // The server has answered a request that it does not want to the end.
            end(raw, id, NGHTTP2_CANCEL);
            stream->on_whole();
        }
        return 0;
    }

    static int on_stream_close(nghttp2_session* raw, std::int32_t id, std::uint32_t code,
                               void* data) noexcept {
        const bool is_by_peer = self(data).reset_by_peer_ == id;
        self(data).reset_by_peer_ = 0;
        Http2Stream* stream = stream_of(raw, id);
        if (stream == nullptr) {
            return 0;
        }
        if (code == NGHTTP2_REFUSED_STREAM) {
            stream->on_broken(is_by_peer ? Http2StreamEnd::Refused : Http2StreamEnd::Unread,
                              "the server refused the stream");
        } else if (is_by_peer) {
            std::array<char, 80> text{};
            const std::string_view name = nghttp2_http2_strerror(code);
            constexpr std::string_view kBegin = "stream reset by the server: ";
            char* end = std::copy(kBegin.begin(), kBegin.end(), text.begin());
            end =
                std::copy_n(name.begin(), std::min(name.size(), text.size() - kBegin.size()), end);
            stream->on_broken(Http2StreamEnd::Reset,
                              {text.data(), static_cast<std::size_t>(end - text.data())});
        } else if (code == NGHTTP2_NO_ERROR) {
            stream->on_whole();
        } else {
            stream->on_broken(Http2StreamEnd::BadAnswer, {});
        }
        return 0;
    }

    static int on_frame_send(nghttp2_session* raw, const nghttp2_frame* frame,
                             void* data) noexcept {
        if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) {
            Http2Stream* stream = stream_of(raw, frame->hd.stream_id);
            if (stream != nullptr) {
                stream->on_frame_sent(size_on_wire(frame->hd));
            }
        } else if (frame->hd.type == NGHTTP2_GOAWAY) {
            self(data).has_peer_failed_ =
                self(data).has_peer_failed_ || frame->goaway.error_code != NGHTTP2_NO_ERROR;
        }
        return 0;
    }

    static ssize_t read_body(nghttp2_session* raw, std::int32_t id, std::uint8_t* buffer,
                             std::size_t size, std::uint32_t* flags,
                             nghttp2_data_source* /*source*/, void* /*data*/) noexcept {
        Http2Stream* stream = stream_of(raw, id);
        if (stream == nullptr) {
            return NGHTTP2_ERR_DEFERRED;  // given up: its reset is on the way
        }
        const Http2Stream::BodyPart part = stream->next_body(size);
        if (part.is_held) {
            return NGHTTP2_ERR_DEFERRED;
        }
        BOOM_ASSERT(part.bytes.size() <= size);
        std::memcpy(buffer, part.bytes.data(), part.bytes.size());
        if (part.is_last) {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        }
        return static_cast<ssize_t>(part.bytes.size());
    }

    static void end(nghttp2_session* raw, std::int32_t id, std::uint32_t code) {
        nghttp2_session_set_stream_user_data(raw, id, nullptr);
        nghttp2_submit_rst_stream(raw, NGHTTP2_FLAG_NONE, id, code);
    }
    static void refuse(nghttp2_session* raw, std::int32_t id, Http2Stream& stream) {
        end(raw, id, NGHTTP2_CANCEL);
        stream.on_broken(Http2StreamEnd::BadAnswer, {});
    }

    static PieceStore& store(void* data) noexcept { return *static_cast<PieceStore*>(data); }
    static nghttp2_mem memory_of(PieceStore& pieces) {
        return {&pieces, [](std::size_t size, void* data) { return store(data).allocate(size); },
                [](void* piece, void* data) { store(data).free(piece); },
                [](std::size_t count, std::size_t size, void* data) {
                    return store(data).allocate_zeroed(count, size);
                },
                [](void* piece, std::size_t size, void* data) {
                    return store(data).reallocate(piece, size);
                }};
    }

    static nghttp2_session_callbacks* make() {
        nghttp2_session_callbacks* all = nullptr;
        BOOM_ASSERT(nghttp2_session_callbacks_new(&all) == 0);
        nghttp2_session_callbacks_set_on_begin_frame_callback(all, on_begin_frame);
        nghttp2_session_callbacks_set_on_header_callback(all, on_header);
        nghttp2_session_callbacks_set_on_invalid_header_callback(all, on_invalid_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, on_data);
        nghttp2_session_callbacks_set_on_frame_recv_callback(all, on_frame);
        nghttp2_session_callbacks_set_on_stream_close_callback(all, on_stream_close);
        nghttp2_session_callbacks_set_on_frame_send_callback(all, on_frame_send);
        return all;
    }
};

Http2Session::Http2Session(PieceStore& pieces) : state_(std::make_unique<State>()) {
    nghttp2_session_callbacks* callbacks = Callbacks::make();
    nghttp2_option* option = nullptr;
    BOOM_ASSERT(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_peer_max_concurrent_streams(option, kAssumedStreams);
    nghttp2_mem memory = Callbacks::memory_of(pieces);
    BOOM_ASSERT(nghttp2_session_client_new3(&state_->raw, callbacks, this, option, &memory) == 0);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    const std::array<nghttp2_settings_entry, 2> settings{{
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes},
    }};
    BOOM_ASSERT(nghttp2_submit_settings(state_->raw, NGHTTP2_FLAG_NONE, settings.data(),
                                        settings.size()) == 0);
    BOOM_ASSERT(nghttp2_session_set_local_window_size(state_->raw, NGHTTP2_FLAG_NONE, 0,
                                                      kWindowBytes) == 0);
}

Http2Session::~Http2Session() = default;

std::int32_t Http2Session::submit(const Http2Request& request, Http2Stream& stream) {
    std::vector<nghttp2_nv>& fields = state_->fields;
    fields.clear();
    for (const Http2Request::Field& field : request.fields()) {
        fields.push_back({bytes_of(field.name), bytes_of(field.value), field.name.size(),
                          field.value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider body{};
    body.read_callback = &Callbacks::read_body;
    const std::int32_t id =
        nghttp2_submit_request(state_->raw, nullptr, fields.data(), fields.size(),
                               request.has_body() ? &body : nullptr, &stream);
    return std::max(id, 0);
}

void Http2Session::resume_body(std::int32_t stream) {
    // It fails where there is nothing to resume, which is as well.
    static_cast<void>(nghttp2_session_resume_data(state_->raw, stream));
}

void Http2Session::reset(std::int32_t stream) {
    Callbacks::end(state_->raw, stream, NGHTTP2_CANCEL);
}

bool Http2Session::receive(std::string_view bytes) {
    const ssize_t taken = nghttp2_session_mem_recv(state_->raw, bytes_of(bytes), bytes.size());
    has_peer_failed_ = has_peer_failed_ || taken < 0;
    return taken >= 0;
}

bool Http2Session::gather(std::string& to_peer, std::size_t limit) {
    while (to_peer.size() < limit) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(state_->raw, &bytes);
        BOOM_ASSERT(size >= 0 || size == NGHTTP2_ERR_CALLBACK_FAILURE);
        if (size <= 0) {
            return false;
        }
        to_peer += text_of(bytes, static_cast<std::size_t>(size));
    }
    return true;
}

void Http2Session::say_goodbye() {
    nghttp2_session_terminate_session(state_->raw, NGHTTP2_NO_ERROR);
}

bool Http2Session::takes_requests() const {
    return nghttp2_session_check_request_allowed(state_->raw) != 0;
}

bool Http2Session::is_over() const {
    return nghttp2_session_want_read(state_->raw) == 0 &&
           nghttp2_session_want_write(state_->raw) == 0;
}

std::size_t Http2Session::max_streams() const {
    return has_settings_ ? nghttp2_session_get_remote_settings(
                               state_->raw, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
                         : kAssumedStreams;
}

}  // namespace boom::net
