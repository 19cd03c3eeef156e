#include "expr/unicode.hpp"

#include <algorithm>
#include <charconv>

namespace boom::expr {
namespace {

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Length of the well-formed sequence that starts here, by table 3-7 of the Unicode standard;
// 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || lead > 0xF4 || text.size() < length) {
        return 0;
    }
    const unsigned char second = byte(1);
    const unsigned char lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < lowest || second > highest) {
        return 0;
    }
    return std::all_of(text.begin() + 2, text.begin() + static_cast<std::ptrdiff_t>(length),
                       is_continuation)
               ? length
               : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

void append_utf8(std::string& out, char32_t code_point) {
    const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
    const auto continuation = [code_point](unsigned shift) {
        return 0x80U | ((code_point >> shift) & 0x3FU);
    };
    if (code_point < 0x80) {
        add(code_point);
    } else if (code_point < 0x800) {
        add(0xC0U | (code_point >> 6U));
        add(continuation(0));
    } else if (code_point < 0x10000) {
        add(0xE0U | (code_point >> 12U));
        add(continuation(6));
        add(continuation(0));
    } else {
        add(0xF0U | (code_point >> 18U));
        add(continuation(12));
        add(continuation(6));
        add(continuation(0));
    }
}

std::size_t count_code_points(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return !is_continuation(c); }));
}

std::string reverse_code_points(std::string_view utf8) {
    std::string result;
    result.reserve(utf8.size());
    while (!utf8.empty()) {
        std::size_t start = utf8.size() - 1;
        while (start > 0 && is_continuation(utf8[start])) {
            --start;
        }
        result += utf8.substr(start);
        utf8 = utf8.substr(0, start);
    }
    return result;
}

std::optional<char32_t> hexadecimal(std::string_view digits) {
    if (digits.size() != 4) {
        return std::nullopt;
    }
    unsigned value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    return static_cast<char32_t>(value);
}

}  // namespace boom::expr
