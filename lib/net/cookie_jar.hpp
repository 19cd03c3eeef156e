#pragma once
// The cookies of one virtual user (RFC 6265: domain, path, secure, expiry; no public suffix list:
// a Domain attribute without a dot is refused). One thread.

#include "base/url.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::net {

struct Cookie {
    std::string name;
    std::string value;
    std::string domain;  // without a leading dot, lower case
    std::string path;
    bool is_host_only = true;
    bool is_secure = false;
    std::optional<std::chrono::system_clock::time_point> expires;  // empty: session
};

// Name and value of a Set-Cookie header, for `cookies.NAME` of extracts.
[[nodiscard]] std::optional<Cookie> parse_set_cookie(std::string_view header,
                                                     const base::Url& request_url,
                                                     std::chrono::system_clock::time_point now);

class CookieJar {
public:
    static constexpr std::size_t kMaxCookies = 180;  // per user; the oldest goes first

    void store(std::string_view set_cookie, const base::Url& request_url,
               std::chrono::system_clock::time_point now);
    // "a=1; b=2" for a request, longest path first; appended to `out` (nothing when none match).
    void append_header(std::string& out, const base::Url& request_url,
                       std::chrono::system_clock::time_point now) const;
    [[nodiscard]] bool is_empty() const { return cookies_.empty(); }
    void clear() { cookies_.clear(); }

private:
    struct Stored {
        Cookie cookie;
        std::uint64_t age = 0;  // the lower, the older; kept when the cookie is replaced
    };

    void make_room(std::chrono::system_clock::time_point now);

    std::vector<Stored> cookies_;  // in the order of the Cookie header
    std::uint64_t next_age_ = 0;
};

}  // namespace boom::net
