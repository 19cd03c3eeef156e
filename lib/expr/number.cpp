#include "expr/number.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace boom::expr {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
// From here on the shortest text has an exponent; the same bounds as JavaScript.
constexpr double kExponentFrom = 1e21;
constexpr double kExponentBelow = 1e-6;
// Enough for every double in fixed notation between the two bounds.
constexpr std::size_t kNumberBuffer = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string decimal_digits(const Value& value) {
    if (value.kind() == Value::Kind::BigInteger) {
        return value.as_big_integer().digits;
    }
    if (value.kind() == Value::Kind::Integer) {
        return fmt::format("{}", value.as_integer());
    }
    return fmt::format("{:.0f}", value.as_real());
}

std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
    const bool a_negative = a.starts_with('-');
    const bool b_negative = b.starts_with('-');
    if (a_negative != b_negative) {
        return a_negative ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    if (a_negative) {
        return compare_digits(b.substr(1), a.substr(1));
    }
    return a.size() == b.size() ? a <=> b : a.size() <=> b.size();
}

// The integer part decides; a fraction, dropped by floor(), breaks the tie.
std::partial_ordering compare_whole_with_real(const Value& whole, double real) {
    if (std::isnan(real)) {
        return std::partial_ordering::unordered;
    }
    if (std::isinf(real)) {
        return real > 0 ? std::partial_ordering::less : std::partial_ordering::greater;
    }
    const double floor = std::floor(real);
    std::strong_ordering order = std::strong_ordering::equal;
    if (whole.kind() == Value::Kind::Integer && floor >= -kTwoTo63 && floor < kTwoTo63) {
        order = whole.as_integer() <=> static_cast<std::int64_t>(floor);
    } else {
        order = compare_digits(decimal_digits(whole), decimal_digits(Value(floor)));
    }
    if (order != std::strong_ordering::equal) {
        return order;
    }
    return floor < real ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

std::partial_ordering reversed(std::partial_ordering order) {
    if (order == std::partial_ordering::less) {
        return std::partial_ordering::greater;
    }
    return order == std::partial_ordering::greater ? std::partial_ordering::less : order;
}

// Where the first digit other than zero stands: 3 for "123", 0 for "0.5", -2 for "0.005".
std::int64_t decimal_exponent(std::string_view token) {
    std::int64_t position = 0;
    bool is_fraction = false;
    bool is_found = false;
    std::size_t at = 0;
    for (; at < token.size() && token[at] != 'e' && token[at] != 'E'; ++at) {
        if (token[at] == '.') {
            is_fraction = true;
        } else if (is_digit(token[at])) {
            is_found = is_found || token[at] != '0';
            if (is_fraction ? !is_found : is_found) {
                position += is_fraction ? -1 : 1;
            }
        }
    }
    std::int64_t exponent = 0;
    const std::size_t sign = at + 1;
    for (std::size_t i = sign; i < token.size(); ++i) {
        if (is_digit(token[i]) && exponent < 1'000'000'000) {
            exponent = exponent * 10 + (token[i] - '0');
        }
    }
    return sign < token.size() && token[sign] == '-' ? position - exponent : position + exponent;
}

std::optional<Value> real_from_text(std::string_view token) {
    double real = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), real);
    if (end != token.data() + token.size()) {
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range) {
        // Too small is a zero, too large has no value.
        return decimal_exponent(token) < 0 ? std::optional<Value>(Value(0.0)) : std::nullopt;
    }
    return error == std::errc{} && std::isfinite(real) ? std::optional<Value>(Value(real))
                                                       : std::nullopt;
}

}  // namespace

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
    using Kind = Value::Kind;
    BOOM_ASSERT(a.is_number());
    BOOM_ASSERT(b.is_number());
    if (a.kind() == Kind::Real && b.kind() == Kind::Real) {
        return a.as_real() <=> b.as_real();
    }
    if (b.kind() == Kind::Real) {
        return compare_whole_with_real(a, b.as_real());
    }
    if (a.kind() == Kind::Real) {
        return reversed(compare_whole_with_real(b, a.as_real()));
    }
    if (a.kind() == Kind::Integer && b.kind() == Kind::Integer) {
        return a.as_integer() <=> b.as_integer();
    }
    return compare_digits(decimal_digits(a), decimal_digits(b));
}

std::optional<Value> number_from_text(std::string_view token) {
    std::size_t at = token.starts_with('-') ? 1 : 0;
    const std::size_t first = at;
    while (at < token.size() && is_digit(token[at])) {
        ++at;
    }
    const std::size_t digits = at - first;
    if (digits == 0 || (digits > 1 && token[first] == '0')) {
        return std::nullopt;
    }
    if (at < token.size()) {
        const std::size_t after_dot = at + 1;
        const bool has_fraction =
            token[at] == '.' && after_dot < token.size() && is_digit(token[after_dot]);
        const bool has_exponent = token[at] == 'e' || token[at] == 'E';
        if (!has_fraction && !has_exponent) {
            return std::nullopt;
        }
        return real_from_text(token);
    }
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), integer);
    if (error == std::errc{} && end == token.data() + token.size()) {
        return Value(integer);
    }
    return Value(BigInteger{std::string(token)});
}

void append_real(std::string& out, double value) {
    std::array<char, kNumberBuffer> buffer{};
    const double size = std::fabs(value);
    const bool is_fixed = value == 0 || (size >= kExponentBelow && size < kExponentFrom);
    const auto result = is_fixed
                            ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            std::chars_format::fixed)
                            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    BOOM_ASSERT(result.ec == std::errc{});
    out.append(buffer.data(), result.ptr);
}

std::optional<Value> integer_from_real(double value) {
    if (!std::isfinite(value)) {
        return std::nullopt;
    }
    const double whole = std::trunc(value);
    if (whole >= -kTwoTo63 && whole < kTwoTo63) {
        return Value(static_cast<std::int64_t>(whole));
    }
    return Value(BigInteger{decimal_digits(Value(whole))});
}

}  // namespace boom::expr
