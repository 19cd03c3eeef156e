#include "web/routes.hpp"

#include "base/process_usage.hpp"
#include "support/api_request.hpp"
#include "support/fake_run_control.hpp"

#include <catch2/catch.hpp>

using boom::test::FakeRunControl;
using boom::test::request;
using boom::web::AccessRules;
using boom::web::Answer;
using boom::web::ApiRequest;
using boom::web::ApiResponse;
using boom::web::respond;

TEST_CASE("Routes: the answers of the reference, A.7", "[web]") {
    struct Row {
        std::string_view method, path, body;
        Answer control;  // what the run says
        std::string_view answer;
    };
    const auto row = GENERATE(values<Row>({
        {"POST", "/start", "{}", {}, R"({"code":2,"message":"missing testcases path"})"},
        {"POST",
         "/start",
         R"({"testcase-path":"x.json","foo":1})",
         {},
         R"({"code":2,"message":"failed to recognize params: [foo]"})"},
        {"POST",
         "/start",
         R"({"testcase-path":"x.json"})",
         {2, "current available workers: 0"},
         R"({"code":2,"message":"current available workers: 0"})"},
        {"POST",
         "/start",
         R"({"testcase-path":"x.json"})",
         {2, "already started"},
         R"({"code":2,"message":"already started"})"},
        {"POST",
         "/start",
         R"({"testcase-path":"x.json"})",
         {2, "Please wait for all workers to finish"},
         R"({"code":2,"message":"Please wait for all workers to finish"})"},
        {"POST",
         "/start",
         R"({"testcase-path":"x.json"})",
         {},
         R"({"code":0,"message":"success"})"},
        {"POST",
         "/rebalance",
         R"({"spawn-count":10})",
         {2, "no start"},
         R"({"code":2,"message":"no start"})"},
        {"POST", "/rebalance", R"({"spawn-count":10})", {}, R"({"code":0,"message":"success"})"},
        {"GET", "/stop", "", {3, "already stopped"}, R"({"code":3,"message":"already stopped"})"},
        {"GET", "/stop", "", {}, R"({"code":0,"message":"success"})"},
        {"POST", "/stop", "", {}, R"({"code":0,"message":"success"})"},
        {"GET", "/quit", "", {}, R"({"code":0,"message":"success"})"},
        {"POST", "/quit", "", {}, R"({"code":0,"message":"success"})"},
        {"GET", "/workers", "", {}, R"({"code":0,"message":"success","data":[]})"},
    }));
    CAPTURE(row.method, row.path, row.body);
    FakeRunControl control;
    control.answer = row.control;
    const ApiResponse response =
        respond(request(std::string(row.method), std::string(row.path), std::string(row.body)), {},
                control);
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json; charset=utf-8");
    CHECK(response.body == row.answer);
}

TEST_CASE("Routes: a fresh master shows the reference's fields first", "[web]") {
    FakeRunControl control;
    const ApiResponse response = respond(request("GET", "/master"), {}, control);
    CHECK(response.body.rfind(R"({"code":0,"message":"success","data":{"state":1,"workers":0,)"
                              R"("target_users":0,"current_users":0,"state_name":"ready")",
                              0) == 0);
}

TEST_CASE("Routes: a wrong method is answered with 405, and nothing acts", "[web]") {
    const auto [method, path, allow] = GENERATE(table<std::string, std::string, std::string>({
        {"GET", "/start", "POST"},
        {"HEAD", "/start", "POST"},
        {"GET", "/rebalance", "POST"},
        {"HEAD", "/stop", "GET, POST"},
        {"HEAD", "/quit", "GET, POST"},
        {"DELETE", "/quit", "GET, POST"},
        {"PUT", "/stop", "GET, POST"},
        {"POST", "/workers", "GET, HEAD"},
        {"POST", "/workers/one", "GET, HEAD"},
        {"GET", "/workers/one/stop", "POST"},
        {"POST", "/master", "GET, HEAD"},
        {"OPTIONS", "/master", "GET, HEAD"},
        {"POST", "/", "GET, HEAD"},
    }));
    CAPTURE(method, path);
    FakeRunControl control;
    const ApiResponse response = respond(request(method, path), {}, control);
    CHECK(response.status == 405);
    CHECK(response.allow == allow);
    CHECK(response.body == "method " + method + " not allowed");
    CHECK(control.calls.empty());
}

TEST_CASE("Routes: an unknown path is 404 and acts on nothing", "[web]") {
    const auto path = GENERATE(as<std::string>(), "/nowhere", "/stop/", "//stop", "/Stop",
                               "/../stop", "/start/x", "");
    CAPTURE(path);
    FakeRunControl control;
    CHECK(respond(request("GET", path), {}, control).status == 404);
    CHECK(control.calls.empty());
}

