// Validators: hrp-boom 6.11, with values compared by value (design D16, DEF-B10).

#include "expr/check.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <tuple>

namespace boom::expr {
namespace {

using test::json;

bool verdict(std::string_view comparator, std::string_view actual, std::string_view expected,
             std::string* why = nullptr) {
    const auto found = find_comparator(comparator);
    REQUIRE(found);
    return holds(*found, json(actual), json(expected), why);
}

TEST_CASE("Comparator: numbers and texts are compared by value", "[expr]") {
    const auto [comparator, actual, expected, result] =
        GENERATE(table<std::string, std::string, std::string, bool>({
            {"eq", "200", "200", true},
            {"eq", "200", "200.0", true},
            {"eq", "200", "200.7", false},
            {"eq", "\"A\"", "65", false},
            {"eq", "\"200\"", "200", false},
            {"eq", "null", "null", true},
            {"eq", R"({"a":[1,2]})", R"({"a":[1.0,2]})", true},
            {"ne", "200", "200.0", false},
            {"ne", "200", "\"200\"", true},
            {"ne", "200", "201", true},
            {"lt", "1", "1.5", true},
            {"lt", "2", "1.5", false},
            {"lt", "\"a\"", "\"b\"", true},
            {"lt", "\"1\"", "2", false},
            {"le", "2", "2.0", true},
            {"le", "3", "2.0", false},
            {"gt", "2.5", "2", true},
            {"gt", "2", "2", false},
            {"gt", "123456789012345678901", "123456789012345678900", true},
            {"ge", "2", "2", true},
            {"ge", "\"a\"", "\"b\"", false},
            {"ge", "null", "1", false},
        }));
    INFO(actual << " " << comparator << " " << expected);
    CHECK(verdict(comparator, actual, expected) == result);
}

TEST_CASE("Comparator: containment is of a text, a list or the keys of a map", "[expr]") {
    const auto [comparator, actual, expected, result] =
        GENERATE(table<std::string, std::string, std::string, bool>({
            {"contains", "\"abcd\"", "\"bc\"", true},
            {"contains", "\"abcd\"", "\"x\"", false},
            {"contains", "\"a1b\"", "1", false},
            {"contains", "[1,2]", "2.0", true},
            {"contains", "[1,2]", "\"2\"", false},
            {"contains", R"({"a":1})", "\"a\"", true},
            {"contains", R"({"a":1})", "\"b\"", false},
            {"contains", "null", "\"a\"", false},
            {"not_contains", "\"abcd\"", "\"x\"", true},
            {"not_contains", "\"abcd\"", "\"bc\"", false},
            // Nothing that could contain it: that is no proof of its absence.
            {"not_contains", "null", "\"a\"", false},
            {"contained_by", "2", "[1,2,3]", true},
            {"contained_by", "4", "[1,2,3]", false},
            {"contained_by", "\"b\"", "\"abc\"", true},
            {"contained_by", "\"k\"", R"({"k":0})", true},
        }));
    INFO(actual << " " << comparator << " " << expected);
    CHECK(verdict(comparator, actual, expected) == result);
}

TEST_CASE("Comparator: types are matched by name, else by kind", "[expr]") {
    const auto [comparator, actual, expected, result] =
        GENERATE(table<std::string, std::string, std::string, bool>({
            {"type_match", "1", "\"int\"", true},
            {"type_match", "1.0", "\"int\"", false},
            {"type_match", "123456789012345678901", "\"integer\"", true},
            {"type_match", "1.0", "\"float\"", true},
            {"type_match", "1", "\"number\"", true},
            {"type_match", "\"x\"", "\"str\"", true},
            {"type_match", "\"x\"", "\"string\"", true},
            {"type_match", "1", "\"str\"", false},
            {"type_match", "true", "\"bool\"", true},
            {"type_match", "[]", "\"list\"", true},
            {"type_match", "[]", "\"array\"", true},
            {"type_match", "{}", "\"dict\"", true},
            {"type_match", "{}", "\"map\"", true},
            {"type_match", "{}", "\"object\"", true},
            {"type_match", "null", "\"null\"", true},
            {"type_match", "null", "\"None\"", true},
            {"type_match", "\"abc\"", "\"any text\"", true},
            {"type_match", "1", "2", true},
            {"type_match", "1", "2.0", false},
            {"type_match", "1", "123456789012345678901", true},
        }));
    INFO(actual << " " << comparator << " " << expected);
    CHECK(verdict(comparator, actual, expected) == result);
}

TEST_CASE("Comparator: texts, patterns and lengths", "[expr]") {
    const auto [comparator, actual, expected, result] =
        GENERATE(table<std::string, std::string, std::string, bool>({
            {"startswith", "\"abc\"", "\"ab\"", true},
            {"startswith", "\"abc\"", "\"bc\"", false},
            {"startswith", "123", "1", false},
            {"endswith", "\"abc\"", "\"bc\"", true},
            {"endswith", "\"abc\"", "\"ab\"", false},
            {"str_eq", "123", "\"123\"", true},
            {"str_eq", "123.0", "\"123.0\"", false},
            {"str_eq", "true", "\"true\"", true},
            {"equal_fold", "\"AbC\"", "\"aBc\"", true},
            {"equal_fold", "\"abc\"", "\"abd\"", false},
            {"equal_fold", "1", "1", false},
            {"regex_match", "\"order 66\"", "\"\\\\d+\"", true},
            {"regex_match", "404", "\"^4\\\\d\\\\d$\"", true},
            {"regex_match", "\"abc\"", "\"^b\"", false},
            {"regex_match", "\"abc\"", "\"(\"", false},
            {"regex_match", "\"abc\"", "1", false},
            {"not_regex_match", "\"abc\"", "\"^b\"", true},
            {"not_regex_match", "\"abc\"", "\"^a\"", false},
            {"not_regex_match", "\"abc\"", "\"(\"", false},
            {"len_eq", "\"é\"", "2", true},
            {"len_eq", "[1,2]", "2.0", true},
            {"len_eq", "[1,2]", "2.5", false},
            {"len_eq", "{}", "0", true},
            {"len_eq", "[1,2]", "\"2\"", false},
            {"len_eq", "12", "2", false},
            {"len_lt", "[1,2]", "3", true},
            {"len_lt", "[1,2]", "2", false},
            {"len_le", "[1,2]", "2", true},
            {"len_gt", "[1,2]", "1", true},
            {"len_gt", "[1,2]", "2", false},
            {"len_ge", "[1,2]", "2", true},
            {"len_ge", "[1,2]", "3", false},
        }));
    INFO(actual << " " << comparator << " " << expected);
    CHECK(verdict(comparator, actual, expected) == result);
}

TEST_CASE("Comparator: every name of the specification is known", "[expr]") {
    const auto [names, comparator] = GENERATE(table<std::vector<std::string>, Comparator>({
        {{"eq", "equals", "equal"}, Comparator::Equal},
        {{"ne", "not_equal"}, Comparator::NotEqual},
        {{"lt", "less_than"}, Comparator::LessThan},
        {{"le", "less_or_equals"}, Comparator::LessOrEqual},
        {{"gt", "greater_than"}, Comparator::GreaterThan},
        {{"ge", "greater_or_equals"}, Comparator::GreaterOrEqual},
        {{"contains"}, Comparator::Contains},
        {{"contained_by"}, Comparator::ContainedBy},
        {{"not_contains"}, Comparator::NotContains},
        {{"type_match"}, Comparator::TypeMatch},
        {{"startswith"}, Comparator::StartsWith},
        {{"endswith"}, Comparator::EndsWith},
        {{"str_eq", "string_equals"}, Comparator::StringEqual},
        {{"equal_fold"}, Comparator::EqualFold},
        {{"regex_match"}, Comparator::RegexMatch},
        {{"not_regex_match"}, Comparator::NotRegexMatch},
        {{"len_eq", "length_equals", "length_equal"}, Comparator::LengthEqual},
        {{"len_lt", "count_lt", "length_less_than"}, Comparator::LengthLess},
        {{"len_le", "count_le", "length_less_or_equals"}, Comparator::LengthLessOrEqual},
        {{"len_gt", "count_gt", "length_greater_than"}, Comparator::LengthGreater},
        {{"len_ge", "count_ge", "length_greater_or_equals"}, Comparator::LengthGreaterOrEqual},
    }));
    for (const std::string& known : names) {
        INFO(known);
        CHECK(find_comparator(known) == comparator);
    }
    CHECK(find_comparator(name(comparator)) == comparator);
}

TEST_CASE("Comparator: names are unique and unknown ones are not found", "[expr]") {
    std::set<std::string_view> seen;
    for (const std::string_view known : comparator_names()) {
        INFO(known);
        CHECK(seen.insert(known).second);
        CHECK(find_comparator(known).has_value());
    }
    CHECK_FALSE(find_comparator("equls").has_value());
    CHECK_FALSE(find_comparator("").has_value());
}

TEST_CASE("Comparator: what cannot be compared says why", "[expr]") {
    std::string why;
    CHECK_FALSE(verdict("lt", "\"1\"", "2", &why));
    CHECK(why == "string and number cannot be compared so");
    CHECK_FALSE(verdict("len_eq", "12", "2", &why));
    CHECK(why == "number has no length");
    CHECK_FALSE(verdict("regex_match", "\"x\"", "\"(\"", &why));
    CHECK(why.starts_with("bad regular expression '('"));
    why.clear();
    CHECK_FALSE(verdict("eq", "1", "2", &why));
    CHECK(why.empty());
}

}  // namespace
}  // namespace boom::expr
