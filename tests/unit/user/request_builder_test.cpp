#include "user/request_builder.hpp"

#include "base/rng.hpp"
#include "base/url.hpp"

#include <catch2/catch.hpp>

#include <memory>

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

TEST_CASE("Request: a constant one is the same whatever the exchange carried before", "[user]") {
    const plan::Plan plan =
        plan::compile({{"c.yml"},
                       {{"c.yml",
                         "config: {base_url: 'http://h', variables: {n: '${iteration()}'}}\n"
                         "teststeps:\n"
                         "  - {request: {url: /a, headers: {X: y}}}\n"
                         "  - {request: {url: /b, method: POST, json: {k: 1}}}\n"
                         "  - {request: {url: /c, params: {n: $n}}}\n"
                         "  - {request: {url: /a, cookies: {own: z}}}\n"}}},
                      load::Profile{});
    const std::vector<plan::RequestStep>& steps = plan.cases[0].requests;
    CHECK(steps[0].constant != 0);
    CHECK(steps[1].constant != 0);
    CHECK(steps[0].constant != steps[1].constant);
    CHECK(steps[2].constant == 0);
    CHECK(steps[3].constant == 0);

    user::VirtualUser user;
    expr::CallContext context;
    user.slots.emplace_back().resize(static_cast<std::size_t>(plan.cases[0].slot_count));
    std::unique_ptr<net::Exchange> used = std::make_unique<net::Exchange>();
    base::Rng rng(11);
    for (int turn = 0; turn < 500; ++turn) {
        if (rng.below(5) == 0 && !used->request.url.empty()) {
            static_cast<void>(follow_redirect(used->request, 302, "/elsewhere"));
        }
        if (turn == 250) {
            user.cookies.store("a=b", *base::parse_url("http://h/"), {});
        }
        const plan::RequestStep& step = steps[rng.below(steps.size())];
        user.exchange = std::move(used);
        REQUIRE(user::build_request(step, user, context));
        used = std::move(user.exchange);
        user.exchange = std::make_unique<net::Exchange>();
        REQUIRE(user::build_request(step, user, context));
        const net::HttpRequest& fresh = user.exchange->request;
        CHECK(used->request.method == fresh.method);
        CHECK(used->request.url == fresh.url);
        CHECK(used->request.headers == fresh.headers);
        CHECK(used->request.body == fresh.body);
    }
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
