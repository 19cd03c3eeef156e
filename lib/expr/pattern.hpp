#pragma once
// A regular expression (ECMAScript grammar), compiled once. Private to this module.

#include "expr/jmespath.hpp"

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>

namespace boom::expr {

// Immutable: any thread may search. However large the text, no search recurses over it or takes
// exponential time; so there are no back-references.
class Pattern {
public:
    [[nodiscard]] static std::variant<Pattern, CompileError> compile(std::string_view text);

    [[nodiscard]] bool is_found_in(std::string_view text) const;
    // Of the first match. Empty when there is no match, or none of that group.
    [[nodiscard]] std::optional<std::string_view> first_group(std::string_view text) const;
    // Of the first `limit` matches, one after the other; null where the group took no part.
    [[nodiscard]] List all_of_group(const std::string& text, std::size_t group,
                                    std::size_t limit) const;
    [[nodiscard]] std::size_t group_count() const { return regex_.mark_count(); }

private:
    template <typename Try>
    bool search(std::string_view text, Try try_at) const;

    std::regex regex_;
    // What every match starts with, found much faster than by the expression. May be empty.
    std::string prefix_;
};

}  // namespace boom::expr
