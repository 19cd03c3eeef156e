#pragma once
// UTF-8, as far as JSON and JMESPath need it. Private to this module.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace boom::expr {

// Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);
// REQUIRES: a valid code point.
void append_utf8(std::string& out, char32_t code_point);
[[nodiscard]] std::size_t count_code_points(std::string_view utf8);
// The same code points, last first.
[[nodiscard]] std::string reverse_code_points(std::string_view utf8);
// Exactly four hexadecimal digits.
[[nodiscard]] std::optional<char32_t> hexadecimal(std::string_view digits);
[[nodiscard]] constexpr bool is_high_surrogate(char32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
[[nodiscard]] constexpr bool is_low_surrogate(char32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace boom::expr
