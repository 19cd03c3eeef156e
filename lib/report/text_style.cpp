#include "report/text_style.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace boom::report {
namespace {

constexpr int kPipeWidth = 160;  // wide enough for every column
constexpr char32_t kBroken = 0xfffffff;

// One code point from the front of `text`; kBroken, with one byte taken, for what is no UTF-8.
char32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80             ? 1
                             : (first & 0xe0) == 0xc0 ? 2
                             : (first & 0xf0) == 0xe0 ? 3
                             : (first & 0xf8) == 0xf0 ? 4
                                                      : 0;
    if (size == 0 || text.size() < size) {
        text.remove_prefix(1);
        return kBroken;
    }
    char32_t code = size == 1 ? first : first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80) {
            text.remove_prefix(1);
            return kBroken;
        }
        code = (code << 6U) | (byte & 0x3fU);
    }
    constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < kLeast[size] || is_surrogate || code > 0x10ffff) {
        text.remove_prefix(1);
        return kBroken;
    }
    text.remove_prefix(size);
    return code;
}

struct Range {
    char32_t first, last;
};
constexpr std::array kWide{Range{0x1100, 0x115f},  Range{0x2e80, 0xa4cf},   Range{0xac00, 0xd7a3},
                           Range{0xf900, 0xfaff},  Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
                           Range{0xffe0, 0xffe6},  Range{0x1f300, 0x1f64f}, Range{0x1f900, 0x1f9ff},
                           Range{0x20000, 0x3fffd}};
constexpr std::array kNoWidth{Range{0x300, 0x36f}, Range{0x200b, 0x200f}, Range{0xfe00, 0xfe0f}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t code) {
    return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
        return code >= range.first && code <= range.last;
    });
}

std::size_t columns_of(char32_t code) {
    return is_in(kNoWidth, code) ? 0 : is_in(kWide, code) ? 2 : 1;
}

// Would change the terminal instead of being shown; so would marks that turn the direction.
bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029 ||
           (code & 0xfffeU) == 0xfffeU;  // no characters, and XML forbids them
}

}  // namespace

TextStyle style_for(const TerminalFacts& facts) {
    TextStyle style;
    const bool is_dumb = facts.term == "dumb" || facts.term.empty();
    style.color = facts.is_terminal && !is_dumb && !facts.has_no_color ? TextStyle::Color::On
                                                                       : TextStyle::Color::Off;
    const std::string locale = base::to_lower(facts.locale);
    const bool is_utf8 =
        locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    style.charset = is_utf8 ? TextStyle::Charset::Utf8 : TextStyle::Charset::Ascii;
    style.width = facts.columns > 0 ? facts.columns : facts.is_terminal ? 80 : kPipeWidth;
    style.height = facts.rows > 0 ? facts.rows : 24;
    return style;
}

bool can_redraw(const TerminalFacts& facts) {
    return facts.is_terminal && !facts.term.empty() && facts.term != "dumb";
}

std::string clean_text(std::string_view text, const TextStyle& style) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::string_view before = text;
        const char32_t code = take_code_point(text);
        const bool is_shown = code != kBroken && !is_control(code) &&
                              (code < 0x80 || style.charset == TextStyle::Charset::Utf8);
        if (is_shown) {
            result += before.substr(0, before.size() - text.size());
        } else {
            result += code == '\n' || code == '\t' ? ' ' : '?';
        }
    }
    return result;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        width += columns_of(take_code_point(text));
    }
    return width;
}

std::string fit_text(std::string_view text, std::size_t width, const TextStyle& style) {
    const std::string clean = clean_text(text, style);
    if (display_width(clean) <= width) {
        return clean;
    }
    const bool is_utf8 = style.charset == TextStyle::Charset::Utf8;
    const std::string_view ellipsis = is_utf8 ? "\u2026" : width > 4 ? ".." : "";
    const std::size_t room = width - std::min(width, display_width(ellipsis));
    std::string_view rest = clean;
    std::size_t used = 0;
    while (!rest.empty()) {
        std::string_view next = rest;
        const std::size_t columns = columns_of(take_code_point(next));
        if (used + columns > room) {
            break;
        }
        used += columns;
        rest = next;
    }
    return clean.substr(0, clean.size() - rest.size()) + std::string(width > 0 ? ellipsis : "");
}

std::string pad_text(std::string_view text, std::size_t width, Align align) {
    const std::size_t own = display_width(text);
    const std::string spaces(width > own ? width - own : 0, ' ');
    return align == Align::Left ? std::string(text) + spaces : spaces + std::string(text);
}

std::string paint(std::string_view text, Ink ink, const TextStyle& style) {
    if (style.color == TextStyle::Color::Off) {
        return std::string(text);
    }
    constexpr std::array<std::string_view, 5> kCodes{"1", "32;1", "33;1", "31;1", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(ink)], text);
}

std::string time_text(double us, const TextStyle& style) {
    if (us < 1000) {
        return fmt::format("{:.0f} {}s", us,
                           style.charset == TextStyle::Charset::Utf8 ? "\u00b5" : "u");
    }
    const auto [value, unit] = us < 1e6 ? std::pair{us / 1e3, "ms"} : std::pair{us / 1e6, "s"};
    return value < 9.995   ? fmt::format("{:.2f} {}", value, unit)
           : value < 99.95 ? fmt::format("{:.1f} {}", value, unit)
                           : fmt::format("{:.0f} {}", value, unit);
}

std::string bytes_text(double bytes) {
    constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
        bytes /= 1000;
        ++unit;
    }
    return unit == 0 || bytes >= 99.95 ? fmt::format("{:.0f} {}", bytes, kUnits[unit])
                                       : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string percent_text(double ratio) {
    const double percent = ratio * 100;
    if (percent > 0 && percent < 0.1) {
        return "<0.1 %";
    }
    // Not all is never shown as all.
    return percent < 100 && percent > 99.9 ? ">99.9 %" : fmt::format("{:.1f} %", percent);
}

std::string rate_text(double per_second) {
    return per_second < 999.95 ? fmt::format("{:.1f}", per_second)
                               : fmt::format("{:.0f}", per_second);
}

std::string seconds_text(double seconds) {
    if (seconds < 60) {
        return fmt::format("{:.1f} s", seconds);
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    return whole < 3600 ? fmt::format("{}m{:02}s", whole / 60, whole % 60)
                        : fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

}  // namespace boom::report
