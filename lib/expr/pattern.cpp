#include "expr/pattern.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::expr {
namespace {

// Compiling recurses over the pattern; no honest pattern is longer.
constexpr std::size_t kMaxPatternBytes = 2048;

// The default matcher of libstdc++ recurses once per character of the text, which a large body
// turns into a crash; this one does not, and never takes exponential time.
constexpr auto kSyntax = std::regex::ECMAScript | std::regex_constants::__polynomial;

// The plain text that every match starts with.
std::string literal_prefix(std::string_view pattern) {
    constexpr std::string_view kMeta = "^$\\.*+?()[]{}|";
    constexpr std::string_view kQuantifiers = "*+?{";
    std::string prefix;
    if (pattern.find('|') != std::string_view::npos) {
        return prefix;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        std::size_t end = i + 1;
        char c = pattern[i];
        if (c == '\\' && end < pattern.size() && kMeta.find(pattern[end]) != kMeta.npos) {
            c = pattern[end++];
        } else if (kMeta.find(c) != kMeta.npos) {
            break;
        }
        if (end < pattern.size() && kQuantifiers.find(pattern[end]) != kQuantifiers.npos) {
            break;
        }
        prefix += c;
        i = end - 1;
    }
    return prefix;
}

}  // namespace

std::variant<Pattern, CompileError> Pattern::compile(std::string_view text) {
    if (text.size() > kMaxPatternBytes) {
        return CompileError{
            fmt::format("regular expression longer than {} bytes", kMaxPatternBytes), 0};
    }
    Pattern pattern;
    try {
        pattern.regex_.assign(text.data(), text.data() + text.size(), kSyntax);
    } catch (const std::regex_error& error) {
        const bool is_back_reference = error.code() == std::regex_constants::error_complexity;
        return CompileError{
            fmt::format("bad regular expression '{}': {}", base::shorten(text, 60),
                        is_back_reference ? "back-references are not supported" : error.what()),
            0};
    }
    pattern.prefix_ = literal_prefix(text);
    return pattern;
}

// Calls `try_at(begin, end, flags)` where a match may start, until it is true.
template <typename Try>
bool Pattern::search(std::string_view text, Try try_at) const {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    if (prefix_.empty()) {
        return try_at(begin, end, std::regex_constants::match_default);
    }
    for (std::size_t at = text.find(prefix_); at != std::string_view::npos;
         at = text.find(prefix_, at + 1)) {
        const auto before =
            at == 0 ? std::regex_constants::match_default : std::regex_constants::match_prev_avail;
        if (try_at(begin + at, end, before | std::regex_constants::match_continuous)) {
            return true;
        }
    }
    return false;
}

bool Pattern::is_found_in(std::string_view text) const {
    return search(text, [this](const char* begin, const char* end, auto flags) {
        return std::regex_search(begin, end, regex_, flags);
    });
}

std::optional<std::string_view> Pattern::first_group(std::string_view text) const {
    std::cmatch match;
    const bool is_found =
        search(text, [this, &match](const char* begin, const char* end, auto flags) {
            return std::regex_search(begin, end, match, regex_, flags);
        });
    if (!is_found || match.size() < 2 || !match[1].matched) {
        return std::nullopt;
    }
    return std::string_view(match[1].first, static_cast<std::size_t>(match[1].length()));
}

List Pattern::all_of_group(const std::string& text, std::size_t group, std::size_t limit) const {
    List found;
    const char* const end = text.data() + text.size();
    for (std::cregex_iterator it(text.data(), end, regex_), none;
         it != none && found.size() < limit; ++it) {
        const auto& part = (*it)[group];
        found.push_back(part.matched ? Value(part.str()) : Value());
    }
    return found;
}

}  // namespace boom::expr
