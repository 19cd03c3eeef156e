#include "target/web_socket.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "target/utf8.hpp"

namespace boom::target {
namespace {

using Kind = WebSocketMessage::Kind;

constexpr int kProtocolError = 1002;
constexpr int kNotUtf8 = 1007;
constexpr int kTooBig = 1009;

constexpr unsigned kContinuation = 0;
constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kMaskBit = 0x80;
constexpr std::size_t kMaskSize = 4;
constexpr std::size_t kMaxControl = 125;

unsigned byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = (value << 8) | static_cast<unsigned char>(byte);
    }
    return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
        out += static_cast<char>((value >> shift) & 0xff);
    }
}

bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

// The codes that may be sent (RFC 6455 section 7.4.1 and the registry of IANA).
bool is_close_code(std::uint64_t code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

}  // namespace

std::optional<WebSocketMessage> WebSocketReader::next() {
    while (error_ == 0) {
        Head head;
        const Read result = read_head(head);
        if (result != Read::Frame) {
            buffer_.erase(0, consumed_);
            consumed_ = 0;
            return std::nullopt;
        }
        if (auto message = take_frame(head)) {
            return message;
        }
    }
    return std::nullopt;
}

WebSocketReader::Read WebSocketReader::read_head(Head& head) {
    const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
    if (bytes.size() < 2) {
        return Read::Starved;
    }
    head.is_final = (byte_at(bytes, 0) & kFinalBit) != 0;
    head.opcode = byte_at(bytes, 0) & 0x0f;
    const unsigned length = byte_at(bytes, 1) & 0x7f;
    const bool is_control = head.opcode >= 8;
    const bool is_masked = (byte_at(bytes, 1) & kMaskBit) != 0;
    const bool is_continuing = head.opcode == kContinuation;
    // A fragment without a beginning, or a beginning inside a message.
    const bool is_out_of_order = !is_control && is_continuing != partial_.has_value();
    if ((byte_at(bytes, 0) & kReservedBits) != 0 || !is_known(head.opcode) || !is_masked ||
        (is_control && (!head.is_final || length > kMaxControl)) || is_out_of_order) {
        fail(kProtocolError);
        return Read::Failed;
    }
    const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    head.head_size = 2 + extra + kMaskSize;
    if (bytes.size() < head.head_size) {
        return Read::Starved;
    }
    const std::uint64_t size = extra == 0 ? length : big_endian(bytes.substr(2, extra));
    if ((extra == 2 && size < 126) || (extra == 8 && (size < 65536 || size >> 63 != 0))) {
        fail(kProtocolError);  // the shortest form is required
        return Read::Failed;
    }
    const std::size_t so_far = partial_ && !is_control ? partial_->payload.size() : 0;
    if (size > kMaxMessage - so_far) {
        fail(kTooBig);
        return Read::Failed;
    }
    head.size = size;
    return bytes.size() - head.head_size < size ? Read::Starved : Read::Frame;
}

std::optional<WebSocketMessage> WebSocketReader::take_frame(const Head& head) {
    const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
    const std::string_view mask = bytes.substr(head.head_size - kMaskSize, kMaskSize);
    std::string payload(bytes.substr(head.head_size, head.size));
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(byte_at(payload, i) ^ byte_at(mask, i % kMaskSize));
    }
    consumed_ += head.head_size + head.size;
    if (head.opcode >= 8) {
        return take_control(head, std::move(payload));
    }
    if (head.opcode == kContinuation) {
        partial_->payload += payload;
    } else {
        partial_ = WebSocketMessage{static_cast<Kind>(head.opcode), std::move(payload)};
    }
    if (!head.is_final) {
        return std::nullopt;
    }
    if (partial_->kind == Kind::Text && !is_utf8(partial_->payload)) {
        fail(kNotUtf8);
        return std::nullopt;
    }
    std::optional<WebSocketMessage> done = std::move(partial_);
    partial_.reset();
    return done;
}

std::optional<WebSocketMessage> WebSocketReader::take_control(const Head& head,
                                                              std::string payload) {
    const auto kind = static_cast<Kind>(head.opcode);
    if (kind == Kind::Close && !payload.empty()) {
        if (payload.size() < 2 || !is_close_code(big_endian(payload.substr(0, 2)))) {
            fail(kProtocolError);
            return std::nullopt;
        }
        if (!is_utf8(std::string_view(payload).substr(2))) {
            fail(kNotUtf8);
            return std::nullopt;
        }
    }
    return WebSocketMessage{kind, std::move(payload)};
}

std::string web_socket_frame(const WebSocketMessage& message) {
    const std::size_t size = message.payload.size();
    std::string out(1, static_cast<char>(kFinalBit | static_cast<unsigned>(message.kind)));
    if (size < 126) {
        out += static_cast<char>(size);
    } else {
        const bool is_short = size < 65536;
        out += static_cast<char>(is_short ? 126 : 127);
        append_big_endian(out, size, is_short ? 2 : 8);
    }
    return out += message.payload;
}

std::string close_payload(int code, std::string_view reason) {
    std::string out;
    append_big_endian(out, static_cast<std::uint64_t>(code), 2);
    return out += reason;
}

std::string web_socket_accept(std::string_view key) {
    constexpr std::string_view kSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const auto nonce = base::decode_base64(key);
    if (!nonce || nonce->size() != 16) {
        return {};
    }
    return base::encode_base64(base::sha1(std::string(key) + std::string(kSuffix)));
}

}  // namespace boom::target
