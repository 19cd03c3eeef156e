#pragma once
// The head of an HTTP/1 answer: status line and header fields (RFC 9112 sections 4 to 6), strictly.
// Pure; any thread.

#include "net/http.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace boom::net {

// What is wrong with an answer.
enum class Http1Fault : std::uint8_t {
    None,
    NotHttp,
    StatusLine,
    HeaderTooLong,
    HeaderLine,
    ContentLength,
    TransferEncoding,
    LengthConflict,
    Chunked,
    TooManyInterim,
    UnaskedUpgrade,
    BodyRefused,  // by the sink
};
// For people; the same for every answer with that fault.
[[nodiscard]] std::string_view describe(Http1Fault fault);

struct Http1StatusLine {
    int status = 0;
    int minor_version = 0;  // 0 or 1
};
// Without its line end. Empty when it is none of HTTP/1.0 or 1.1.
[[nodiscard]] std::optional<Http1StatusLine> parse_status_line(std::string_view line);

// What the header fields say about the framing of the body, the connection and cookies.
struct Http1Framing {
    std::int64_t content_length = -1;  // -1: not given
    bool is_chunked = false;
    bool has_close = false;
    bool has_keep_alive = false;
    bool has_set_cookie = false;
};

// Splits `block` (header lines, each with its end) into `headers`, views into it, and reads the
// framing. Folded lines are joined in place.
[[nodiscard]] Http1Fault parse_header_lines(std::string& block, std::vector<Header>& headers,
                                            Http1Framing& framing);

[[nodiscard]] bool is_token_character(char c);
// True when `list` (comma-separated) has that member, ignoring case.
[[nodiscard]] bool list_has(std::string_view list, std::string_view member);

}  // namespace boom::net
