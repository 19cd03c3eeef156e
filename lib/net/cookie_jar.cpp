#include "net/cookie_jar.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace boom::net {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

// RFC 6265 5.1.3.
bool domain_matches(std::string_view host, std::string_view domain) {
    if (host == domain) {
        return true;
    }
    const bool is_address =
        host.find_first_not_of("0123456789.") == std::string_view::npos ||
        host.find(':') != std::string_view::npos;
    return !is_address && host.size() > domain.size() &&
           host.substr(host.size() - domain.size()) == domain &&
           host[host.size() - domain.size() - 1] == '.';
}

// RFC 6265 5.1.4.
bool path_matches(std::string_view path, std::string_view cookie_path) {
    if (path.substr(0, cookie_path.size()) != cookie_path) {
        return false;
    }
    return path.size() == cookie_path.size() || cookie_path.back() == '/' ||
           path[cookie_path.size()] == '/';
}

std::string default_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (path.empty() || path.front() != '/' || slash == 0 || slash == std::string_view::npos) {
        return "/";
    }
    return std::string(path.substr(0, slash));
}

// RFC 6265 5.1.1, for the three date formats in use: the tokens in any order.
struct DateParts {
    int day = 0, month = 0, year = -1, hour = -1, minute = 0, second = 0;
};

void read_token(std::string_view token, DateParts& parts) {
    constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
    if (token.find(':') != std::string_view::npos && parts.hour < 0) {
        const auto fields = base::split_text(token, ':');
        if (fields.size() == 3) {
            parts.hour = static_cast<int>(base::parse_integer(fields[0]).value_or(-1));
            parts.minute = static_cast<int>(base::parse_integer(fields[1]).value_or(0));
            parts.second = static_cast<int>(base::parse_integer(fields[2]).value_or(0));
        }
        return;
    }
    if (const auto number = base::parse_integer(token)) {
        if (parts.day == 0 && *number >= 1 && *number <= 31 && token.size() <= 2) {
            parts.day = static_cast<int>(*number);
        } else if (parts.year < 0) {
            const auto year = static_cast<int>(std::min<std::int64_t>(*number, 9999));
            parts.year = year >= 70 && year <= 99 ? year + 1900 : year < 70 ? year + 2000 : year;
        }
        return;
    }
    const std::string name = base::to_lower(token.substr(0, 3));
    const auto month = std::find(kMonths.begin(), kMonths.end(), name);
    if (month != kMonths.end() && parts.month == 0) {
        parts.month = static_cast<int>(month - kMonths.begin()) + 1;
    }
}

std::optional<SystemTime> parse_date(std::string_view text) {
    DateParts parts;
    constexpr std::string_view kDelimiters = " \t,-";
    while (!text.empty()) {
        const std::size_t begin = text.find_first_not_of(kDelimiters);
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const std::size_t end = text.find_first_of(kDelimiters);
        read_token(text.substr(0, end), parts);
        text.remove_prefix(std::min(end, text.size()));
    }
    if (parts.day == 0 || parts.month == 0 || parts.year < 1601 || parts.hour < 0 ||
        parts.hour > 23 || parts.minute > 59 || parts.second > 59) {
        return std::nullopt;
    }
    std::tm utc{};
    utc.tm_year = parts.year - 1900;
    utc.tm_mon = parts.month - 1;
    utc.tm_mday = parts.day;
    utc.tm_hour = parts.hour;
    utc.tm_min = parts.minute;
    utc.tm_sec = parts.second;
    return std::chrono::system_clock::from_time_t(timegm(&utc));
}

