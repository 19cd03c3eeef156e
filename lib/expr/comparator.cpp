#include "base/text.hpp"
#include "expr/check.hpp"
#include "expr/number.hpp"
#include "expr/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <compare>

namespace boom::expr {
namespace {

using Kind = Value::Kind;

struct ComparatorName {
    std::string_view name;
    Comparator comparator;
};

// The first name of each comparator is the one in messages.
constexpr std::array kNames{
    ComparatorName{"equals", Comparator::Equal},
    ComparatorName{"equal", Comparator::Equal},
    ComparatorName{"eq", Comparator::Equal},
    ComparatorName{"not_equal", Comparator::NotEqual},
    ComparatorName{"not_equals", Comparator::NotEqual},
    ComparatorName{"ne", Comparator::NotEqual},
    ComparatorName{"less_than", Comparator::LessThan},
    ComparatorName{"lt", Comparator::LessThan},
    ComparatorName{"less_or_equals", Comparator::LessOrEqual},
    ComparatorName{"less_or_equal", Comparator::LessOrEqual},
    ComparatorName{"le", Comparator::LessOrEqual},
    ComparatorName{"greater_than", Comparator::GreaterThan},
    ComparatorName{"gt", Comparator::GreaterThan},
    ComparatorName{"greater_or_equals", Comparator::GreaterOrEqual},
    ComparatorName{"greater_or_equal", Comparator::GreaterOrEqual},
    ComparatorName{"ge", Comparator::GreaterOrEqual},
    ComparatorName{"contains", Comparator::Contains},
    ComparatorName{"contain", Comparator::Contains},
    ComparatorName{"substring", Comparator::Contains},
    ComparatorName{"contained_by", Comparator::ContainedBy},
    ComparatorName{"not_contains", Comparator::NotContains},
    ComparatorName{"not_contain", Comparator::NotContains},
    ComparatorName{"not_substring", Comparator::NotContains},
    ComparatorName{"type_match", Comparator::TypeMatch},
    ComparatorName{"startswith", Comparator::StartsWith},
    ComparatorName{"starts_with", Comparator::StartsWith},
    ComparatorName{"endswith", Comparator::EndsWith},
    ComparatorName{"ends_with", Comparator::EndsWith},
    ComparatorName{"string_equals", Comparator::StringEqual},
    ComparatorName{"str_eq", Comparator::StringEqual},
    ComparatorName{"equal_fold", Comparator::EqualFold},
    ComparatorName{"regex_match", Comparator::RegexMatch},
    ComparatorName{"matches", Comparator::RegexMatch},
    ComparatorName{"match", Comparator::RegexMatch},
    ComparatorName{"not_regex_match", Comparator::NotRegexMatch},
    ComparatorName{"not_matches", Comparator::NotRegexMatch},
    ComparatorName{"not_match", Comparator::NotRegexMatch},
    ComparatorName{"length_equals", Comparator::LengthEqual},
    ComparatorName{"length_equal", Comparator::LengthEqual},
    ComparatorName{"len_eq", Comparator::LengthEqual},
    ComparatorName{"count_eq", Comparator::LengthEqual},
    ComparatorName{"length_less_than", Comparator::LengthLess},
    ComparatorName{"len_lt", Comparator::LengthLess},
    ComparatorName{"count_lt", Comparator::LengthLess},
    ComparatorName{"length_less_or_equals", Comparator::LengthLessOrEqual},
    ComparatorName{"len_le", Comparator::LengthLessOrEqual},
    ComparatorName{"count_le", Comparator::LengthLessOrEqual},
    ComparatorName{"length_greater_than", Comparator::LengthGreater},
    ComparatorName{"len_gt", Comparator::LengthGreater},
    ComparatorName{"count_gt", Comparator::LengthGreater},
    ComparatorName{"length_greater_or_equals", Comparator::LengthGreaterOrEqual},
    ComparatorName{"len_ge", Comparator::LengthGreaterOrEqual},
    ComparatorName{"count_ge", Comparator::LengthGreaterOrEqual},
};

constexpr auto kNameTexts = [] {
    std::array<std::string_view, kNames.size()> texts;
    std::transform(kNames.begin(), kNames.end(), texts.begin(),
                   [](const ComparatorName& entry) { return entry.name; });
    return texts;
}();

struct TypeName {
    std::string_view name;
    bool (*is_of_type)(const Value& value);
};

bool is_integer(const Value& value) {
    return value.kind() == Kind::Integer || value.kind() == Kind::BigInteger;
}
bool is_real(const Value& value) {
    return value.kind() == Kind::Real;
}
bool is_number(const Value& value) {
    return value.is_number();
}
bool is_text(const Value& value) {
    return value.kind() == Kind::Text;
}
bool is_bool(const Value& value) {
    return value.kind() == Kind::Bool;
}
bool is_list(const Value& value) {
    return value.kind() == Kind::List;
}
bool is_map(const Value& value) {
    return value.kind() == Kind::Map;
}
bool is_null(const Value& value) {
    return value.is_null();
}

constexpr std::array kTypeNames{
    TypeName{"int", is_integer},   TypeName{"integer", is_integer}, TypeName{"float", is_real},
    TypeName{"number", is_number}, TypeName{"str", is_text},        TypeName{"string", is_text},
    TypeName{"bool", is_bool},     TypeName{"boolean", is_bool},    TypeName{"list", is_list},
    TypeName{"array", is_list},    TypeName{"dict", is_map},        TypeName{"map", is_map},
    TypeName{"object", is_map},    TypeName{"null", is_null},       TypeName{"None", is_null},
};

// Sets the reason and is false, for `return refuse(…)`.
bool refuse(std::string* why, std::string reason) {
    if (why != nullptr) {
        *why = std::move(reason);
    }
    return false;
}

bool refuse_types(std::string* why, const Value& actual, const Value& expected) {
    return refuse(why, fmt::format("{} and {} cannot be compared so", type_name(actual),
                                   type_name(expected)));
}

bool matches_type(const Value& actual, const Value& expected) {
    if (expected.kind() == Kind::Text) {
        const auto* named = std::find_if(
            kTypeNames.begin(), kTypeNames.end(),
            [&expected](const TypeName& entry) { return entry.name == expected.as_text(); });
        if (named != kTypeNames.end()) {
            return named->is_of_type(actual);
        }
    }
    return actual.kind() == expected.kind() || (is_integer(actual) && is_integer(expected));
}

// A comparator of order or length, as a question about the order of two values.
bool has_order(Comparator comparator, std::partial_ordering order) {
    if (comparator == Comparator::LessThan || comparator == Comparator::LengthLess) {
        return std::is_lt(order);
    }
    if (comparator == Comparator::LessOrEqual || comparator == Comparator::LengthLessOrEqual) {
        return std::is_lteq(order);
    }
    if (comparator == Comparator::GreaterThan || comparator == Comparator::LengthGreater) {
        return std::is_gt(order);
    }
    if (comparator == Comparator::GreaterOrEqual ||
        comparator == Comparator::LengthGreaterOrEqual) {
        return std::is_gteq(order);
    }
    return std::is_eq(order);
}

bool holds_order(Comparator comparator, const Value& actual, const Value& expected,
                 std::string* why) {
    if (actual.is_number() && expected.is_number()) {
        return has_order(comparator, compare_numbers(actual, expected));
    }
    if (is_text(actual) && is_text(expected)) {
        return has_order(comparator, actual.as_text().compare(expected.as_text()) <=> 0);
    }
    return refuse_types(why, actual, expected);
}

bool holds_length(Comparator comparator, const Value& actual, const Value& expected,
                  std::string* why) {
    if (!expected.is_number()) {
        return refuse(why, "the expected length is no number");
    }
    std::size_t length = 0;
    switch (actual.kind()) {
        case Kind::Text:
            length = actual.as_text().size();
            break;
        case Kind::List:
            length = actual.as_list().size();
            break;
        case Kind::Map:
            length = actual.as_map().size();
            break;
        case Kind::Null:
        case Kind::Bool:
        case Kind::Integer:
        case Kind::BigInteger:
        case Kind::Real:
            return refuse(why, fmt::format("{} has no length", type_name(actual)));
    }
    return has_order(comparator,
                     compare_numbers(Value(static_cast<std::int64_t>(length)), expected));
}

// Empty: these two cannot be asked for it.
std::optional<bool> is_contained(const Value& part, const Value& whole) {
    if (is_list(whole)) {
        const List& list = whole.as_list();
        return std::find(list.begin(), list.end(), part) != list.end();
    }
    if (!is_text(part)) {
        return std::nullopt;
    }
    if (is_map(whole)) {
        return whole.member(part.as_text()) != nullptr;
    }
    return is_text(whole) ? std::optional(whole.as_text().find(part.as_text()) != std::string::npos)
                          : std::nullopt;
}

bool holds_containment(Comparator comparator, const Value& actual, const Value& expected,
                       std::string* why) {
    const std::optional<bool> result = comparator == Comparator::ContainedBy
                                           ? is_contained(actual, expected)
                                           : is_contained(expected, actual);
    return result ? *result == (comparator != Comparator::NotContains)
                  : refuse_types(why, actual, expected);
}

bool holds_between_texts(Comparator comparator, const Value& actual, const Value& expected,
                         std::string* why) {
    if (!is_text(actual) || !is_text(expected)) {
        return refuse_types(why, actual, expected);
    }
    const std::string& text = actual.as_text();
    if (comparator == Comparator::StartsWith) {
        return text.starts_with(expected.as_text());
    }
    if (comparator == Comparator::EndsWith) {
        return text.ends_with(expected.as_text());
    }
    return base::equals_ignoring_case(text, expected.as_text());
}

bool holds_pattern(Comparator comparator, const Value& actual, const Value& expected,
                   std::string* why) {
    if (!is_text(expected)) {
        return refuse(why, "the regular expression is no text");
    }
    const auto pattern = Pattern::compile(expected.as_text());
    if (const auto* error = std::get_if<CompileError>(&pattern)) {
        return refuse(why, error->what);
    }
    return std::get<Pattern>(pattern).is_found_in(actual.text()) ==
           (comparator == Comparator::RegexMatch);
}

}  // namespace

std::optional<Comparator> find_comparator(std::string_view name) {
    const auto* found =
        std::find_if(kNames.begin(), kNames.end(),
                     [name](const ComparatorName& entry) { return entry.name == name; });
    return found == kNames.end() ? std::nullopt : std::optional(found->comparator);
}

std::span<const std::string_view> comparator_names() {
    return kNameTexts;
}

std::string_view name(Comparator comparator) {
    const auto* found = std::find_if(
        kNames.begin(), kNames.end(),
        [comparator](const ComparatorName& entry) { return entry.comparator == comparator; });
    return found == kNames.end() ? std::string_view() : found->name;
}

bool holds(Comparator comparator, const Value& actual, const Value& expected, std::string* why) {
    switch (comparator) {
        case Comparator::Equal:
            return actual == expected;
        case Comparator::NotEqual:
            return !(actual == expected);
        case Comparator::LessThan:
        case Comparator::LessOrEqual:
        case Comparator::GreaterThan:
        case Comparator::GreaterOrEqual:
            return holds_order(comparator, actual, expected, why);
        case Comparator::Contains:
        case Comparator::ContainedBy:
        case Comparator::NotContains:
            return holds_containment(comparator, actual, expected, why);
        case Comparator::TypeMatch:
            return matches_type(actual, expected);
        case Comparator::StartsWith:
        case Comparator::EndsWith:
        case Comparator::EqualFold:
            return holds_between_texts(comparator, actual, expected, why);
        case Comparator::StringEqual:
            return actual.text() == expected.text();
        case Comparator::RegexMatch:
        case Comparator::NotRegexMatch:
            return holds_pattern(comparator, actual, expected, why);
        case Comparator::LengthEqual:
        case Comparator::LengthLess:
        case Comparator::LengthLessOrEqual:
        case Comparator::LengthGreater:
        case Comparator::LengthGreaterOrEqual:
            return holds_length(comparator, actual, expected, why);
    }
    return false;
}

}  // namespace boom::expr
