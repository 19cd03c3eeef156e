#pragma once
// The dates of cookies, in any of the ways that servers write them (RFC 6265 5.1.1). Pure.

#include <chrono>
#include <optional>
#include <string_view>

namespace boom::net {

// Dates beyond what the clock can count become its first or last moment.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_cookie_date(
    std::string_view text);

}  // namespace boom::net
