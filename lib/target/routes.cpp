#include "target/routes.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace boom::target {
namespace {

constexpr std::int64_t kMaxBytes = std::int64_t{256} << 20;
constexpr std::int64_t kMaxDelayMs = 3'600'000;

std::string quoted(std::string_view text) {
    return "\"" + base::escape_json(text) + "\"";
}

template <typename Pairs>
std::string object(const Pairs& pairs) {
    std::string text;
    for (const auto& [key, value] : pairs) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(key), quoted(value));
    }
    return "{" + text + "}";
}

std::string headers_object(const Request& request) {
    std::vector<std::pair<std::string, std::string>> lower;
    for (const auto& [key, value] : request.headers) {
        lower.emplace_back(base::to_lower(key), value);
    }
    return object(lower);
}

Answer json(int status, std::string body) {
    Answer result;
    result.status = status;
    result.body = std::move(body);
    return result;
}

Answer problem(int status, std::string_view text) {
    return json(status, fmt::format(R"({{"error":{}}})", quoted(text)));
}

std::string url_of(const Request& request) {
    return fmt::format("http://{}{}{}{}", request.header("Host"), request.path,
                       request.query.empty() ? "" : "?", request.query);
}

// As postman-echo: args, data, form, json, headers, url.
Answer mirror(const Request& request) {
    const std::string_view type = request.header("Content-Type");
    const bool is_json = type.find("json") != std::string_view::npos;
    const bool is_form = type.find("x-www-form-urlencoded") != std::string_view::npos;
    std::string form = "{}";
    if (is_form) {
        form = object(parse_form(request.body));
    }
    // A JSON body is echoed as it is: the client has to have sent valid JSON.
    const std::string document = is_json && !request.body.empty() ? request.body : "null";
    return json(200,
                fmt::format(R"({{"args":{},"data":{},"form":{},"json":{},"headers":{},"url":{}}})",
                            object(request.parameters()),
                            is_json && !request.body.empty() ? request.body : quoted(request.body),
                            form, document, headers_object(request), quoted(url_of(request))));
}

Answer echo(const Request& request) {
    return json(
        200, fmt::format(R"({{"method":{},"path":{},"args":{},"headers":{},"body":{}}})",
                         quoted(request.method), quoted(request.path), object(request.parameters()),
                         headers_object(request), quoted(request.body)));
}

std::vector<std::pair<std::string, std::string>> cookies_of(const Request& request) {
    std::vector<std::pair<std::string, std::string>> cookies;
    for (const std::string_view part : base::split_text(request.header("Cookie"), ';')) {
        const std::size_t equals = part.find('=');
        if (equals != std::string_view::npos) {
            cookies.emplace_back(base::trim(part.substr(0, equals)),
                                 base::trim(part.substr(equals + 1)));
        }
    }
    return cookies;
}

Answer redirect(std::string location) {
    Answer result = json(302, "{}");
    result.headers.emplace_back("Location", std::move(location));
    return result;
}

Answer set_cookies(const Request& request) {
    Answer result = redirect("/cookies");
    for (const auto& [name, value] : request.parameters()) {
        result.headers.emplace_back("Set-Cookie", fmt::format("{}={}; Path=/", name, value));
    }
    return result;
}

Answer me(const Request& request, const Counters& counters) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = request.header("Authorization");
    if (authorization.substr(0, kBearer.size()) != kBearer ||
        !counters.is_login(std::string(authorization.substr(kBearer.size())))) {
        return problem(401, "a token from /login is needed");
    }
    return json(200, R"({"user":"tester","authenticated":true})");
}

Answer basic_auth(const Request& request, const std::vector<std::string_view>& parts) {
    const std::string expected =
        "Basic " + base::encode_base64(fmt::format("{}:{}", parts[1], parts[2]));
    if (request.header("Authorization") == expected) {
        return json(200, R"({"authenticated":true})");
    }
    Answer result = problem(401, "user and password are needed");
    result.headers.emplace_back("WWW-Authenticate", "Basic realm=\"boom\"");
    return result;
}

Answer once(const Request& request, Counters& counters) {
    const auto token = request.parameter("token");
    if (!token) {
        return problem(400, "?token= is missing");
    }
    return counters.use_once(*token) ? json(200, R"({"first":true})")
                                     : problem(409, "this token was used before");
}

Answer flaky(const Request& request, Counters& counters) {
    const double ratio = base::parse_real(request.parameter("ratio").value_or("0.5")).value_or(0.5);
    const auto n = static_cast<double>(counters.next_flaky());
    // The same share in every stretch of requests, in a fixed order.
    const bool fails = std::floor((n + 1) * ratio) > std::floor(n * ratio);
    return fails ? problem(500, "flaky") : json(200, R"({"ok":true})");
}

// Paths with a number: /status/{n}, /delay/{ms}, /bytes/{n}, /chunked/{n}, /redirect/{n}.
Answer numbered(std::string_view name, std::int64_t n) {
    Answer result;
    if (name == "status") {
        return n >= 200 && n <= 599
                   ? json(static_cast<int>(n), fmt::format(R"({{"status":{}}})", n))
                   : problem(400, "a status is 200 to 599");
    }
    if (name == "delay") {
        result = json(200, fmt::format(R"({{"delay_ms":{}}})", n));
        result.delay = std::chrono::milliseconds(std::min(n, kMaxDelayMs));
        return result;
    }
    if (name == "bytes" || name == "chunked") {
        result.content_type = "application/octet-stream";
        result.body.assign(static_cast<std::size_t>(std::min(n, kMaxBytes)), 'x');
        result.manner = name == "chunked" ? Answer::Manner::Chunked : Answer::Manner::Now;
        return result;
    }
    return redirect(n > 1 ? fmt::format("/redirect/{}", n - 1) : "/get");
}

