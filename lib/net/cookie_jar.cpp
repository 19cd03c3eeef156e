#include "net/cookie_jar.hpp"

#include "base/text.hpp"
#include "net/cookie_date.hpp"

#include <algorithm>
#include <utility>

namespace boom::net {
namespace {

using SystemTime = std::chrono::system_clock::time_point;

bool is_address(std::string_view host) {
    return host.find(':') != std::string_view::npos ||
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// RFC 6265 5.1.3; both in lower case.
bool domain_matches(std::string_view host, std::string_view domain) {
    if (host == domain) {
        return true;
    }
    return host.size() > domain.size() && host.substr(host.size() - domain.size()) == domain &&
           host[host.size() - domain.size() - 1] == '.' && !is_address(host);
}

// RFC 6265 5.1.4.
bool path_matches(std::string_view path, std::string_view cookie_path) {
    if (path.substr(0, cookie_path.size()) != cookie_path) {
        return false;
    }
    return path.size() == cookie_path.size() || cookie_path.back() == '/' ||
           path[cookie_path.size()] == '/';
}

// RFC 6265 5.1.4.
std::string_view default_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (path.empty() || path.front() != '/' || slash == 0) {
        return "/";
    }
    return path.substr(0, slash);
}

bool is_expired(const Cookie& cookie, SystemTime now) {
    return cookie.expires && *cookie.expires <= now;
}

// RFC 6265 5.2.2; empty for what is to be ignored.
std::optional<SystemTime> parse_max_age(std::string_view text, SystemTime now) {
    using std::chrono::seconds;
    const bool is_negative = !text.empty() && text.front() == '-';
    const std::string_view digits = text.substr(is_negative ? 1 : 0);
    if (text.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    if (is_negative) {
        return SystemTime::min();
    }
    const auto count = base::parse_integer(digits);
    const auto longest = std::chrono::floor<seconds>(SystemTime::max() - now).count();
    if (!count || *count >= longest) {
        return SystemTime::max();  // more digits than a number has
    }
    return *count == 0 ? SystemTime::min() : now + seconds(*count);
}

// What the attributes of one Set-Cookie say; of several with one name the last counts.
struct Attributes {
    std::string_view domain;
    std::string_view path;
    std::optional<SystemTime> expires;
    std::optional<SystemTime> max_age;
    bool is_secure = false;
};

void read_attribute(std::string_view text, SystemTime now, Attributes& attributes) {
    const std::size_t equals = text.find('=');
    const std::string_view name = base::trim(text.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : base::trim(text.substr(equals + 1));
    if (base::equals_ignoring_case(name, "Domain")) {
        if (!value.empty()) {
            attributes.domain = value.substr(value.front() == '.' ? 1 : 0);
        }
    } else if (base::equals_ignoring_case(name, "Path")) {
        attributes.path = value;
    } else if (base::equals_ignoring_case(name, "Expires")) {
        if (const auto date = parse_cookie_date(value)) {
            attributes.expires = date;
        }
    } else if (base::equals_ignoring_case(name, "Max-Age")) {
        if (const auto end = parse_max_age(value, now)) {
            attributes.max_age = end;
        }
    } else if (base::equals_ignoring_case(name, "Secure")) {
        attributes.is_secure = true;
    }
}

// RFC 6265 5.3, steps 4 to 6. False when the cookie is to be ignored.
bool apply_domain(std::string_view domain, const std::string& host, Cookie& cookie) {
    cookie.domain = host;
    cookie.is_host_only = true;
    if (domain.empty()) {
        return true;
    }
    std::string lower = base::to_lower(domain);
    if (!domain_matches(host, lower)) {
        return false;
    }
    // A name without a dot stands for the public suffixes, of which there is no list here.
    if (lower.find_first_of(".:") == std::string::npos) {
        return lower == host;
    }
    cookie.domain = std::move(lower);
    cookie.is_host_only = false;
    return true;
}

}  // namespace

std::optional<Cookie> parse_set_cookie(std::string_view header, const base::Url& request_url,
                                       SystemTime now) {
    std::size_t end = header.find(';');
    const std::string_view pair = header.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    Cookie cookie;
    cookie.name = base::trim(pair.substr(0, equals));
    cookie.value = base::trim(pair.substr(equals + 1));
    if (cookie.name.empty()) {
        return std::nullopt;
    }
    Attributes attributes;
    while (end != std::string_view::npos) {
        header.remove_prefix(end + 1);
        end = header.find(';');
        read_attribute(header.substr(0, end), now, attributes);
    }
    if (!apply_domain(attributes.domain, request_url.host, cookie)) {
        return std::nullopt;
    }
    const bool has_path = !attributes.path.empty() && attributes.path.front() == '/';
    cookie.path = has_path ? attributes.path : default_path(request_url.path);
    cookie.is_secure = attributes.is_secure;
    cookie.expires = attributes.max_age ? attributes.max_age : attributes.expires;
    return cookie;
}

void CookieJar::store(std::string_view set_cookie, const base::Url& request_url, SystemTime now) {
    auto cookie = parse_set_cookie(set_cookie, request_url, now);
    if (!cookie) {
        return;
    }
    const auto same = std::find_if(cookies_.begin(), cookies_.end(), [&](const Stored& other) {
        return other.cookie.name == cookie->name && other.cookie.domain == cookie->domain &&
               other.cookie.path == cookie->path;
    });
    if (is_expired(*cookie, now)) {
        if (same != cookies_.end()) {
            cookies_.erase(same);
        }
        return;
    }
    if (same != cookies_.end()) {
        same->cookie = std::move(*cookie);
        return;
    }
    if (cookies_.size() >= kMaxCookies) {
        make_room(now);
    }
    // RFC 6265 5.4: longer paths first; of equal ones the older.
    const auto place = std::find_if(cookies_.begin(), cookies_.end(), [&](const Stored& other) {
        return other.cookie.path.size() < cookie->path.size();
    });
    cookies_.insert(place, Stored{std::move(*cookie), next_age_++});
}

void CookieJar::make_room(SystemTime now) {
    std::erase_if(cookies_, [now](const Stored& stored) { return is_expired(stored.cookie, now); });
    if (cookies_.size() >= kMaxCookies) {
        cookies_.erase(
            std::min_element(cookies_.begin(), cookies_.end(),
                             [](const Stored& a, const Stored& b) { return a.age < b.age; }));
    }
}

void CookieJar::append_header(std::string& out, const base::Url& request_url,
                              SystemTime now) const {
    std::string_view separator;
    for (const auto& [cookie, age] : cookies_) {
        const bool is_of_host = cookie.is_host_only
                                    ? request_url.host == cookie.domain
                                    : domain_matches(request_url.host, cookie.domain);
        if (!is_of_host || !path_matches(request_url.path, cookie.path) ||
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
