#pragma once
// The framing of one HTTP/2 connection, seen from the client (RFC 9113), by libnghttp2: bytes in,
// bytes out. No socket, no clock. One thread. Answers PING and SETTINGS, opens the windows of flow
// control again as bytes come, refuses pushes.

#include "net/http2_request.hpp"
#include "net/piece_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

// How a stream ended without a whole answer.
enum class Http2StreamEnd : std::uint8_t {
    Unread,     // the server says that it did nothing with the request: it may be sent again
    Refused,    // as Unread, of this one stream (REFUSED_STREAM)
    Reset,      // by the server
    BadAnswer,  // what came is no answer, or it was refused by on_header(), on_head(), on_body()
};

// One request and its answer. The calls come from within the session's functions.
class Http2Stream {
public:
    virtual ~Http2Stream() = default;
    // A frame of the request is among the bytes to send, with all that belongs to it.
    virtual void on_frame_sent(std::size_t bytes) noexcept = 0;
    // A frame of the answer has begun; or more bytes of it.
    virtual void on_frame_bytes(std::size_t bytes) noexcept = 0;
    // False refuses the answer.
    [[nodiscard]] virtual bool on_header(std::string_view name,
                                         std::string_view value) noexcept = 0;
    // The end of a block of headers: of an interim answer, of the final one, or of trailers.
    [[nodiscard]] virtual bool on_head() noexcept = 0;
    [[nodiscard]] virtual bool on_body(std::string_view bytes) noexcept = 0;
    // The answer is whole. The last call.
    virtual void on_whole() noexcept = 0;
    // Nor will it be. The last call. `reason` is for people.
    virtual void on_broken(Http2StreamEnd end, std::string_view reason) noexcept = 0;
    // The next part of the request's body, of at most that size.
    struct BodyPart {
        std::string_view bytes;
        bool is_last = false;
        bool is_held = false;  // nothing yet: resume_body() will ask again
    };
    [[nodiscard]] virtual BodyPart next_body(std::size_t size) noexcept = 0;
};

class Http2Session {
public:
    // RFC 9113 section 6.5.2 recommends to servers to allow no fewer.
    static constexpr std::size_t kAssumedStreams = 100;

    // The memory of its frames and streams is from `pieces`, which outlive it.
    explicit Http2Session(PieceStore& pieces);
    ~Http2Session();
    Http2Session(const Http2Session&) = delete;
    Http2Session& operator=(const Http2Session&) = delete;

    // The stream's id; 0 when the session takes no more. The stream must live until its last call
    // or reset().
    [[nodiscard]] std::int32_t submit(const Http2Request& request, Http2Stream& stream);
    void resume_body(std::int32_t stream);
    // Gives it up; no further call to it.
    void reset(std::int32_t stream);
    // False: nothing can be made of it, the connection has to end.
    [[nodiscard]] bool receive(std::string_view bytes);
    // Appends what is to send until there are `limit` bytes. True: there may be more.
    [[nodiscard]] bool gather(std::string& to_peer, std::size_t limit);
    // The last word: no more requests.
    void say_goodbye();

    // New requests are welcome on this connection.
    [[nodiscard]] bool takes_requests() const;
    // There is nothing more to come or to send.
    [[nodiscard]] bool is_over() const;
    // That the server allows at a time; an assumption before its settings are known.
    [[nodiscard]] std::size_t max_streams() const;
    // The server has said something in HTTP/2.
    [[nodiscard]] bool has_settings() const { return has_settings_; }
    // This side ended the session, for a fault of the peer.
    [[nodiscard]] bool has_peer_failed() const { return has_peer_failed_; }

private:
    struct Callbacks;
    struct State;
    std::unique_ptr<State> state_;
    std::int32_t reset_by_peer_ = 0;  // stream that is being closed for it
    bool has_settings_ = false;
    bool has_peer_failed_ = false;
};

}  // namespace boom::net
