#include "support.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace boom;

TEST_CASE("Plan: the demo is the same in YAML and JSON", "[plan]") {
    const std::string folder(BOOM_TESTCASES);
    const plan::Plan yaml = plan::compile(plan::load_bundle({folder + "/demo.yml"}), {});
    const plan::Plan json = plan::compile(plan::load_bundle({folder + "/demo.json"}), {});
    REQUIRE(yaml.steps.size() == 6);
    REQUIRE(json.steps.size() == yaml.steps.size());
    for (std::size_t i = 0; i < yaml.steps.size(); ++i) {
        CHECK(yaml.steps[i].name == json.steps[i].name);
        CHECK(yaml.steps[i].kind == json.steps[i].kind);
    }
    const plan::CasePlan& a = yaml.cases.at(0);
    const plan::CasePlan& b = json.cases.at(0);
    CHECK(a.ops.size() == b.ops.size());
    CHECK(a.slot_count == b.slot_count);
    CHECK(a.action_step == 5);
    REQUIRE(a.requests.size() == 4);
    for (std::size_t i = 0; i < a.requests.size(); ++i) {
        CHECK(a.requests[i].constant_url == b.requests[i].constant_url);
        CHECK(a.requests[i].constant_headers == b.requests[i].constant_headers);
        CHECK(a.requests[i].checks.size() == b.requests[i].checks.size());
    }
    CHECK(a.requests[0].constant_url == "http://127.0.0.1:8080/get?page=1&user=boom");
    CHECK(a.requests[0].checks_status);
    CHECK_FALSE(a.requests[3].constant_headers.has_value());
    CHECK(a.think_times.at(0).time == std::chrono::milliseconds(10));
}

TEST_CASE("Plan: URLs are joined as the reference does, without its slash", "[plan]") {
    const auto [base, url, params, expected] =
        GENERATE(table<std::string, std::string, std::string, std::string>(
            {{"https://e.com", "/get", "{}", "https://e.com/get"},
             {"https://e.com", "get", "{}", "https://e.com/get"},
             {"https://e.com/", "/get", "{}", "https://e.com/get"},
             {"https://e.com/abc/", "/get?a=1&b=2", "{}", "https://e.com/abc/get?a=1&b=2"},
             {"https://e.com/abc?x=6&y=9", "/get?a=1&b=2", "{}", "https://e.com/abc/get?a=1&b=2"},
             {"", "https://e.com/get", "{}", "https://e.com/get"},
             {"https://e.com", "https://o.org/get", "{}", "https://o.org/get"},
             {"https://e.com/", "/get/", "{c: 3, d: 4}", "https://e.com/get/?c=3&d=4"},
             {"https://e.com/abc", "get?a=1", "{d: 4, c: 3}", "https://e.com/abc/get?a=1&c=3&d=4"},
             {"https://e.com", "/q", "{q: 'a b&c'}", "https://e.com/q?q=a+b%26c"}}));
    const plan::Plan plan =
        compile_text("config: {base_url: '" + base + "'}\nteststeps:\n  - request: " + "{url: '" +
                     url + "', params: " + params + "}");
    CHECK(plan.cases[0].requests[0].constant_url == expected);
}

TEST_CASE("Plan: URLs of websockets are joined alike (hrp-boom A.4)", "[plan]") {
    const auto [base, url, expected] = GENERATE(table<std::string, std::string, std::string>(
        {{"wss://ws.e.com/raw", "", "wss://ws.e.com/raw"},
         {"wss://ws.e.com", "/raw", "wss://ws.e.com/raw"},
         {"wss://x/raw", "ws://echo.e.com", "ws://echo.e.com"}}));
    const plan::Plan plan =
        compile_text("config: {base_url: '" + base +
                     "'}\nteststeps:\n  - websocket: {type: open, url: '" + url + "'}");
    CHECK(plan.cases[0].requests[0].constant_url == expected);
}

