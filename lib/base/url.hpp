#pragma once
// URLs (RFC 3986), as far as an HTTP client needs them.

#include <optional>
#include <string>
#include <string_view>

namespace boom::base {

struct Url {
    std::string scheme;    // lower case: "http", "https", "ws", "wss"
    std::string userinfo;  // without "@"
    std::string host;      // without brackets
    int port = 0;          // explicit, or the scheme's default
    std::string path;      // starts with "/"
    std::string query;     // without "?"

    [[nodiscard]] bool is_tls() const { return scheme == "https" || scheme == "wss"; }
    [[nodiscard]] bool has_default_port() const;
    // "host" or "host:port" as the Host header wants it; IPv6 in brackets.
    [[nodiscard]] std::string authority() const;
    // "scheme://authority", the identity of a connection.
    [[nodiscard]] std::string origin() const;
    // Path and query: the request target.
    [[nodiscard]] std::string target() const;
    [[nodiscard]] std::string text() const;
};

// Absolute URLs with one of the four schemes; the fragment is dropped. Empty for anything else.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);
// A reference resolved against a base (RFC 3986 section 5): redirects.
[[nodiscard]] std::optional<Url> resolve_url(const Url& base, std::string_view reference);
// Percent-encodes all but unreserved characters (RFC 3986 2.3).
[[nodiscard]] std::string percent_encode(std::string_view text);
// application/x-www-form-urlencoded: as above with "+" for a space.
[[nodiscard]] std::string form_encode(std::string_view text);
// Percent-encodes in place what may not stand in an URL (RFC 3986 2), its host excepted: bytes of
// UTF-8, spaces, controls, one of "<>\^`{|}, and a % that begins no escape. What is encoded stays
// as it is, and so does every delimiter, so to do it twice is to do it once.
void escape_url(std::string& url);
// Inverse of both when `plus_is_space`; a broken escape stays as it is.
enum class PlusSign { Literal, Space };
[[nodiscard]] std::string percent_decode(std::string_view text, PlusSign plus);
// How HttpRunner joins a base URL and a step's URL (hrp-boom A.4), without its forced trailing
// slash: an absolute `url` wins; else base path and path are joined with single slashes and the
// base's query is dropped. Empty when neither is absolute.
[[nodiscard]] std::string join_url(std::string_view base, std::string_view url);

}  // namespace boom::base
