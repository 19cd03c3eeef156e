#include "user/request_builder.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using user::follow_redirect;
using user::set_header_line;

TEST_CASE("Request: a URL behind a constant base is what join_url gives", "[user]") {
    const std::string base =
        GENERATE(as<std::string>(), "http://h", "http://h/", "http://h/a//", "http://h/a?b=c#d");
    const std::string url = GENERATE(as<std::string>(), "", "/", "//x", "y/z", "/p?q=1", "?q", " w",
                                     "http://other/a", "#f", "/..", "ws://o");
    CAPTURE(base, url);
    const plan::Plan plan = plan::compile(
        {{"c.yml"},
         {{"c.yml", "config: {base_url: '" + base + "', variables: {u: '${lower(\"" + url +
                        "\")}', v: '${iteration()}'}}\nteststeps: [{request: {url: "
                        "'$u', params: {v: $v}}}]"}}},
        load::Profile{});
    const plan::CasePlan& test_case = plan.cases[0];
    user::VirtualUser user;
    user.exchange = std::make_unique<net::Exchange>();
    expr::CallContext context;
    std::vector<expr::Value>& slots = user.slots.emplace_back();
    slots.resize(static_cast<std::size_t>(test_case.slot_count));
    for (const plan::Assignment& variable : test_case.variables) {
        slots[static_cast<std::size_t>(variable.slot)] =
            variable.value.evaluate(slots, context).value();
    }
    REQUIRE(user::build_request(test_case.requests[0], user, context));
    const std::string joined = base::join_url(base, url);
    const char separator = joined.find('?') == std::string::npos ? '?' : '&';
    CHECK(user.exchange->request.url == joined + separator + "v=0");
}

TEST_CASE("Redirect: method and body follow RFC 9110 15.4", "[user]") {
    const auto [status, method, expected] = GENERATE(table<int, std::string, std::string>({
        {301, "POST", "GET"},
        {302, "POST", "GET"},
        {303, "POST", "GET"},
        {303, "PUT", "GET"},
        {307, "POST", "POST"},
        {308, "PUT", "PUT"},
        {302, "GET", "GET"},
        {301, "PUT", "PUT"},
        {303, "HEAD", "HEAD"},
    }));
    CAPTURE(status, method);
    net::HttpRequest request;
    request.method = method;
    request.url = "http://h/a/b";
    request.headers = "Content-Type: text/plain\r\nX: y\r\n";
    request.body = "body";
    REQUIRE(follow_redirect(request, status, "../c?d=1"));
    CHECK(request.method == expected);
    CHECK(request.url == "http://h/c?d=1");
    const bool is_kept = expected == method;
    CHECK(request.body == (is_kept ? "body" : ""));
    CHECK((request.headers.find("Content-Type") != std::string::npos) == is_kept);
    CHECK(request.headers.find("X: y") != std::string::npos);
}

TEST_CASE("Redirect: credentials stay with their origin", "[user]") {
    net::HttpRequest request;
    request.method = "GET";
    request.url = "http://h/a";
    request.headers = "Authorization: secret\r\nCookie: a=b\r\nHost: h\r\n";
    REQUIRE(follow_redirect(request, 302, "/same"));
    CHECK(request.headers.find("secret") != std::string::npos);
    REQUIRE(follow_redirect(request, 302, "http://other/"));
    CHECK(request.headers.empty());
}

TEST_CASE("Redirect: a location that is no HTTP URL is not followed", "[user]") {
    net::HttpRequest request;
    request.method = "GET";
    request.url = "http://h/a";
    CHECK_FALSE(follow_redirect(request, 302, "mailto:x"));
    CHECK_FALSE(follow_redirect(request, 302, "ws://h/"));
    CHECK_FALSE(follow_redirect(request, 302, "http://"));
}

TEST_CASE("Headers: a line is replaced whatever its case, or removed", "[user]") {
    std::string block = "A: 1\r\ncookie: x\r\nB: 2\r\nCookie: y\r\n";
    set_header_line(block, "Cookie", "z");
    CHECK(block == "A: 1\r\nB: 2\r\nCookie: z\r\n");
    set_header_line(block, "a", "");
    CHECK(block == "B: 2\r\nCookie: z\r\n");
}
