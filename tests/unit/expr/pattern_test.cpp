#include "expr/pattern.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::expr {
namespace {

Pattern pattern(std::string_view text) {
    return std::get<Pattern>(Pattern::compile(text));
}

TEST_CASE("Pattern: the first group of the first match is taken", "[expr]") {
    const auto [text, subject, group] = GENERATE(table<std::string, std::string, std::string>({
        {"covering (.*) testing,", "covering api testing, ui testing", "api"},
        {"token=(\\w+)", "a=1; token=abc9; token=no", "abc9"},
        {"a(.*)b", "xaXbYbz", "XbY"},
        {"a(.*?)b", "xaXbYbz", "X"},
        {"<(a|ab)(c|bcd)?>", "<abcd>", "a"},
        {"\"id\":\\s*(\\d+)", "{\"id\":  42}", "42"},
        {"(.*)", "first\nsecond", "first"},
    }));
    INFO(text);
    const Pattern compiled = pattern(text);
    CHECK(compiled.first_group(subject) == std::string_view(group));
}

TEST_CASE("Pattern: no match and an unmatched group give nothing", "[expr]") {
    CHECK_FALSE(pattern("a(b)c").first_group("abd"));
    CHECK_FALSE(pattern("a(b)?c").first_group("ac"));
    CHECK(pattern("^\\d{3}$").is_found_in("200"));
    CHECK_FALSE(pattern("^\\d{3}$").is_found_in("2000"));
}

TEST_CASE("Pattern: a literal start finds what the whole expression finds", "[expr]") {
    // The same expression twice: with its literal start, and with that start hidden in a group.
    const auto [start, rest, text] = GENERATE(table<std::string, std::string, std::string>({
        {"ab", "(c+)", "ab abx abcc abc"},
        {"ab", "(c+)", "abab"},
        {"a", "(.)$", "aab"},
        {"ab", "*(c)", "ac abc"},
        {"ab", "?(c)", "xac"},
        {"ab", "{2}(c)", "abbc"},
        {"ab", "+(c)", "abbbc"},
        {"a\\.", "b(c)", "axbc a.bc"},
        {"a\\d", "(c)", "adc a1c"},
        {"x", "\\b(.)", "xx x-"},
        {"aa", "(b|c)", "aaab aac"},
    }));
    INFO(start << rest);
    CHECK(pattern(start + rest).first_group(text) ==
          pattern("(?:" + start + rest + ")").first_group(text));
    CHECK(pattern(start + rest).is_found_in(text) ==
          pattern("(?:" + start + rest + ")").is_found_in(text));
}

TEST_CASE("Pattern: what cannot be compiled is named", "[expr]") {
    const std::string text = GENERATE(as<std::string>(), "(", "[a", "*", "a{2,1}", "(a)\\1", "\\");
    INFO(text);
    const auto result = Pattern::compile(text);
    REQUIRE(std::holds_alternative<CompileError>(result));
    CHECK(std::get<CompileError>(result).what.starts_with("bad regular expression '"));
    CHECK(std::holds_alternative<CompileError>(Pattern::compile(std::string(3000, 'a'))));
}

TEST_CASE("Pattern: a large text neither overflows the stack nor takes for ever", "[expr]") {
    const std::string large(100'000, 'a');
    CHECK(pattern("(a*)").first_group(large)->size() == large.size());
    // Exponential for a matcher that backtracks.
    CHECK_FALSE(pattern("^(a+)+$").is_found_in(std::string(40, 'a') + "b"));
}

}  // namespace
}  // namespace boom::expr
