#pragma once
// Network addresses as users type them.

#include <optional>
#include <string>
#include <string_view>

namespace boom::base {

struct Address {
    std::string host;  // without brackets; empty when only a port was given
    int port = 0;

    // "host:port", IPv6 in brackets.
    [[nodiscard]] std::string text() const;
};

// Understands "h:9091", ":9091", "http://h:9091/", " h:9091 ", "[::1]:9091", "h" and "9091" (with
// a default port; a bare number is a port). Empty for anything else.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text, int default_port);

// True for 127.0.0.0/8, ::1, ::ffff:127.x and "localhost".
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace boom::base
