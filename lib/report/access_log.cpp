#include "report/access_log.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace boom::report {
namespace {

constexpr std::string_view kCombined =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent )"
    R"("$http_referer" "$http_user_agent")";
constexpr std::string_view kNoRequest = "(no request)";
constexpr int kLeastStatus = 100;
constexpr int kMostStatus = 999;
constexpr double kMostSeconds = 1e11;

std::optional<std::int64_t> microseconds(std::string_view text) {
    const auto seconds = base::parse_real(text);
    if (!seconds || *seconds < 0 || *seconds > kMostSeconds) {
        return std::nullopt;
    }
    return std::llround(*seconds * 1e6);
}

// "0.010, 0.020 : 0.030": servers tried one after the other. The last one answered.
std::optional<std::int64_t> last_time(std::string_view text) {
    const std::size_t before = text.find_last_of(",: ");
    return microseconds(before == std::string_view::npos ? text : text.substr(before + 1));
}

// Digits at a place of fixed width; -1 for anything else.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) {
        return -1;
    }
    return static_cast<int>(base::parse_integer(text.substr(at, count)).value_or(-1));
}

struct Civil {
    int year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1;
    std::string_view zone;  // "+0200" or "+02:00"
};

std::optional<std::int64_t> to_second(const Civil& at) {
    const std::chrono::year_month_day date{std::chrono::year(at.year),
                                           std::chrono::month(static_cast<unsigned>(at.month)),
                                           std::chrono::day(static_cast<unsigned>(at.day))};
    const int zone_hours = digits(at.zone, 1, 2);
    const int zone_minutes = digits(at.zone, at.zone.size() == 6 ? 4 : 3, 2);
    const bool is_valid = date.ok() && at.hour >= 0 && at.hour < 24 && at.minute >= 0 &&
                          at.minute < 60 && at.second >= 0 && at.second <= 60 && zone_hours >= 0 &&
                          zone_minutes >= 0 && (at.zone[0] == '+' || at.zone[0] == '-');
    if (!is_valid) {
        return std::nullopt;
    }
    const int zone = (at.zone[0] == '-' ? -1 : 1) * (zone_hours * 3600 + zone_minutes * 60);
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    return std::int64_t{days.count()} * 86'400 + at.hour * 3600 + at.minute * 60 + at.second - zone;
}

// "21/Nov/2026:11:33:14 +0000"
std::optional<std::int64_t> read_local_time(std::string_view text) {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 26) {
        return std::nullopt;
    }
    const std::size_t month = kMonths.find(text.substr(3, 3));
    if (month == std::string_view::npos || month % 3 != 0) {
        return std::nullopt;
    }
    return to_second({digits(text, 7, 4), static_cast<int>(month / 3) + 1, digits(text, 0, 2),
                      digits(text, 12, 2), digits(text, 15, 2), digits(text, 18, 2),
                      text.substr(21)});
}

// "2026-11-21T11:33:14+00:00"
std::optional<std::int64_t> read_iso_time(std::string_view text) {
    if (text.size() != 25) {
        return std::nullopt;
    }
    return to_second({digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2),
                      digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2),
                      text.substr(19)});
}

std::string_view without_query(std::string_view uri) {
    const std::string_view path = uri.substr(0, uri.find_first_of("?#"));
    return path.empty() ? kNoRequest : path;
}

// "GET /path?query HTTP/1.1"; what is none (a TLS handshake, nothing at all) has no path.
std::string_view path_of(std::string_view request) {
    const std::size_t begin = request.find(' ');
    const std::size_t end = request.find(' ', begin + 1);
    if (begin == std::string_view::npos || begin + 1 == request.size()) {
        return kNoRequest;
    }
    return without_query(request.substr(begin + 1, end - begin - 1));
}

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Where `end` begins at or behind `from`. With escape=json a quote inside of a value follows a
// backslash.
std::size_t find_end(std::string_view line, std::string_view end, std::size_t from) {
    std::size_t at = line.find(end, from);
    while (at != std::string_view::npos && end.front() == '"') {
        std::size_t backslashes = 0;
        while (at - backslashes > from && line[at - backslashes - 1] == '\\') {
            ++backslashes;
        }
        if (backslashes % 2 == 0) {
            break;
        }
        at = line.find(end, at + 1);
    }
    return at;
}

}  // namespace

