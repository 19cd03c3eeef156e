#include "expr/value.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::expr {
namespace {

TEST_CASE("parse_json: malformed text is refused", "[expr]") {
    const std::string text =
        GENERATE(as<std::string>(), "", " ", "{", "[", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
                 "{\"a\":}", "{\"a\":1,}", "{a:1}", "'a'", "nul", "nulll", "tru", "01", "-", "+1",
                 ".5", "1.", "1.e5", "1e", "1e+", "0x10", "NaN", "Infinity", "1e400", "\"",
                 "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\t\"", "1 2",
                 "[1]]", "// c", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\xff\"",
                 "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xe2\x82\"", "\xef\xbb\xbf{}");
    INFO(text);
    CHECK_FALSE(parse_json(text).has_value());
}

TEST_CASE("parse_json: numbers keep their value and kind", "[expr]") {
    using Kind = Value::Kind;
    const auto [text, kind, shown] = GENERATE(table<std::string, Kind, std::string>({
        {"0", Kind::Integer, "0"},
        {"-0", Kind::Integer, "0"},
        {"9223372036854775807", Kind::Integer, "9223372036854775807"},
        {"9223372036854775808", Kind::BigInteger, "9223372036854775808"},
        {"-9223372036854775808", Kind::Integer, "-9223372036854775808"},
        {"-9223372036854775809", Kind::BigInteger, "-9223372036854775809"},
        {"123456789012345678901234567890", Kind::BigInteger, "123456789012345678901234567890"},
        {"12.0", Kind::Real, "12.0"},
        {"1e2", Kind::Real, "100.0"},
        {"1E+2", Kind::Real, "100.0"},
        {"1e-400", Kind::Real, "0.0"},
        {"0.1", Kind::Real, "0.1"},
    }));
    INFO(text);
    const auto value = parse_json(text);
    REQUIRE(value);
    CHECK(value->kind() == kind);
    CHECK(value->json() == shown);
}

TEST_CASE("parse_json: escapes and UTF-8 give the characters that they stand for", "[expr]") {
    CHECK(test::json(R"("\"\\\/\b\f\n\r\t\u0041")").as_text() == "\"\\/\b\f\n\r\tA");
    CHECK(test::json(R"("\u00e9\u20ac\ud83d\ude00")").as_text() == "é€😀");
    CHECK(test::json("\"é€😀\"").as_text() == "é€😀");
    CHECK(test::json(R"("a\u0000b")").as_text() == std::string("a\0b", 3));
}

TEST_CASE("parse_json: of repeated keys the last value stays in the first place", "[expr]") {
    CHECK(test::json(R"({"a":1,"b":2,"a":3})").json() == R"({"a":3,"b":2})");
    std::string large = "{";
    for (int i = 0; i < 50; ++i) {
        large += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    }
    large += R"("k0":"last","k49":"end"})";
    const Value value = test::json(large);
    CHECK(value.as_map().size() == 50);
    CHECK(*value.member("k0") == Value("last"));
    CHECK(*value.member("k49") == Value("end"));
    CHECK(value.as_map().front().first == "k0");
}

TEST_CASE("parse_json: 256 levels are accepted and 257 refused", "[expr]") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + "1" + std::string(depth, ']');
    };
    CHECK(parse_json(nested(256)).has_value());
    CHECK_FALSE(parse_json(nested(257)).has_value());
    CHECK_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
    CHECK_FALSE(parse_json(std::string(1'000'000, '{')).has_value());
}

}  // namespace
}  // namespace boom::expr
