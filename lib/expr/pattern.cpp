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
    return pattern;
}

bool Pattern::is_found_in(std::string_view text) const {
    return std::regex_search(text.data(), text.data() + text.size(), regex_);
}

std::optional<std::string_view> Pattern::first_group(std::string_view text) const {
    std::cmatch match;
    if (!std::regex_search(text.data(), text.data() + text.size(), match, regex_) ||
        match.size() < 2 || !match[1].matched) {
        return std::nullopt;
    }
    return std::string_view(match[1].first, static_cast<std::size_t>(match[1].length()));
}

}  // namespace boom::expr
