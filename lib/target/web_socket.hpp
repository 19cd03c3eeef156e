#pragma once
// WebSocket framing (RFC 6455) without extensions: bytes in, messages out. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boom::target {

struct WebSocketMessage {
    enum class Kind : std::uint8_t { Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
    Kind kind = Kind::Text;
    std::string payload;
    bool operator==(const WebSocketMessage&) const = default;
};

// What a server reads from a client: strict, for it is also what tests clients.
class WebSocketReader {
public:
    static constexpr std::size_t kMaxMessage = std::size_t{16} << 20;

    void feed(std::string_view bytes) { buffer_.append(bytes); }
    // Control frames come in between the fragments of a message; fragments are put together.
    [[nodiscard]] std::optional<WebSocketMessage> next();
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
    [[nodiscard]] std::optional<WebSocketMessage> take_frame(const Head& head);
    [[nodiscard]] std::optional<WebSocketMessage> take_control(const Head& head,
                                                               std::string payload);
    void fail(int code) { error_ = code; }

    std::string buffer_;
    std::size_t consumed_ = 0;
    std::optional<WebSocketMessage> partial_;  // a message whose last fragment is not here yet
    int error_ = 0;
};

// A frame of a server: unmasked and whole.
[[nodiscard]] std::string web_socket_frame(const WebSocketMessage& message);
// The payload of a Close frame.
[[nodiscard]] std::string close_payload(int code, std::string_view reason);
// The Sec-WebSocket-Accept of a Sec-WebSocket-Key; empty when the key is not one of 16 bytes.
[[nodiscard]] std::string web_socket_accept(std::string_view key);

}  // namespace boom::target
