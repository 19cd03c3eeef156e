#include "expr/value.hpp"

#include "base/rng.hpp"
#include "expr/number.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <tuple>

namespace boom::expr {
namespace {

using test::json;

bool is_less(const Value& a, const Value& b) {
    return compare_numbers(a, b) < 0;
}

TEST_CASE("Value: text is what a rendered string shows", "[expr]") {
    // The reference prints "<nil>" for null and maps in Go notation; a request wants neither.
    const auto [value, text] = GENERATE(table<std::string, std::string>({
        {"null", "null"},
        {"true", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551616", "18446744073709551616"},
        {"1.23", "1.23"},
        {"12.0", "12"},
        {"100000000000", "100000000000"},
        {"100000000000.23", "100000000000.23"},
        {"1e20", "100000000000000000000"},
        {"1e21", "1e+21"},
        {"0.000001", "0.000001"},
        {"1e-7", "1e-07"},
        {R"("a \"b\"")", "a \"b\""},
        {R"({"a":1})", R"({"a":1})"},
        {R"([1, "x", null])", R"([1,"x",null])"},
    }));
    CHECK(json(value).text() == text);
}

TEST_CASE("Value: JSON that was written is read back as the same kinds", "[expr]") {
    const std::string text = GENERATE(
        as<std::string>(), "null", "[]", "{}", "12.0", "12", "-0.5", "1e+22",
        R"({"id":123456789012345678901234567890,"b":[true,false,null,"\u0001\n\"\\"],"":{}})");
    const Value value = json(text);
    CHECK(json(value.json()).kind() == value.kind());
    CHECK(value.json() == text);
}

TEST_CASE("Value: numbers are equal by value, whatever their kind", "[expr]") {
    const auto [a, b, is_equal] = GENERATE(table<std::string, std::string, bool>({
        {"200", "200.0", true},
        {"200", "200.5", false},
        {"200", "\"200\"", false},
        {"1", "true", false},
        {"0", "null", false},
        {"9007199254740993", "9007199254740992.0", false},
        {"9007199254740992", "9007199254740992.0", true},
        {"9223372036854775807", "9223372036854775808.0", false},
        {"9223372036854775808", "9223372036854775808.0", true},
        {"18446744073709551616", "18446744073709551616", true},
        {"18446744073709551616", "18446744073709551617", false},
        {"-18446744073709551616", "18446744073709551616", false},
        {"[1, 2.0]", "[1.0, 2]", true},
        {"[1, 2]", "[2, 1]", false},
        {R"({"a":1,"b":2})", R"({"b":2,"a":1.0})", true},
        {R"({"a":1})", R"({"a":1,"b":null})", false},
    }));
    INFO(a << " and " << b);
    CHECK((json(a) == json(b)) == is_equal);
    CHECK((json(b) == json(a)) == is_equal);
}

TEST_CASE("Value: maps are compared without regard to order, also large ones", "[expr]") {
    Map map;
    Map reversed;
    for (int i = 0; i < 100; ++i) {
        map.emplace_back("key" + std::to_string(i), Value(i));
    }
    reversed.assign(map.rbegin(), map.rend());
    CHECK(Value(map) == Value(reversed));
    reversed.front().second = Value("other");
    CHECK_FALSE(Value(map) == Value(reversed));
}

TEST_CASE("Value: the order of numbers agrees with the order of their kinds", "[expr]") {
    // Ascending, with the neighbours of the limits of int64 and of what a double holds exactly.
    const std::vector<std::string> ascending{"-1e300",
                                             "-18446744073709551616",
                                             "-9223372036854775809",
                                             "-9223372036854775808",
                                             "-9223372036854775807",
                                             "-1.5",
                                             "-1",
                                             "-0.5",
                                             "0",
                                             "0.5",
                                             "1",
                                             "1.5",
                                             "9007199254740992",
                                             "9007199254740993",
                                             "9223372036854775807",
                                             "9223372036854775808.0",
                                             "9223372036854775809",
                                             "18446744073709551616",
                                             "1e300"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            INFO(ascending[i] << " and " << ascending[j]);
            CHECK(is_less(json(ascending[i]), json(ascending[j])) == (i < j));
            CHECK((json(ascending[i]) == json(ascending[j])) == (i == j));
        }
    }
}

TEST_CASE("Value: random integers and reals compare as a wider format says", "[expr]") {
    // Both kinds fit into the 64 bits of mantissa of a long double.
    static_assert(std::numeric_limits<long double>::digits >= 64);
    const std::uint64_t seed = base::random_seed();
    INFO("seed " << seed);
    base::Rng rng(seed);
    for (int i = 0; i < 2000; ++i) {
        const auto a = static_cast<std::int64_t>(rng() >> rng.below(20));
        const double b = static_cast<double>(a) + static_cast<double>(rng.below(5)) - 2.5;
        INFO(a << " and " << b);
        CHECK(is_less(Value(a), Value(b)) ==
              (static_cast<long double>(a) < static_cast<long double>(b)));
        CHECK(is_less(Value(b), Value(a)) ==
              (static_cast<long double>(b) < static_cast<long double>(a)));
    }
}

TEST_CASE("Value: member finds by key and gives null for anything else", "[expr]") {
    const Value map = json(R"({"a":1,"b":{"c":2}})");
    REQUIRE(map.member("a") != nullptr);
    CHECK(*map.member("a") == Value(1));
    CHECK(map.member("c") == nullptr);
    CHECK(json("[1]").member("a") == nullptr);
}

TEST_CASE("Value: a number that no double can hold counts as infinite", "[expr]") {
    const Value huge(BigInteger{"1" + std::string(400, '0')});
    CHECK(huge.number() == std::numeric_limits<double>::infinity());
    CHECK(is_less(Value(1e300), huge));
}

}  // namespace
}  // namespace boom::expr