// False when the attribute makes the whole cookie invalid.
bool apply_attribute(std::string_view name, std::string_view value, const base::Url& url,
                     SystemTime now, bool& has_max_age, Cookie& cookie) {
    if (base::equals_ignoring_case(name, "domain") && !value.empty()) {
        value.remove_prefix(value.front() == '.' ? 1 : 0);
        const std::string domain = base::to_lower(value);
        if (!domain_matches(url.host, domain) ||
            (domain.find('.') == std::string::npos && domain != url.host)) {
            return false;
        }
        cookie.domain = domain;
        cookie.is_host_only = domain == url.host && domain.find('.') == std::string::npos;
    } else if (base::equals_ignoring_case(name, "path")) {
        if (!value.empty() && value.front() == '/') {
            cookie.path = value;
        }
    } else if (base::equals_ignoring_case(name, "secure")) {
        cookie.is_secure = true;
    } else if (base::equals_ignoring_case(name, "max-age")) {
        if (const auto seconds = base::parse_integer(value)) {
            constexpr std::int64_t kLongest = 400LL * 86400;  // as browsers limit it
            has_max_age = true;
            cookie.expires =
                now + std::chrono::seconds(std::clamp<std::int64_t>(*seconds, -1, kLongest));
        }
    } else if (base::equals_ignoring_case(name, "expires") && !has_max_age) {
        if (const auto date = parse_date(value)) {
            cookie.expires = date;
        }
    }
    return true;
}

bool is_expired(const Cookie& cookie, SystemTime now) {
    return cookie.expires && *cookie.expires <= now;
}

}  // namespace

std::optional<Cookie> parse_set_cookie(std::string_view header, const base::Url& request_url,
                                       SystemTime now) {
    const auto parts = base::split_text(header, ';');
    const std::size_t equals = parts.front().find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    Cookie cookie;
    cookie.name = base::trim(parts.front().substr(0, equals));
    cookie.value = base::trim(parts.front().substr(equals + 1));
    cookie.domain = request_url.host;
    cookie.path = default_path(request_url.path);
    if (cookie.name.empty()) {
        return std::nullopt;
    }
    bool has_max_age = false;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::size_t sign = parts[i].find('=');
        const std::string_view name = base::trim(parts[i].substr(0, sign));
        const std::string_view value =
            sign == std::string_view::npos ? std::string_view{} : base::trim(parts[i].substr(sign + 1));
        if (!apply_attribute(name, value, request_url, now, has_max_age, cookie)) {
            return std::nullopt;
        }
    }
    return cookie;
}

void CookieJar::store(std::string_view set_cookie, const base::Url& request_url, SystemTime now) {
    auto cookie = parse_set_cookie(set_cookie, request_url, now);
    if (!cookie) {
        return;
    }
    const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& other) {
        return other.name == cookie->name && other.domain == cookie->domain &&
               other.path == cookie->path;
    });
    if (is_expired(*cookie, now)) {
        if (same != cookies_.end()) {
            cookies_.erase(same);
        }
        return;
    }
    if (same != cookies_.end()) {
        *same = std::move(*cookie);
        return;
    }
    if (cookies_.size() >= kMaxCookies) {
        cookies_.erase(cookies_.begin());
    }
    // Longest path first, then by age: the order of the Cookie header (RFC 6265 5.4).
    const auto position = std::find_if(cookies_.begin(), cookies_.end(), [&](const Cookie& other) {
        return other.path.size() < cookie->path.size();
    });
    cookies_.insert(position, std::move(*cookie));
}

void CookieJar::append_header(std::string& out, const base::Url& request_url,
                              SystemTime now) const {
    const char* separator = "";
    for (const Cookie& cookie : cookies_) {
        const bool host_matches = cookie.is_host_only
                                      ? request_url.host == cookie.domain
                                      : domain_matches(request_url.host, cookie.domain);
        if (!host_matches || !path_matches(request_url.path, cookie.path) ||
            (cookie.is_secure && !request_url.is_tls()) || is_expired(cookie, now)) {
            continue;
        }
        out += separator;
        out += cookie.name;
        out += '=';
        out += cookie.value;
        separator = "; ";
    }
}

}  // namespace boom::net
