#include "base/url.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <vector>

namespace boom::base {
namespace {

struct Scheme {
    std::string_view name;
    int port;
};
constexpr std::array<Scheme, 4> kSchemes{{{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}}};

const Scheme* find_scheme(std::string_view name) {
    for (const Scheme& scheme : kSchemes) {
        if (scheme.name == name) {
            return &scheme;
        }
    }
    return nullptr;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool split_authority(std::string_view text, Url& url) {
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        url.userinfo = text.substr(0, at);
        text.remove_prefix(at + 1);
    }
    if (text.empty()) {
        return false;
    }
    std::string_view host = text;
    std::string_view port;
    if (text.front() == '[') {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) {
            return false;
        }
        host = text.substr(1, close - 1);
        port = text.substr(close + 1);
        if (!port.empty() && port.front() != ':') {
            return false;
        }
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (!port.empty()) {
        port.remove_prefix(1);
    }
    if (!port.empty()) {
        const auto number = parse_integer(port);
        if (!number || *number < 1 || *number > 65535) {
            return false;
        }
        url.port = static_cast<int>(*number);
    }
    url.host = to_lower(host);
    return !url.host.empty() && url.host.find_first_of(" \t\"<>^`{|}\\") == std::string::npos;
}

// RFC 3986 5.2.4.
std::string remove_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    const auto segments = split_text(path.substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool last = i + 1 == segments.size();
        if (segments[i] == "..") {
            if (!kept.empty()) {
                kept.pop_back();
            }
            if (last) {
                kept.emplace_back();
            }
        } else if (segments[i] == ".") {
            if (last) {
                kept.emplace_back();
            }
        } else {
            kept.push_back(segments[i]);
        }
    }
    std::string result;
    for (const std::string_view segment : kept) {
        result += '/';
        result += segment;
    }
    return result.empty() ? "/" : result;
}

}  // namespace

bool Url::has_default_port() const {
    const Scheme* known = find_scheme(scheme);
    return known != nullptr && known->port == port;
}

std::string Url::authority() const {
    const std::string name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
    return has_default_port() ? name : fmt::format("{}:{}", name, port);
}

std::string Url::origin() const {
    return fmt::format("{}://{}", scheme, authority());
}

std::string Url::target() const {
    return query.empty() ? path : fmt::format("{}?{}", path, query);
}

std::string Url::text() const {
    const std::string user = userinfo.empty() ? "" : userinfo + "@";
    return fmt::format("{}://{}{}{}", scheme, user, authority(), target());
}

std::optional<Url> parse_url(std::string_view text) {
    text = trim(text);
    const std::size_t separator = text.find("://");
    if (separator == std::string_view::npos) {
        return std::nullopt;
    }
    Url url;
    url.scheme = to_lower(text.substr(0, separator));
    const Scheme* scheme = find_scheme(url.scheme);
    if (scheme == nullptr) {
        return std::nullopt;
    }
    url.port = scheme->port;
    text.remove_prefix(separator + 3);
    text = text.substr(0, text.find('#'));
    const std::size_t end = text.find_first_of("/?");
    if (!split_authority(text.substr(0, end), url)) {
        return std::nullopt;
    }
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    const std::size_t question = text.find('?');
    url.path = text.substr(0, question);
    if (url.path.empty()) {
        url.path = "/";
    }
    if (question != std::string_view::npos) {
        url.query = text.substr(question + 1);
    }
    return url;
}

std::optional<Url> resolve_url(const Url& base, std::string_view reference) {
    reference = trim(reference);
    reference = reference.substr(0, reference.find('#'));
    if (auto absolute = parse_url(reference)) {
        return absolute;
    }
    if (reference.substr(0, 2) == "//") {
        return parse_url(base.scheme + ":" + std::string(reference));
    }
    if (const std::size_t colon = reference.find(':');
        colon != std::string_view::npos && colon < reference.find_first_of("/?")) {
        return std::nullopt;  // a scheme that is not ours
    }
    Url url = base;
    if (reference.empty()) {
        return url;
    }
    const std::size_t question = reference.find('?');
    const std::string_view path = reference.substr(0, question);
    url.query = question == std::string_view::npos ? "" : reference.substr(question + 1);
    if (path.empty()) {
        return url;
    }
    if (path.front() == '/') {
        url.path = remove_dot_segments(path);
    } else {
        const std::string folder = base.path.substr(0, base.path.rfind('/') + 1);
        url.path = remove_dot_segments(folder + std::string(path));
    }
    return url;
}

std::string percent_encode(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

namespace {

constexpr std::array<bool, 256> kStandsInUrl = [] {
    std::array<bool, 256> table{};
    for (const std::string_view set :
         {std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"),
          std::string_view(":/?#[]@!$&'()*+,;=")}) {
        for (const char c : set) {
            table[static_cast<unsigned char>(c)] = true;
        }
    }
    return table;
}();

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool must_be_escaped(std::string_view url, std::size_t at) {
    const char c = url[at];
    const bool is_escape =
        c == '%' && at + 2 < url.size() && is_hex(url[at + 1]) && is_hex(url[at + 2]);
    return !kStandsInUrl[static_cast<unsigned char>(c)] && !is_escape;
}

}  // namespace

void escape_url(std::string& url) {
    const std::size_t scheme = url.find("://");
    std::size_t at = url.find_first_of("/?#", scheme == std::string::npos ? 0 : scheme + 3);
    while (at < url.size() && !must_be_escaped(url, at)) {
        ++at;
    }
    if (at >= url.size()) {
        return;  // nearly always
    }
    std::string rest;
    for (std::size_t i = at; i < url.size(); ++i) {
        if (must_be_escaped(url, i)) {
            fmt::format_to(std::back_inserter(rest), "%{:02X}", static_cast<unsigned char>(url[i]));
        } else {
            rest += url[i];
        }
    }
    url.replace(at, std::string::npos, rest);
}

std::string form_encode(std::string_view text) {
    std::string result = percent_encode(text);
    for (std::size_t at = result.find("%20"); at != std::string::npos;
         at = result.find("%20", at)) {
        result.replace(at, 3, "+");
    }
    return result;
}

std::string percent_decode(std::string_view text, PlusSign plus) {
    std::string result;
    result.reserve(text.size());
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
            digit(text[i + 2]) >= 0) {
            result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i] == '+' && plus == PlusSign::Space ? ' ' : text[i];
        }
    }
    return result;
}

std::string join_url(std::string_view base, std::string_view url) {
    url = trim(url);
    base = trim(base);
    if (url.find("://") != std::string_view::npos) {
        return std::string(url);
    }
    if (base.find("://") == std::string_view::npos) {
        return {};
    }
    if (url.empty()) {
        return std::string(base);
    }
    base = base.substr(0, base.find_first_of("?#"));
    while (!base.empty() && base.back() == '/') {
        base.remove_suffix(1);
    }
    if (url.front() == '?') {
        return fmt::format("{}/{}", base, url);
    }
    while (!url.empty() && url.front() == '/') {
        url.remove_prefix(1);
    }
    return fmt::format("{}/{}", base, url);
}

}  // namespace boom::base
