#pragma once
// Exact arithmetic between the kinds of number that a Value can hold. Private to this module.

#include "expr/value.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace boom::expr {

// By value, whatever the kinds; unordered only for not-a-number. REQUIRES: both are numbers.
[[nodiscard]] std::partial_ordering compare_numbers(const Value& a, const Value& b);
// A JSON number token (sign, digits, fraction, exponent) to the narrowest exact kind: Integer,
// BigInteger or Real. Empty when it is no number or too large for a Real.
[[nodiscard]] std::optional<Value> number_from_text(std::string_view token);
// Shortest text that reads back to the same number, without exponent from 1e-6 up to 1e21.
void append_real(std::string& out, double value);
// Truncated towards zero. Empty for not-a-number and infinity.
[[nodiscard]] std::optional<Value> integer_from_real(double value);

}  // namespace boom::expr
