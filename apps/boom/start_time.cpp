#include "boom/start_time.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>

namespace boom::app {
namespace {

// What is left behind the pattern, or null.
const char* match(const std::string& text, const char* pattern, std::tm& parts) {
    return strptime(text.c_str(), pattern, &parts);
}

// "Z" or "+02:00": seconds east; empty when it is no zone.
std::optional<int> zone_of(std::string_view text) {
    if (text == "Z" || text == "z") {
        return 0;
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto hours = base::parse_integer(text.substr(1, 2));
    const auto minutes = base::parse_integer(text.substr(4, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const int seconds = static_cast<int>(*hours * 3600 + *minutes * 60);
    return text[0] == '-' ? -seconds : seconds;
}

std::optional<WallTime> time_of_day(const std::string& text, WallTime now) {
    const std::time_t today = std::chrono::system_clock::to_time_t(now);
    for (const char* pattern : {"%H:%M:%S", "%H:%M"}) {
        std::tm parts{};
        localtime_r(&today, &parts);
        parts.tm_sec = 0;
        const char* rest = match(text, pattern, parts);
        if (rest == nullptr || *rest != '\0') {
            continue;
        }
        parts.tm_isdst = -1;
        const WallTime time = std::chrono::system_clock::from_time_t(std::mktime(&parts));
        if (time > now) {
            return time;
        }
        ++parts.tm_mday;
        parts.tm_isdst = -1;
        return std::chrono::system_clock::from_time_t(std::mktime(&parts));
    }
    return std::nullopt;
}

std::optional<WallTime> date_and_time(const std::string& text) {
    for (const char* pattern :
         {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}) {
        std::tm parts{};
        const char* rest = match(text, pattern, parts);
        if (rest == nullptr) {
            continue;
        }
        if (*rest == '\0') {
            parts.tm_isdst = -1;
            return std::chrono::system_clock::from_time_t(std::mktime(&parts));
        }
        if (const auto zone = zone_of(rest)) {
            return std::chrono::system_clock::from_time_t(timegm(&parts) - *zone);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<WallTime> parse_start_time(std::string_view text, WallTime now) {
    const std::string trimmed(base::trim(text));
    if (!trimmed.empty() && trimmed[0] == '+') {
        const auto wait = base::parse_duration(std::string_view(trimmed).substr(1));
        return wait ? std::optional(now + *wait) : std::nullopt;
    }
    const auto date = date_and_time(trimmed);
    return date ? date : time_of_day(trimmed, now);
}

}  // namespace boom::app