TEST_CASE("Routes: a refused body reaches no run", "[web]") {
    FakeRunControl control;
    CHECK(respond(request("POST", "/start", "{"), {}, control).status == 200);
    CHECK(respond(request("POST", "/rebalance", R"({"foo":1})"), {}, control).status == 200);
    CHECK(control.calls.empty());
}

TEST_CASE("Routes: only a POST can force a stop", "[web]") {
    FakeRunControl control;
    (void)respond(request("GET", "/stop", R"({"force":true})"), {}, control);
    (void)respond(request("POST", "/stop", R"({"force":true})"), {}, control);
    (void)respond(request("POST", "/stop", R"({})"), {}, control);
    CHECK(control.calls == std::vector<std::string>{"stop", "stop force", "stop"});
}

TEST_CASE("Routes: health is 503 when the master is not well", "[web]") {
    FakeRunControl control;
    CHECK(respond(request("GET", "/healthz"), {}, control).status == 200);
    control.is_well = false;
    CHECK(respond(request("GET", "/healthz"), {}, control).status == 503);
}

TEST_CASE("Routes: a rebalance may name one worker", "[web]") {
    FakeRunControl control;
    (void)respond(request("POST", "/rebalance", R"({"spawn-count":5,"worker":"w2"})"), {}, control);
    (void)respond(request("POST", "/rebalance", R"({"spawn-count":5,"worker":""})"), {}, control);
    CHECK(control.calls == std::vector<std::string>{"rebalance w2", "rebalance"});
    CHECK(respond(request("POST", "/rebalance", R"({"worker":1})"), {}, control).body ==
          R"({"code":2,"message":"'worker' expected type 'string', got unconvertible type )"
          R"('float64', value: '1'"})");
}

TEST_CASE("Routes: a plan is points over time, and starts nothing", "[web]") {
    FakeRunControl control;
    control.plan_answer.points = {{0, 0}, {5, 100}};
    control.plan_answer.duration_s = 60;
    CHECK(respond(request("POST", "/plan", R"({"testcase-path":"x"})"), {}, control).body ==
          R"({"code":0,"message":"success","data":{"unit":"users","duration_s":60.0,"points":)"
          R"([{"t_s":0.0,"target":0.0},{"t_s":5.0,"target":100.0}]}})");
    control.answer = {2, "bad case"};
    CHECK(respond(request("POST", "/plan", R"({"testcase-path":"x"})"), {}, control).body ==
          R"({"code":2,"message":"bad case"})");
    CHECK(control.calls.empty());
}

TEST_CASE("Routes: cases and runs are documents or 404", "[web]") {
    const auto [path, status, body] = GENERATE(table<std::string, int, std::string>({
        {"/cases/a/b.yml", 200, "teststeps: []"},
        {"/cases/nowhere.yml", 404, "Not Found"},
        {"/cases/", 404, "Not Found"},
        {"/cases/../x", 404, "Not Found"},
        {"/runs/r1", 200, "json"},
        {"/runs/r1/csv", 200, "csv"},
        {"/runs/r2/csv", 404, "Not Found"},
        {"/cases", 200, R"({"code":0,"message":"success","data":[{"path":"p","bytes":7}]})"},
        {"/stats", 200, "{}"},
        {"/page/none.js", 404, "Not Found"},
    }));
    CAPTURE(path);
    FakeRunControl control;
    control.case_files = {{"p", 7}};
    const ApiResponse response = respond(request("GET", path), {}, control);
    CHECK(response.status == status);
    CHECK(response.body == body);
}

TEST_CASE("Routes: the page has a strict policy and every other answer a stricter one", "[web]") {
    FakeRunControl control;
    const ApiResponse home = respond(request("GET", "/"), {}, control);
    CHECK(home.content_type == "text/html; charset=utf-8");
    CHECK(home.content_policy.find("script-src 'self'") != std::string::npos);
    CHECK(home.content_policy.find("unsafe") == std::string::npos);
    CHECK(home.content_policy.find("default-src 'none'") == 0);
    CHECK(
        respond(request("GET", "/master"), {}, control).content_policy.find("default-src 'none'") ==
        0);
    const ApiResponse report = respond(request("GET", "/report"), {}, control);
    CHECK(report.content_policy.find("script-src 'sha256-") != std::string::npos);
    CHECK(report.content_policy.find("unsafe") == std::string::npos);
    CHECK(respond(request("GET", "/events"), {}, control).kind == ApiResponse::Kind::EventStream);
}