TEST_CASE("Plan: variables refer to each other, a step's to those behind it (hrp-boom A.1)",
          "[plan]") {
    // What the names become is seen in the URL.
    const auto [config, step, expected] = GENERATE(table<std::string, std::string, std::string>(
        {{"a: $b, b: $c, c: '123'", "", "http://h/123-123-123"},
         {"a: $b, b: $b2, b2: x, c: 1", "", "http://h/x-x-1"},
         {"a: 1, b: x, c: 3", "base_url: $base_url, b: bar1", "http://h/1-bar1-3"},
         {"a: 1, b: 2, c: 3", "a: $a$b", "http://h/12-2-3"}}));
    const plan::Plan plan = compile_text("config: {base_url: 'http://h', variables: {" + config +
                                         "}}\nteststeps:\n  - variables: {" + step +
                                         "}\n    request: {url: '/$a-$b-$c'}");
    CHECK(plan.cases[0].requests[0].constant_url == expected);
}

TEST_CASE("Plan: the body follows its key and the Content-Type", "[plan]") {
    using plan::BodyKind;
    const auto [request, kind, body] = GENERATE(table<std::string, BodyKind, std::string>(
        {{"json: {a: 1, b: '2'}", BodyKind::Json, R"({"a":1,"b":"2"})"},
         {"data: {b: 'x y', a: 1}", BodyKind::Form, "a=1&b=x+y"},
         {"body: {a: true}", BodyKind::Json, R"({"a":true})"},
         {"headers: {content-type: application/json}, data: {a: 1}", BodyKind::Json, R"({"a":1})"},
         {"data: [1, 2]", BodyKind::Json, "[1,2]"},
         {"data: plain text", BodyKind::Text, "plain text"}}));
    const plan::RequestStep step = compile_request("url: /p, method: post, " + request);
    CHECK(step.method == "POST");
    CHECK(step.body_kind == kind);
    CHECK(step.constant_body == body);
}

TEST_CASE("Plan: headers of step and profile win, marks are added", "[plan]") {
    load::Profile profile;
    CHECK(compile_request("url: /").constant_headers ==
          "Accept-Encoding: gzip\r\nUser-Agent: PerformanceTest\r\n");
    profile.header = {"X-A: 2"};
    profile.mark_traffic = "mark";
    profile.disable_compression = true;
    profile.disable_keepalive = true;
    CHECK(compile_request("url: /, headers: {x-a: 1, user-agent: mine, ':path': x}", profile)
              .constant_headers == "User-Agent: mark\r\nConnection: close\r\nX-A: 2\r\n");
}

TEST_CASE("Plan: the profile's variables replace the case's", "[plan]") {
    load::Profile profile;
    profile.var = {{"base_url", "http://other:1"}, {"id", "7"}};
    const plan::Plan plan = compile_text(
        "config: {base_url: 'http://h', variables: {id: 1, next: \"n$id\"}}\n"
        "teststeps: [{request: {url: /$next, json: {id: $id}}}]",
        profile);
    CHECK(plan.cases[0].requests[0].constant_url == "http://other:1/n7");
    CHECK(plan.cases[0].requests[0].constant_body == R"({"id":7})");
}

TEST_CASE("Plan: an extracted value hides the config variable only after its step", "[plan]") {
    const plan::Plan plan = compile_text(
        "config: {base_url: 'http://h', variables: {id: 1}}\n"
        "teststeps:\n"
        "  - {request: {url: /$id}, extract: {id: body.id}}\n"
        "  - {request: {url: /$id}}\n"
        "  - {request: {url: /$id}, variables: {id: 5}}\n");
    const plan::CasePlan& compiled = plan.cases[0];
    CHECK(compiled.requests[0].constant_url == "http://h/1");
    CHECK(compiled.requests[0].needs_body);
    CHECK_FALSE(compiled.requests[1].constant_url.has_value());
    CHECK(compiled.requests[1].url.slots_read() == compiled.iteration_slots);
    CHECK(compiled.requests[2].constant_url == "http://h/5");
}

TEST_CASE("Plan: the timeout of the step wins over config and profile", "[plan]") {
    CHECK(compile_request("url: /").timeout == std::chrono::seconds(30));
    CHECK(compile_request("url: /, timeout: 0.5").timeout == std::chrono::milliseconds(500));
    CHECK(compile_request("url: /, timeout: 250ms").timeout == std::chrono::milliseconds(250));
}
