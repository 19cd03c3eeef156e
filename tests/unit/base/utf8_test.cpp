#include "base/utf8.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace boom::base {
namespace {

using namespace std::string_literals;

TEST_CASE("utf8: well-formed text is told from other bytes", "[base]") {
    for (const std::string& text :
         {""s, "a\0b"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
          "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
        CHECK(is_utf8(text));
    }
    for (const std::string& text :
         {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x20"s, "\xe0\x9f\xbf"s,
          "\xe1\x80"s, "\xed\xa0\x80"s, "\xf0\x8f\xbf\xbf"s, "\xf1\x80\x80"s, "\xf4\x90\x80\x80"s,
          "\xf5\x80\x80\x80"s, "\xff"s}) {
        CHECK_FALSE(is_utf8(text));
        CHECK_FALSE(is_utf8("a" + text + "b"));
    }
}

}  // namespace
}  // namespace boom::base
