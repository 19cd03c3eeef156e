// Endpoints that need more than one request: cookies, authentication, redirects, tokens.
#include "base/text.hpp"
#include "target/auth.hpp"
#include "target/json_text.hpp"
#include "target/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::target {
namespace {

// What may stand in a header field without ending it.
bool is_field_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
}

bool is_cookie_text(std::string_view text) {
    return is_field_text(text) && text.find_first_of(" \",;\\") == std::string_view::npos;
}

Fields cookies_of(const Request& request) {
    Fields cookies;
    for (const auto& [name, value] : request.headers) {
        if (!base::equals_ignoring_case(name, "Cookie")) {
            continue;
        }
        for (const std::string_view part : base::split_text(value, ';')) {
            const std::size_t equals = part.find('=');
            if (equals != std::string_view::npos) {
                cookies.emplace_back(base::trim(part.substr(0, equals)),
                                     base::trim(part.substr(equals + 1)));
            }
        }
    }
    return cookies;
}

Answer redirect(std::string location, int status = 302) {
    Answer result = json(status, "{}");
    result.headers.emplace_back("Location", std::move(location));
    return result;
}

Answer set_cookies(const Fields& cookies, std::string_view attributes) {
    Answer result = redirect("/cookies");
    for (const auto& [name, value] : cookies) {
        if (name.empty() || name.find('=') != std::string::npos || !is_cookie_text(name) ||
            !is_cookie_text(value)) {
            return problem(400, "no name and value of a cookie");
        }
        result.headers.emplace_back("Set-Cookie", fmt::format("{}={}{}", name, value, attributes));
    }
    return result;
}

// /cookies, /cookies/set?a=1, /cookies/set/a/1, /cookies/delete?a
Answer cookies(const Context& context) {
    const auto& parts = context.parts;
    if (parts.empty()) {
        return json(200, fmt::format(R"({{"cookies":{}}})", object(cookies_of(context.request))));
    }
    if (parts[0] == "set" && parts.size() == 1) {
        return set_cookies(context.request.parameters(), "; Path=/");
    }
    if (parts[0] == "set" && parts.size() == 3) {
        return set_cookies({{std::string(parts[1]), std::string(parts[2])}}, "; Path=/");
    }
    if (parts[0] == "delete" && parts.size() == 1) {
        Fields gone = context.request.parameters();
        for (auto& [name, value] : gone) {
            value.clear();
        }
        return set_cookies(gone, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/");
    }
    return problem(404, "no such path");
}

// Without a name those of postman-echo.
Answer basic(const Context& context) {
    const auto& parts = context.parts;
    if (parts.size() == 1) {
        return problem(404, "/basic-auth/USER/PASSWORD");
    }
    return basic_auth(context.request, parts.empty() ? Credentials{"postman", "password"}
                                                     : Credentials{parts[0], parts[1]});
}

// /digest-auth, or /digest-auth/QOP/USER/PASSWORD[/ALGORITHM] with the qop "auth" or "none".
Answer digest(const Context& context) {
    const auto& parts = context.parts;
    DigestDemand demand;
    demand.secret = context.records.secret;
    demand.wanted = {"postman", "password"};
    if (!parts.empty()) {
        const bool is_sha = parts.size() == 4 && parts[3] == "SHA-256";
        const bool is_sound = parts.size() >= 3 && (parts[0] == "auth" || parts[0] == "none") &&
                              (parts.size() == 3 || is_sha || parts[3] == "MD5");
        if (!is_sound) {
            return problem(404, "/digest-auth/auth|none/USER/PASSWORD[/MD5|SHA-256]");
        }
        demand.quality = parts[0] == "auth" ? "auth" : "";
        demand.wanted = {parts[1], parts[2]};
        demand.algorithm = is_sha ? DigestAlgorithm::Sha256 : DigestAlgorithm::Md5;
    }
    return digest_auth(context.request, demand);
}

Answer bearer(const Context& context) {
    const std::string_view token = bearer_token(context.request);
    if (!token.empty()) {
        return json(200, fmt::format(R"({{"authenticated":true,"token":{}}})", json_string(token)));
    }
    Answer result = problem(401, "a bearer token is needed");
    result.headers.emplace_back("WWW-Authenticate", "Bearer");
    return result;
}

Answer login(const Context& context) {
    return json(200, fmt::format(R"({{"token":"{}"}})", context.records.counters.new_login()));
}

Answer me(const Context& context) {
    if (!context.records.counters.is_login(std::string(bearer_token(context.request)))) {
        Answer result = problem(401, "a token from /login is needed");
        result.headers.emplace_back("WWW-Authenticate", "Bearer");
        return result;
    }
    return json(200, R"({"user":"tester","authenticated":true})");
}

Answer once(const Context& context) {
    const auto token = context.request.parameter("token");
    if (!token) {
        return problem(400, "?token= is missing");
    }
    switch (context.records.counters.use_once(*token)) {
        case Counters::Use::First:
            return json(200, R"({"first":true})");
        case Counters::Use::Repeated:
            return problem(409, "this token was used before");
        case Counters::Use::Full:
            break;
    }
    return problem(507, "too many tokens to remember; /__reset forgets them");
}

// /redirect/n: n answers of 302, then /get.
Answer redirects(const Context& context) {
    const auto n = context.parts.empty() ? 1 : base::parse_integer(context.parts[0]);
    if (!n || *n < 1) {
        return problem(400, "/redirect/N with at least 1");
    }
    const bool is_absolute = context.request.path.rfind("/absolute", 0) == 0;
    const std::string_view name = is_absolute ? "absolute-redirect" : "redirect";
    const std::string path = *n > 1 ? fmt::format("/{}/{}", name, *n - 1) : "/get";
    return redirect(
        is_absolute ? fmt::format("{}://{}{}", context.scheme, context.request.header("Host"), path)
                    : path);
}

// /redirect-to?url=…&status_code=303
Answer redirect_to(const Context& context) {
    const auto url = context.request.parameter("url");
    const auto status = context.request.number("status_code", 302);
    if (!url || !is_field_text(*url) || !status || *status < 300 || *status > 399) {
        return problem(400, "?url= is needed, and &status_code= is 300 to 399");
    }
    return redirect(*url, static_cast<int>(*status));
}

constexpr std::array kRoutes{
    Route{"cookies", 0, 3, cookies},
    Route{"basic-auth", 0, 2, basic},
    Route{"digest-auth", 0, 4, digest},
    Route{"bearer", 0, 0, bearer},
    Route{"login", 0, 0, login},
    Route{"me", 0, 0, me},
    Route{"once", 0, 0, once},
    Route{"redirect", 0, 1, redirects},
    Route{"absolute-redirect", 1, 1, redirects},
    Route{"redirect-to", 0, 0, redirect_to},
};

}  // namespace

std::span<const Route> session_routes() {
    return kRoutes;
}

}  // namespace boom::target
