#pragma once
// WebSocket framing (RFC 6455) without extensions: bytes in, messages out, and back. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boom::net {

struct WebSocketMessage {
    enum class Kind : std::uint8_t { Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
    Kind kind = Kind::Text;
    std::string payload;
    bool operator==(const WebSocketMessage&) const = default;
};

// Strict: what RFC 6455 forbids ends the reading. Buffers are kept from one message to the next.
class WebSocketReader {
public:
    static constexpr std::size_t kMaxMessage = std::size_t{16} << 20;
    // Whose frames are read: a client masks all of them, a server none.
    enum class From : std::uint8_t { Client, Server };

    explicit WebSocketReader(From from, std::size_t max_message = kMaxMessage)
        : max_message_(max_message), from_(from) {}

    void feed(std::string_view bytes) { buffer_.append(bytes); }
    // Null: more bytes are needed, or an error. The message is the caller's until the next call.
    // Control frames come in between the fragments of a message; fragments are put together.
    [[nodiscard]] WebSocketMessage* next();
    // The close code to answer with, once next() has given up; 0 while all is well.
    [[nodiscard]] int error() const { return error_; }

private:
    struct Head {
        bool is_final = false;
        unsigned opcode = 0;
        std::size_t size = 0;
        std::size_t head_size = 0;
    };
    enum class Read : std::uint8_t { Frame, Starved, Failed };

    Read read_head(Head& head);
    [[nodiscard]] bool is_forbidden(std::string_view bytes, const Head& head) const;
    [[nodiscard]] WebSocketMessage* take_frame(const Head& head);
    [[nodiscard]] WebSocketMessage* check_control();
    void take_payload(const Head& head, std::string& payload);
    void forget_consumed();
    void fail(int code) { error_ = code; }

    std::size_t max_message_;
    From from_;
    bool is_partial_ = false;  // a message whose last fragment is not here yet
    std::string buffer_;
    std::size_t consumed_ = 0;
    WebSocketMessage data_, control_;
    int error_ = 0;
};

// Appends a whole frame. A client's is masked with the four bytes of `mask`.
void append_web_socket_frame(std::string& out, WebSocketMessage::Kind kind,
                             std::string_view payload, std::optional<std::uint32_t> mask);
// The same of a server.
[[nodiscard]] std::string web_socket_frame(const WebSocketMessage& message);
// The payload of a Close frame.
[[nodiscard]] std::string close_payload(int code, std::string_view reason);
// What a Close frame says; 1005 and nothing when it is empty (RFC 6455 section 7.1.5).
struct WebSocketEnd {
    int code = 1005;
    std::string_view reason;
};
[[nodiscard]] WebSocketEnd read_close(std::string_view payload);
// The codes that may be sent (RFC 6455 section 7.4 and the registry of IANA).
[[nodiscard]] bool is_close_code(std::uint64_t code);
// The Sec-WebSocket-Accept of a Sec-WebSocket-Key; empty when the key is not one of 16 bytes.
[[nodiscard]] std::string web_socket_accept(std::string_view key);

}  // namespace boom::net