AccessFormat::Field AccessFormat::field_of(std::string_view variable) {
    constexpr std::array<std::pair<std::string_view, Field>, 12> kFields{{
        {"request", Field::Request},
        {"request_uri", Field::Uri},
        {"uri", Field::Uri},
        {"status", Field::Status},
        {"body_bytes_sent", Field::Bytes},
        {"bytes_sent", Field::Bytes},
        {"request_time", Field::RequestTime},
        {"upstream_response_time", Field::UpstreamTime},
        {"http_user_agent", Field::Agent},
        {"time_local", Field::LocalTime},
        {"time_iso8601", Field::IsoTime},
        {"msec", Field::Seconds},
    }};
    const auto* found = std::find_if(kFields.begin(), kFields.end(),
                                     [&](const auto& one) { return one.first == variable; });
    return found == kFields.end() ? Field::Other : found->second;
}

AccessFormat AccessFormat::combined() {
    AccessFormat format = std::get<AccessFormat>(compile(kCombined));
    format.rest_ = Rest::RequestTime;
    return format;
}

std::variant<AccessFormat, std::string> AccessFormat::compile(std::string_view format) {
    AccessFormat result;
    std::string* text = &result.begin_;
    while (!format.empty()) {
        if (format.front() != '$') {
            *text += format.front();
            format.remove_prefix(1);
            continue;
        }
        format.remove_prefix(1);
        const bool is_braced = !format.empty() && format.front() == '{';
        format.remove_prefix(is_braced ? 1 : 0);
        const auto* end = std::find_if_not(format.begin(), format.end(), is_name);
        const auto length = static_cast<std::size_t>(end - format.begin());
        if (length == 0 || (is_braced && (end == format.end() || *end != '}'))) {
            return "a '$' without a name behind it";
        }
        if (!result.tokens_.empty() && result.tokens_.back().end.empty()) {
            return fmt::format(
                "nothing stands before ${}: where the variable before it ends "
                "cannot be known",
                format.substr(0, length));
        }
        result.tokens_.push_back({field_of(format.substr(0, length)), {}});
        text = &result.tokens_.back().end;
        format.remove_prefix(length + (is_braced ? 1 : 0));
    }
    const auto has = [&](Field field) {
        return std::any_of(result.tokens_.begin(), result.tokens_.end(),
                           [field](const Token& token) { return token.field == field; });
    };
    if (!has(Field::Request) && !has(Field::Uri)) {
        return "has neither $request nor $request_uri nor $uri";
    }
    if (!has(Field::Status)) {
        return "has no $status";
    }
    return result;
}

bool AccessFormat::take(Field field, std::string_view value, AccessLine& line) {
    switch (field) {
        case Field::Other:
            return true;
        case Field::Request:
            line.path = path_of(value);
            return true;
        case Field::Uri:
            line.path = without_query(value);
            return true;
        case Field::Status:
            line.status = digits(value, 0, 3);
            return value.size() == 3 && line.status >= kLeastStatus && line.status <= kMostStatus;
        case Field::Bytes:
            line.bytes = base::parse_integer(value).value_or(-1);
            return line.bytes >= 0;
        case Field::RequestTime:
            line.time_us = microseconds(value);
            return line.time_us.has_value();
        case Field::UpstreamTime:
            // "-": it was not passed on.
            line.time_us = line.time_us ? line.time_us : last_time(value);
            return true;
        case Field::Agent:
            line.agent = value;
            return true;
        case Field::LocalTime:
            line.second = read_local_time(value);
            return line.second.has_value();
        case Field::IsoTime:
            line.second = read_iso_time(value);
            return line.second.has_value();
        case Field::Seconds:
            line.second = microseconds(value);
            line.second = line.second ? *line.second / 1'000'000 : line.second;
            return base::parse_real(value).has_value();
    }
    return false;
}

std::optional<AccessLine> AccessFormat::read(std::string_view line) const {
    AccessLine result;
    if (line.substr(0, begin_.size()) != begin_) {
        return std::nullopt;
    }
    std::size_t at = begin_.size();
    for (const Token& token : tokens_) {
        const std::size_t end = token.end.empty() ? line.size() : find_end(line, token.end, at);
        if (end == std::string_view::npos ||
            !take(token.field, line.substr(at, end - at), result)) {
            return std::nullopt;
        }
        at = end + token.end.size();
    }
    const std::string_view rest = base::trim(line.substr(at));
    if (rest_ == Rest::RequestTime) {
        result.time_us = microseconds(rest.substr(0, rest.find(' ')));
    } else if (!rest.empty()) {
        return std::nullopt;
    }
    return result;
}

}  // namespace boom::report
