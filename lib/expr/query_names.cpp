#include "base/text.hpp"
#include "expr/query.hpp"

#include <algorithm>

namespace boom::expr {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The offset behind the quoted text that starts at `at`.
std::size_t quote_end(std::string_view text, std::size_t at) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == text[at]) {
            return i + 1;
        }
    }
    return text.size();
}

// The word that ends before `dot`.
std::string_view word_before(std::string_view text, std::size_t dot) {
    std::size_t start = dot;
    while (start > 0 && is_word(text[start - 1])) {
        --start;
    }
    return text.substr(start, dot - start);
}

bool needs_quotes(std::string_view parent, std::string_view name) {
    if (name.find('-') == std::string_view::npos) {
        return false;
    }
    const std::string lower = base::to_lower(name);
    return parent == "headers" || parent == "cookies" || lower.starts_with("content-") ||
           lower == "user-agent";
}

}  // namespace

std::string quote_hyphenated_names(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"' || c == '\'' || c == '`') {
            const std::size_t end = quote_end(text, at);
            result += text.substr(at, end - at);
            at = end;
            continue;
        }
        result += c;
        ++at;
        if (c != '.') {
            continue;
        }
        const auto* start = text.begin() + static_cast<std::ptrdiff_t>(at);
        const auto* end =
            std::find_if_not(start, text.end(), [](char d) { return is_word(d) || d == '-'; });
        const std::string_view name(start, static_cast<std::size_t>(end - start));
        if (needs_quotes(word_before(text, at - 1), name)) {
            result += '"';
            result += name;
            result += '"';
            at += name.size();
            // The reference accepts a stray quote behind the name.
            at += at + 1 == text.size() && text[at] == '"' ? 1U : 0U;
        }
    }
    return result;
}

}  // namespace boom::expr
