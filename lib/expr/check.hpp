#pragma once
// Validators: `check`/`assert`/`expect` and the short form, compiled once.

#include "expr/response.hpp"
#include "expr/template.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace boom::expr {

enum class Comparator {
    Equal,
    NotEqual,
    LessThan,
    LessOrEqual,
    GreaterThan,
    GreaterOrEqual,
    Contains,
    ContainedBy,
    NotContains,
    TypeMatch,
    StartsWith,
    EndsWith,
    StringEqual,
    EqualFold,
    RegexMatch,
    NotRegexMatch,
    LengthEqual,
    LengthLess,
    LengthLessOrEqual,
    LengthGreater,
    LengthGreaterOrEqual,
};

// All names of hrp-boom 6.11 and JMeter's words with negation. Empty: unknown.
[[nodiscard]] std::optional<Comparator> find_comparator(std::string_view name);
[[nodiscard]] std::span<const std::string_view> comparator_names();
[[nodiscard]] std::string_view name(Comparator comparator);

// Numbers by value, never converted between text and number (D16, DEF-B10): 200 == 200.0, but
// "200" != 200. False with a reason in `why` when the types cannot be compared.
[[nodiscard]] bool holds(Comparator comparator, const Value& actual, const Value& expected,
                         std::string* why);

class Pattern;

struct Check {
    // As the members, with the expected value looked at once: a constant that the comparator can
    // never be satisfied with is an error, a constant regular expression is compiled here.
    [[nodiscard]] static std::variant<Check, CompileError> make(Query subject,
                                                                Comparator comparator,
                                                                ValueTemplate expected,
                                                                std::string message);

    Query subject;
    Comparator comparator = Comparator::Equal;
    ValueTemplate expected;
    std::string message;                     // of the user, may be empty
    std::shared_ptr<const Pattern> pattern;  // of make(); null: compiled at each use

    // Empty when it holds; else the text of the failure without values that vary per request only
    // by chance: "status_code equals 200: got 503" (actual shortened to 60 bytes).
    [[nodiscard]] std::optional<std::string> failure(ResponseReader& response, Slots slots,
                                                     CallContext& context) const;
};

}  // namespace boom::expr
