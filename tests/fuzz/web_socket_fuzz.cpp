// The target's reader of websocket frames: the same messages however the bytes are split. The first
// byte of the input chooses the size of the pieces.
#include "base/assert.hpp"
#include "target/utf8.hpp"
#include "target/web_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::target::WebSocketMessage;
using boom::target::WebSocketReader;

std::string read(std::string_view bytes, std::size_t step) {
    WebSocketReader reader;
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        reader.feed(bytes.substr(at, step));
        while (const auto message = reader.next()) {
            const bool is_text = message->kind == WebSocketMessage::Kind::Text;
            BOOM_ASSERT(!is_text || boom::target::is_utf8(message->payload));
            BOOM_ASSERT(message->payload.size() <= WebSocketReader::kMaxMessage);
            text += boom::target::web_socket_frame(*message);
        }
    }
    return text + std::to_string(reader.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string bytes(data + 1, data + size);
    BOOM_ASSERT(read(bytes, bytes.size()) == read(bytes, std::size_t{data[0]} % 64 + 1));
    return 0;
}
