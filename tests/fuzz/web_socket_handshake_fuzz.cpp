// The answer to a websocket's handshake is understood the same however it is cut. The first byte
// is the size of the pieces; a '@' stands for the only right Sec-WebSocket-Accept.

#include "base/assert.hpp"
#include "net/web_socket_frames.hpp"
#include "net/web_socket_handshake.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using boom::net::WebSocketHandshake;

std::string right_accept(std::string_view request) {
    constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
    const std::size_t begin = request.find(kKey) + kKey.size();
    return boom::net::web_socket_accept(request.substr(begin, request.find('\r', begin) - begin));
}

std::string read(const std::string& text, std::size_t step) {
    boom::base::Rng rng(1);
    boom::net::HttpRequest request;
    request.url = "ws://host/path";
    WebSocketHandshake handshake;
    BOOM_ASSERT(handshake.assign(request, rng).empty());
    std::string bytes;
    for (const char c : text) {
        bytes += c == '@' ? right_accept(handshake.bytes()) : std::string(1, c);
    }
    boom::net::HttpResponse response;
    std::size_t at = 0;
    auto progress = WebSocketHandshake::Progress::More;
    while (at < bytes.size() && progress == WebSocketHandshake::Progress::More) {
        const std::string_view piece = std::string_view(bytes).substr(at, step);
        progress = handshake.feed(piece, response);
        at += piece.size();
    }
    const bool is_open = progress == WebSocketHandshake::Progress::Open;
    BOOM_ASSERT(!is_open || response.status == 101);
    BOOM_ASSERT(!is_open || text.find('@') != std::string::npos);
    const std::size_t frames = is_open ? at - handshake.unused_bytes() : 0;
    return std::to_string(static_cast<int>(progress)) + std::to_string(frames) +
           std::to_string(response.headers.size()) + std::string(handshake.fault());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string text(data + 1, data + size);
    BOOM_ASSERT(read(text, text.size() * 32) == read(text, std::size_t{data[0]} % 64 + 1));
    return 0;
}