Answer method_mirror(const Request& request, std::string_view name) {
    const bool fits =
        base::to_upper(name) == request.method || (name == "get" && request.method == "HEAD");
    if (!fits) {
        Answer result = problem(405, "wrong method");
        result.headers.emplace_back("Allow", base::to_upper(name));
        return result;
    }
    return mirror(request);
}

Answer plain(const Request& request, std::string_view peer, std::string_view name,
             Counters& counters) {
    constexpr std::array<std::string_view, 5> kMethods{"get", "post", "put", "patch", "delete"};
    if (std::find(kMethods.begin(), kMethods.end(), name) != kMethods.end()) {
        return method_mirror(request, name);
    }
    Answer result = json(200, "{}");
    if (name == "echo") {
        return echo(request);
    }
    if (name == "login") {
        return json(200, fmt::format(R"({{"token":"{}"}})", counters.new_login()));
    }
    if (name == "me") {
        return me(request, counters);
    }
    if (name == "once") {
        return once(request, counters);
    }
    if (name == "flaky") {
        return flaky(request, counters);
    }
    if (name == "headers") {
        return json(200, fmt::format(R"({{"headers":{}}})", headers_object(request)));
    }
    if (name == "cookies") {
        return json(200, fmt::format(R"({{"cookies":{}}})", object(cookies_of(request))));
    }
    if (name == "ip") {
        return json(200, fmt::format(R"({{"ip":{}}})", quoted(peer)));
    }
    if (name == "user-agent") {
        return json(200,
                    fmt::format(R"({{"user-agent":{}}})", quoted(request.header("User-Agent"))));
    }
    if (name == "redirect-to") {
        return redirect(request.parameter("url").value_or("/get"));
    }
    if (name == "stall") {
        result.stall = std::chrono::milliseconds(
            std::min(base::parse_integer(request.parameter("ms").value_or("1000")).value_or(1000),
                     kMaxDelayMs));
        return result;
    }
    if (name == "hang" || name == "close" || name == "reset") {
        result.manner = name == "hang"    ? Answer::Manner::Never
                        : name == "close" ? Answer::Manner::Close
                                          : Answer::Manner::Reset;
        return result;
    }
    if (name == "ws" || name == "gzip" || name == "deflate" || name == "digest-auth") {
        return problem(501, "not built yet");
    }
    return problem(404, "no such path");
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 302:
            return "Found";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 500:
            return "Internal Server Error";
        default:
            return "Status";
    }
}

}  // namespace

Answer answer(const Request& request, std::string_view peer, Counters& counters) {
    const std::string_view path = request.path;
    if (path == "/__stats") {
        return json(200, counters.json());
    }
    if (path == "/__reset") {
        counters.reset();
        return json(200, "{}");
    }
    const std::vector<std::string_view> parts =
        base::split_text(path.substr(path.empty() ? 0 : 1), '/');
    constexpr std::array<std::string_view, 5> kNumbered{"status", "delay", "bytes", "chunked",
                                                        "redirect"};
    if (parts.size() == 2 &&
        std::find(kNumbered.begin(), kNumbered.end(), parts[0]) != kNumbered.end()) {
        const auto n = base::parse_integer(parts[1]);
        return n && *n >= 0 ? numbered(parts[0], *n) : problem(400, "a number is needed");
    }
    if (path == "/cookies/set") {
        return set_cookies(request);
    }
    if (parts.size() == 3 && parts[0] == "basic-auth") {
        return basic_auth(request, parts);
    }
    return parts.size() == 1 ? plain(request, peer, parts[0], counters)
                             : problem(404, "no such path");
}

std::string serialize(const Answer& answer, const Request& request, bool keeps_alive) {
    const bool has_body = answer.status != 204 && answer.status != 304;
    const bool is_chunked = answer.manner == Answer::Manner::Chunked;
    std::string out;
    out.reserve(256 + answer.body.size());
    out += fmt::format("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (const auto& [name, value] : answer.headers) {
        out += name + ": " + value + "\r\n";
    }
    if (has_body) {
        out += "Content-Type: " + answer.content_type + "\r\n";
        out += is_chunked ? std::string("Transfer-Encoding: chunked\r\n")
                          : fmt::format("Content-Length: {}\r\n", answer.body.size());
    }
    out += keeps_alive ? "\r\n" : "Connection: close\r\n\r\n";
    if (!has_body || request.method == "HEAD") {
        return out;
    }
    if (!is_chunked) {
        return out += answer.body;
    }
    constexpr std::size_t kChunk = 1000;
    for (std::size_t at = 0; at < answer.body.size(); at += kChunk) {
        const std::string_view piece = std::string_view(answer.body).substr(at, kChunk);
        out += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    }
    return out += "0\r\n\r\n";
}

}  // namespace boom::target