TEST_CASE("Access: what another site's page sends is refused", "[web]") {
    struct Row {
        std::string_view path, site, mode, agent;
        int status;
    };
    constexpr std::string_view kBrowser = "Mozilla/5.0 (X11; Linux x86_64)";
    const auto row = GENERATE_COPY(values<Row>({
        {"/stop", "cross-site", "no-cors", kBrowser, 403},
        {"/stop", "same-site", "no-cors", kBrowser, 403},
        {"/stop", "", "", kBrowser, 403},  // an image on another machine's page, plain HTTP
        {"/stop", "same-origin", "cors", kBrowser, 200},
        {"/stop", "none", "navigate", kBrowser, 200},  // typed by hand
        {"/stop", "", "", "curl/7.88", 200},
        {"/stop", "", "", "", 200},
        {"/master", "cross-site", "no-cors", kBrowser, 403},
        {"/master", "cross-site", "navigate", kBrowser, 403},
        {"/master", "", "", kBrowser, 200},
        {"/", "cross-site", "navigate", kBrowser, 200},  // a link to the page
        {"/", "cross-site", "no-cors", kBrowser, 403},
    }));
    CAPTURE(row.path, row.site, row.mode, row.agent);
    FakeRunControl control;
    ApiRequest asked = request("GET", std::string(row.path));
    asked.headers["user-agent"] = row.agent;
    if (!row.site.empty()) {
        asked.headers["sec-fetch-site"] = row.site;
        asked.headers["sec-fetch-mode"] = row.mode;
    }
    CHECK(respond(asked, {}, control).status == row.status);
    CHECK(control.calls.size() == (row.status == 200 && row.path == "/stop" ? 1U : 0U));
}

TEST_CASE("Access: a foreign origin is refused on every path, whatever the token", "[web]") {
    const auto path = GENERATE(as<std::string>(), "/stop", "/quit", "/master", "/", "/healthz");
    const auto origin = GENERATE(as<std::string>(), "http://evil.example", "null",
                                 "http://127.0.0.1:9772", "http://127.0.0.1");
    CAPTURE(path, origin);
    FakeRunControl control;
    ApiRequest foreign = request("GET", path);
    foreign.headers["origin"] = origin;
    foreign.headers["authorization"] = "Bearer secret-token";
    CHECK(respond(foreign, {}, control).status == 403);
    CHECK(respond(foreign, {"secret-token", {}}, control).status == 403);
    CHECK(control.calls.empty());
    foreign.headers["origin"] = "http://127.0.0.1:9771";
    CHECK(respond(foreign, {"secret-token", {}}, control).status == 200);
}

TEST_CASE("Access: without a token the Host must be this machine's", "[web]") {
    const auto [host, status] = GENERATE(table<std::string, int>({
        {"127.0.0.1:9771", 200},
        {"10.1.2.3", 200},
        {"[::1]:9771", 200},
        {"localhost:9771", 200},
        {"LocalHost", 200},
        {"", 200},
        {"evil.example", 403},
        {"127.0.0.1.evil.example:9771", 403},
        {"localhost.evil.example", 403},
    }));
    CAPTURE(host);
    FakeRunControl control;
    ApiRequest asked = request("GET", "/master");
    asked.headers["host"] = host;
    CHECK(respond(asked, {}, control).status == status);
    asked.headers["host"] = boom::base::host_name();
    CHECK(respond(asked, {}, control).status == 200);
}

TEST_CASE("Access: without a token only loopback peers are served", "[web]") {
    FakeRunControl control;
    ApiRequest asked = request("GET", "/master");
    asked.peer = "192.168.7.7";
    const ApiResponse refused = respond(asked, {}, control);
    CHECK(refused.status == 403);
    CHECK(refused.body.find("--token") != std::string::npos);
    CHECK(refused.body.find("--insecure-cluster") != std::string::npos);
    AccessRules open;
    open.is_open = true;
    CHECK(respond(asked, open, control).status == 200);
    CHECK(respond(asked, {"secret-token", {}}, control).status == 401);
}

TEST_CASE("Access: with a token every path but the page and health needs it", "[web]") {
    const auto [authorization, status] = GENERATE(table<std::string, int>({
        {"Bearer secret-token", 200},
        {"bearer secret-token", 200},
        {"", 401},
        {"Bearer ", 401},
        {"Bearer wrong", 401},
        {"Bearer secret-token2", 401},
        {"Basic secret-token", 401},
        {"secret-token", 401},
    }));
    const auto path = GENERATE(as<std::string>(), "/master", "/workers", "/stop", "/metrics");
    CAPTURE(authorization, path);
    FakeRunControl control;
    ApiRequest asked = request("GET", path);
    asked.headers["authorization"] = authorization;
    const ApiResponse response = respond(asked, {"secret-token", {}}, control);
    CHECK(response.status == status);
    CHECK(response.is_challenge == (status == 401));
    CHECK(control.calls.size() == (status == 200 && path == "/stop" ? 1U : 0U));
    asked.path = "/";
    CHECK(respond(asked, {"secret-token", {}}, control).status == 200);
    asked.path = "/healthz";
    CHECK(respond(asked, {"secret-token", {}}, control).status == 200);
    asked.path = "/nowhere";  // what exists is nobody's business without the token
    CHECK(respond(asked, {"secret-token", {}}, control).status == (status == 200 ? 404 : 401));
}
