// The reader of websocket frames, of both sides: the same messages however the bytes are split. The
// first byte of the input chooses the size of the pieces.
#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "net/web_socket_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::net::WebSocketMessage;
using boom::net::WebSocketReader;

std::string read(WebSocketReader::From from, std::string_view bytes, std::size_t step) {
    WebSocketReader reader(from);
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        reader.feed(bytes.substr(at, step));
        while (const WebSocketMessage* message = reader.next()) {
            const bool is_text = message->kind == WebSocketMessage::Kind::Text;
            BOOM_ASSERT(!is_text || boom::base::is_utf8(message->payload));
            BOOM_ASSERT(message->payload.size() <= WebSocketReader::kMaxMessage);
            text += boom::net::web_socket_frame(*message);
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
    const auto from = data[0] < 128 ? WebSocketReader::From::Client : WebSocketReader::From::Server;
    BOOM_ASSERT(read(from, bytes, bytes.size()) ==
                read(from, bytes, std::size_t{data[0]} % 64 + 1));
    return 0;
}
