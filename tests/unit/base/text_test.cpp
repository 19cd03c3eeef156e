#include "base/text.hpp"

#include "base/rng.hpp"

#include <catch2/catch.hpp>

using namespace boom::base;

TEST_CASE("Text: base64 agrees with RFC 4648", "[base]") {
    const auto [plain, encoded] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    }));
    CHECK(encode_base64(plain) == encoded);
    CHECK(decode_base64(encoded) == plain);
}

TEST_CASE("Text: base64 of random bytes comes back, damage is noticed", "[base]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    for (std::size_t size = 0; size < 200; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) {
            bytes += static_cast<char>(rng.below(256));
        }
        CHECK(decode_base64(encode_base64(bytes)) == bytes);
    }
    for (const auto* bad : {"Zg=", "Z===", "Zg==Zg==", "Zm9*", "=Zm9"}) {
        CHECK_FALSE(decode_base64(bad));
    }
}

TEST_CASE("Text: shorten cuts at whole characters", "[base]") {
    CHECK(shorten("hello", 5) == "hello");
    CHECK(shorten("hello!", 5) == "hello…");
    CHECK(shorten("日本語", 4) == "日…");
}

TEST_CASE("Text: numbers are the whole text or nothing", "[base]") {
    CHECK(parse_integer("-42") == -42);
    CHECK_FALSE(parse_integer("42x"));
    CHECK_FALSE(parse_integer(""));
    CHECK_FALSE(parse_integer("9223372036854775808"));
    CHECK(parse_real("1.5") == 1.5);
    CHECK_FALSE(parse_real("1.5.5"));
}

TEST_CASE("Text: JSON escapes leave no control character", "[base]") {
    CHECK(escape_json("a\"b\\c\n\t\x01") == "a\\\"b\\\\c\\n\\t\\u0001");
}

TEST_CASE("Text: split and trim", "[base]") {
    CHECK(split_text("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split_text("", ',') == std::vector<std::string_view>{""});
    CHECK(trim(" \t x y \r\n") == "x y");
    CHECK(trim("   ").empty());
    CHECK(equals_ignoring_case("Content-Type", "content-TYPE"));
    CHECK_FALSE(equals_ignoring_case("a", "ab"));
}
