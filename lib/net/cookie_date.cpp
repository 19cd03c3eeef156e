#include "net/cookie_date.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace boom::net {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

constexpr int kFirstYear = 1601;  // RFC 6265 5.1.1

struct Parts {
    std::optional<std::chrono::seconds> time;
    std::optional<unsigned> day;
    std::optional<unsigned> month;
    std::optional<int> year;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_delimiter(char c) {
    return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// A number of `least` to `most` digits at the start of `text`, no digit after it; removed from it.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        ++digits;
    }
    if (digits < least || digits > most) {
        return std::nullopt;
    }
    const auto number = base::parse_integer(text.substr(0, digits));
    text.remove_prefix(digits);
    return static_cast<int>(*number);
}

bool take_colon(std::string_view& text) {
    if (text.empty() || text.front() != ':') {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::seconds> parse_time(std::string_view token) {
    const auto hour = take_number(token, 1, 2);
    if (!hour || !take_colon(token)) {
        return std::nullopt;
    }
    const auto minute = take_number(token, 1, 2);
    if (!minute || !take_colon(token)) {
        return std::nullopt;
    }
    const auto second = take_number(token, 1, 2);
    if (!second) {
        return std::nullopt;
    }
    // Out of range spoils the whole date; the sentinel says so.
    if (*hour > 23 || *minute > 59 || *second > 59) {
        return std::chrono::seconds(-1);
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::optional<unsigned> parse_month(std::string_view token) {
    constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
    const std::string name = base::to_lower(token.substr(0, 3));
    const auto* found = std::find(kMonths.begin(), kMonths.end(), name);
    if (found == kMonths.end()) {
        return std::nullopt;
    }
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
}

int full_year(int year) {
    if (year >= 70 && year <= 99) {
        return year + 1900;
    }
    return year >= 0 && year <= 69 ? year + 2000 : year;
}

// A token is the first of these that fits and is not known yet.
void read_token(std::string_view token, Parts& parts) {
    if (!parts.time) {
        parts.time = parse_time(token);
        if (parts.time) {
            return;
        }
    }
    if (!parts.day) {
        std::string_view rest = token;
        if (const auto day = take_number(rest, 1, 2)) {
            parts.day = static_cast<unsigned>(*day);
            return;
        }
    }
    if (!parts.month) {
        parts.month = parse_month(token);
        if (parts.month) {
            return;
        }
    }
    if (!parts.year) {
        if (const auto year = take_number(token, 2, 4)) {
            parts.year = full_year(*year);
        }
    }
}

}  // namespace

std::optional<SystemTime> parse_cookie_date(std::string_view text) {
    using std::chrono::floor;
    using std::chrono::seconds;
    Parts parts;
    while (!text.empty()) {
        const auto* begin = std::find_if_not(text.begin(), text.end(), is_delimiter);
        const auto* end = std::find_if(begin, text.end(), is_delimiter);
        if (begin != end) {
            read_token({begin, static_cast<std::size_t>(end - begin)}, parts);
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    }
    if (!parts.time || !parts.day || !parts.month || !parts.year || *parts.time < seconds(0) ||
        *parts.year < kFirstYear) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(*parts.year),
                                           std::chrono::month(*parts.month),
                                           std::chrono::day(*parts.day));
    if (!date.ok()) {
        return std::nullopt;
    }
    const std::chrono::sys_seconds moment = std::chrono::sys_days(date) + *parts.time;
    if (moment >= floor<seconds>(SystemTime::max())) {
        return SystemTime::max();
    }
    if (moment <= floor<seconds>(SystemTime::min())) {
        return SystemTime::min();
    }
    return SystemTime(moment);
}

}  // namespace boom::net
