// Endpoints for the form of an answer: size, coding, chunks, headers, another protocol.
#include "base/text.hpp"
#include "net/web_socket_frames.hpp"
#include "target/encodings.hpp"
#include "target/json_text.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::target {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{256} << 20;
constexpr std::int64_t kMaxLines = 100'000;

Answer encoded(const Context& context, std::string_view flag, std::string_view coding,
               std::string (*encode)(std::string_view)) {
    const std::string text =
        fmt::format(R"({{"{}":true,"method":{},"headers":{},"origin":{}}})", flag,
                    json_string(context.request.method), headers_object(context.request),
                    json_string(context.peer));
    Answer result = json(200, encode(text));
    result.headers.emplace_back("Content-Encoding", coding);
    return result;
}

Answer gzip(const Context& context) {
    return encoded(context, "gzipped", "gzip", to_gzip);
}
// With ?raw=1 without zlib's frame, as some servers send it.
Answer deflate(const Context& context) {
    const bool is_raw = context.request.parameter("raw").has_value();
    return encoded(context, "deflated", "deflate", is_raw ? to_raw_deflate : to_deflate);
}
Answer brotli(const Context& context) {
    return encoded(context, "brotli", "br", to_brotli);
}
Answer zstd(const Context& context) {
    return encoded(context, "zstd", "zstd", to_zstd);
}

std::optional<std::int64_t> count_of(const Context& context, std::int64_t most) {
    const auto n = base::parse_integer(context.parts[0]);
    return n && *n >= 0 && *n <= most ? n : std::nullopt;
}

// /bytes/n with a length, /chunked/n in chunks.
Answer bytes(const Context& context) {
    const auto n = count_of(context, kMaxBytes);
    if (!n) {
        return problem(400, "a number of bytes is needed, at most 256 MiB");
    }
    Answer result;
    result.content_type = "application/octet-stream";
    result.body.assign(static_cast<std::size_t>(*n), 'x');
    result.manner = context.request.path.rfind("/chunked", 0) == 0 ? Answer::Manner::Chunked
                                                                   : Answer::Manner::Now;
    return result;
}

// /stream/n: a JSON object a line, in chunks.
Answer stream(const Context& context) {
    const auto n = count_of(context, kMaxLines);
    if (!n) {
        return problem(400, "a number of lines is needed, at most 100000");
    }
    Answer result;
    result.manner = Answer::Manner::Chunked;
    const std::string args = object(context.request.parameters());
    for (std::int64_t id = 0; id < *n; ++id) {
        result.body += fmt::format("{{\"id\":{},\"args\":{}}}\n", id, args);
    }
    return result;
}

bool is_field_byte(char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
}
bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

// /response-headers?Name=value: those headers, and as JSON.
Answer response_headers(const Context& context) {
    const Fields fields = context.request.parameters();
    Answer result = json(200, object(fields));
    for (const auto& [name, value] : fields) {
        const bool is_framing = base::equals_ignoring_case(name, "Content-Length") ||
                                base::equals_ignoring_case(name, "Transfer-Encoding") ||
                                base::equals_ignoring_case(name, "Connection");
        if (name.empty() || is_framing || !std::all_of(name.begin(), name.end(), is_name_byte) ||
            !std::all_of(value.begin(), value.end(), is_field_byte)) {
            return problem(400, "no header field that may be set: /hostile has the broken ones");
        }
        if (base::equals_ignoring_case(name, "Content-Type")) {
            result.content_type = value;
        } else {
            result.headers.emplace_back(name, value);
        }
    }
    return result;
}

Answer status(const Context& context) {
    const auto n = count_of(context, 599);
    if (!n || *n < 200) {
        return problem(400, "a status is 200 to 599");
    }
    Answer result = json(static_cast<int>(*n), fmt::format(R"({{"status":{}}})", *n));
    if (*n >= 301 && *n <= 308 && *n != 304) {
        result.headers.emplace_back("Location", "/get");
    }
    return result;
}

bool has_word(std::string_view list, std::string_view word) {
    const auto words = base::split_text(list, ',');
    return std::any_of(words.begin(), words.end(), [&](std::string_view other) {
        return base::equals_ignoring_case(base::trim(other), word);
    });
}

// An echo (RFC 6455). ?greeting=TEXT is sent first, ?ping=TEXT makes a ping.
Answer web_socket(const Context& context) {
    const Request& request = context.request;
    if (!has_word(request.header("Upgrade"), "websocket") ||
        !has_word(request.header("Connection"), "upgrade") || request.method != "GET") {
        Answer result = problem(426, "a websocket handshake is needed");
        result.headers.emplace_back("Upgrade", "websocket");
        return result;
    }
    if (request.header("Sec-WebSocket-Version") != "13") {
        Answer result = problem(426, "version 13 is spoken");
        result.headers.emplace_back("Sec-WebSocket-Version", "13");
        return result;
    }
    const std::string accept = net::web_socket_accept(request.header("Sec-WebSocket-Key"));
    if (accept.empty()) {
        return problem(400, "Sec-WebSocket-Key is no base64 of 16 bytes");
    }
    Answer result;
    result.status = 101;
    result.manner = Answer::Manner::WebSocket;
    result.headers = {
        {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept}};
    const std::string_view offered = request.header("Sec-WebSocket-Protocol");
    if (!offered.empty()) {
        result.headers.emplace_back("Sec-WebSocket-Protocol",
                                    base::trim(offered.substr(0, offered.find(','))));
    }
    using Kind = net::WebSocketMessage::Kind;
    if (const auto text = request.parameter("greeting")) {
        result.pieces.push_back({net::web_socket_frame({Kind::Text, *text}), {}});
    }
    if (const auto text = request.parameter("ping")) {
        result.pieces.push_back({net::web_socket_frame({Kind::Ping, text->substr(0, 125)}), {}});
    }
    return result;
}

constexpr std::array kRoutes{
    Route{"gzip", 0, 0, gzip},     Route{"deflate", 0, 0, deflate},
    Route{"brotli", 0, 0, brotli}, Route{"zstd", 0, 0, zstd},
    Route{"bytes", 1, 1, bytes},   Route{"chunked", 1, 1, bytes},
    Route{"stream", 1, 1, stream}, Route{"response-headers", 0, 0, response_headers},
    Route{"status", 1, 1, status}, Route{"ws", 0, 0, web_socket},
};

}  // namespace

std::span<const Route> payload_routes() {
    return kRoutes;
}

}  // namespace boom::target
