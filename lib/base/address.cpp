#include "base/address.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace boom::base {
namespace {

std::optional<int> parse_port(std::string_view text) {
    const auto number = parse_integer(text);
    if (!number || *number < 0 || *number > 65535) {
        return std::nullopt;
    }
    return static_cast<int>(*number);
}

bool is_plausible_host(std::string_view host) {
    return host.find_first_of(" \t/@?#[]") == std::string_view::npos;
}

// Groups of hexadecimal digits, perhaps with a dotted end and an interface behind '%'.
bool is_plausible_ipv6(std::string_view host) {
    return host.substr(0, host.find('%')).find_first_not_of("0123456789abcdefABCDEF:.") ==
           std::string_view::npos;
}

}  // namespace

std::string Address::text() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

std::optional<Address> parse_address(std::string_view text, int default_port) {
    text = trim(text);
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    while (!text.empty() && text.back() == '/') {
        text.remove_suffix(1);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    std::string_view host = text;
    std::string_view port;
    if (text.front() == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        host = text.substr(1, close - 1);
        const std::string_view rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':') {
            return std::nullopt;
        }
        port = rest.empty() ? rest : rest.substr(1);
        if (!rest.empty() && port.empty()) {
            return std::nullopt;
        }
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        if (text.find(':', colon + 1) != std::string_view::npos) {
            // A bare IPv6 address: the port cannot be told from the last group.
            return is_plausible_ipv6(text) ? std::optional(Address{std::string(text), default_port})
                                           : std::nullopt;
        }
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) {
            return std::nullopt;
        }
    } else if (parse_port(text)) {
        host = {};
        port = text;
    }
    if (!is_plausible_host(host)) {
        return std::nullopt;
    }
    if (port.empty()) {
        return Address{std::string(host), default_port};
    }
    const auto number = parse_port(port);
    if (!number) {
        return std::nullopt;
    }
    return Address{std::string(host), *number};
}

bool is_loopback(std::string_view host) {
    constexpr std::string_view kMapped = "::ffff:";
    if (host.substr(0, kMapped.size()) == kMapped) {
        host.remove_prefix(kMapped.size());
    }
    if (host == "::1" || equals_ignoring_case(host, "localhost")) {
        return true;
    }
    // Only a dotted address: "127.evil.example" is a name.
    return host.substr(0, 4) == "127." &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace boom::base
