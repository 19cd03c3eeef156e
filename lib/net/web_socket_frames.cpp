#include "net/web_socket_frames.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace boom::net {
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
// What one large message took is given back.
constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;

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

}  // namespace

bool is_close_code(std::uint64_t code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

WebSocketMessage* WebSocketReader::next() {
    while (error_ == 0) {
        Head head;
        if (read_head(head) != Read::Frame) {
            forget_consumed();
            return nullptr;
        }
        if (WebSocketMessage* message = take_frame(head)) {
            return message;
        }
    }
    return nullptr;
}

void WebSocketReader::forget_consumed() {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
    if (buffer_.empty() && buffer_.capacity() > kKeptCapacity) {
        buffer_.shrink_to_fit();
    }
}

bool WebSocketReader::is_forbidden(std::string_view bytes, const Head& head) const {
    const bool is_control = head.opcode >= 8;
    const bool is_masked = (byte_at(bytes, 1) & kMaskBit) != 0;
    const bool is_continuing = head.opcode == kContinuation;
    // A fragment without a beginning, or a beginning inside a message.
    const bool is_out_of_order = !is_control && is_continuing != is_partial_;
    return (byte_at(bytes, 0) & kReservedBits) != 0 || !is_known(head.opcode) ||
           is_masked != (from_ == From::Client) ||
           (is_control && (!head.is_final || head.size > kMaxControl)) || is_out_of_order;
}

WebSocketReader::Read WebSocketReader::read_head(Head& head) {
    const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
    if (bytes.size() < 2) {
        return Read::Starved;
    }
    head.is_final = (byte_at(bytes, 0) & kFinalBit) != 0;
    head.opcode = byte_at(bytes, 0) & 0x0f;
    head.size = byte_at(bytes, 1) & 0x7f;
    if (is_forbidden(bytes, head)) {
        fail(kProtocolError);
        return Read::Failed;
    }
    const std::size_t extra = head.size == 126 ? 2 : head.size == 127 ? 8 : 0;
    head.head_size = 2 + extra + (from_ == From::Client ? kMaskSize : 0);
    if (bytes.size() < head.head_size) {
        return Read::Starved;
    }
    const std::uint64_t size = extra == 0 ? head.size : big_endian(bytes.substr(2, extra));
    if ((extra == 2 && size < 126) || (extra == 8 && (size < 65536 || size >> 63 != 0))) {
        fail(kProtocolError);  // the shortest form is required
        return Read::Failed;
    }
    const bool is_continuing = head.opcode == kContinuation;
    const std::size_t so_far = is_continuing ? data_.payload.size() : 0;
    if (head.opcode < 8 && size > max_message_ - so_far) {
        fail(kTooBig);
        return Read::Failed;
    }
    head.size = size;
    return bytes.size() - head.head_size < size ? Read::Starved : Read::Frame;
}

// Appends it, without the mask.
void WebSocketReader::take_payload(const Head& head, std::string& payload) {
    const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
    const std::size_t begin = payload.size();
    payload += bytes.substr(head.head_size, head.size);
    if (from_ == From::Client) {
        const std::string_view mask = bytes.substr(head.head_size - kMaskSize, kMaskSize);
        for (std::size_t i = 0; i < head.size; ++i) {
            payload[begin + i] = static_cast<char>(payload[begin + i] ^ mask[i % kMaskSize]);
        }
    }
    consumed_ += head.head_size + head.size;
}

WebSocketMessage* WebSocketReader::take_frame(const Head& head) {
    if (head.opcode >= 8) {
        control_.kind = static_cast<Kind>(head.opcode);
        control_.payload.clear();
        take_payload(head, control_.payload);
        return check_control();
    }
    if (head.opcode != kContinuation) {
        data_.kind = static_cast<Kind>(head.opcode);
        data_.payload.clear();
        if (data_.payload.capacity() > kKeptCapacity) {
            data_.payload.shrink_to_fit();
        }
    }
    take_payload(head, data_.payload);
    is_partial_ = !head.is_final;
    if (is_partial_) {
        return nullptr;
    }
    if (data_.kind == Kind::Text && !base::is_utf8(data_.payload)) {
        fail(kNotUtf8);
        return nullptr;
    }
    return &data_;
}

WebSocketMessage* WebSocketReader::check_control() {
    const std::string_view payload = control_.payload;
    if (control_.kind == Kind::Close && !payload.empty()) {
        if (payload.size() < 2 || !is_close_code(big_endian(payload.substr(0, 2)))) {
            fail(kProtocolError);
            return nullptr;
        }
        if (!base::is_utf8(payload.substr(2))) {
            fail(kNotUtf8);
            return nullptr;
        }
    }
    return &control_;
}

void append_web_socket_frame(std::string& out, Kind kind, std::string_view payload,
                             std::optional<std::uint32_t> mask) {
    const std::size_t size = payload.size();
    const unsigned mask_bit = mask ? kMaskBit : 0;
    out += static_cast<char>(kFinalBit | static_cast<unsigned>(kind));
    if (size < 126) {
        out += static_cast<char>(mask_bit | size);
    } else {
        const bool is_short = size < 65536;
        out += static_cast<char>(mask_bit | (is_short ? 126U : 127U));
        append_big_endian(out, size, is_short ? 2 : 8);
    }
    if (!mask) {
        out += payload;
        return;
    }
    append_big_endian(out, *mask, kMaskSize);
    const std::size_t begin = out.size();
    out += payload;
    const std::string_view key = std::string_view(out).substr(begin - kMaskSize, kMaskSize);
    for (std::size_t i = 0; i < size; ++i) {
        out[begin + i] = static_cast<char>(out[begin + i] ^ key[i % kMaskSize]);
    }
}

std::string web_socket_frame(const WebSocketMessage& message) {
    std::string out;
    append_web_socket_frame(out, message.kind, message.payload, std::nullopt);
    return out;
}

WebSocketEnd read_close(std::string_view payload) {
    if (payload.size() < 2) {
        return {};
    }
    return {static_cast<int>(big_endian(payload.substr(0, 2))), payload.substr(2)};
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

}  // namespace boom::net
