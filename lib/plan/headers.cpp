#include "base/text.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::string_view kTrafficMark = "PerformanceTest";

// RFC 9110 5.6.2.
bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

void remove_header(Headers& headers, std::string_view name) {
    std::erase_if(headers, [name](const HeaderTemplate& header) {
        return base::equals_ignoring_case(header.name, name);
    });
}

expr::Template constant(std::string_view text) {
    return expr::Template::constant(expr::Value(text));
}

}  // namespace

const HeaderTemplate* find_header(const Headers& headers, std::string_view name) {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [name](const HeaderTemplate& header) {
            return base::equals_ignoring_case(header.name, name);
        });
    return found != headers.end() ? &*found : nullptr;
}

void set_header(Headers& headers, std::string name, expr::Template value) {
    for (HeaderTemplate& header : headers) {
        if (base::equals_ignoring_case(header.name, name)) {
            header = {std::move(name), std::move(value)};
            return;
        }
    }
    headers.push_back({std::move(name), std::move(value)});
}

std::vector<std::string> read_headers(const YamlNode* node, Scope& scope, Headers& headers) {
    std::vector<std::string> dropped;
    if (!is_map(node, "headers", scope.mistakes())) {
        return dropped;
    }
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
        const YamlNode& key = node->keys[i];
        const YamlNode& value = node->items[i];
        if (key.text.starts_with(':') || base::equals_ignoring_case(key.text, "Content-Length")) {
            dropped.push_back(key.text);
            continue;
        }
        if (!is_token(key.text)) {
            scope.mistakes().add(key, fmt::format("'{}' cannot be the name of a header", key.text));
            continue;
        }
        if (!read_text(&value, key.text, scope.mistakes())) {
            continue;
        }
        if (value.text.find_first_of("\r\n") != std::string::npos) {
            scope.mistakes().add(value, fmt::format("header '{}' has a line break", key.text));
            continue;
        }
        set_header(headers, key.text, scope.text(value));
    }
    return dropped;
}

void add_profile_headers(const load::Profile& profile, Headers& headers, Mistakes& mistakes) {
    if (profile.disable_compression) {
        remove_header(headers, "Accept-Encoding");
    } else if (find_header(headers, "Accept-Encoding") == nullptr) {
        headers.push_back({"Accept-Encoding", constant("gzip")});
    }
    if (profile.disable_keepalive) {
        set_header(headers, "Connection", constant("close"));
    }
    Headers added;
    for (const std::string& line : profile.header) {
        const std::size_t colon = line.find(':');
        const std::string name(base::trim(std::string_view(line).substr(0, colon)));
        if (colon == std::string::npos || !is_token(name) ||
            line.find_first_of("\r\n") != std::string::npos) {
            mistakes.add(
                {{"--header", 0, 0}, fmt::format("'{}' is no header", line), "NAME: VALUE"});
            continue;
        }
        added.push_back({name, constant(base::trim(std::string_view(line).substr(colon + 1)))});
    }
    for (const HeaderTemplate& header : added) {
        remove_header(headers, header.name);
    }
    headers.insert(headers.end(), added.begin(), added.end());
    if (profile.mark_traffic) {
        set_header(headers, "User-Agent",
                   constant(profile.mark_traffic->empty() ? kTrafficMark : *profile.mark_traffic));
    } else if (find_header(headers, "User-Agent") == nullptr) {
        headers.push_back({"User-Agent", constant(kTrafficMark)});
    }
}

std::optional<std::string> constant_header_lines(const Headers& headers) {
    std::string lines;
    for (const HeaderTemplate& header : headers) {
        const std::optional<std::string> value = constant_text(header.value);
        if (!value) {
            return std::nullopt;
        }
        lines += fmt::format("{}: {}\r\n", header.name, *value);
    }
    return lines;
}

}  // namespace boom::plan
