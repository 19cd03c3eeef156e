#include "support/api_request.hpp"
#include "support/fake_run_control.hpp"
#include "web/routes.hpp"

#include <catch2/catch.hpp>

using boom::test::FakeRunControl;
using boom::test::request;
using boom::web::ApiRequest;
using boom::web::ApiResponse;
using boom::web::respond;

TEST_CASE("Routes: workers can be asked for by their state", "[web]") {
    FakeRunControl control;
    boom::web::WorkerRow ready;
    ready.id = "one";
    ready.state_name = "ready";
    boom::web::WorkerRow missing = ready;
    missing.id = "two";
    missing.state = 7;
    missing.state_name = "missing";
    control.worker_rows = {ready, missing};
    const auto [state, has_one, has_two] =
        GENERATE(table<std::string, bool, bool>({{"ready", true, false},
                                                 {"7", false, true},
                                                 {"missing", false, true},
                                                 {"running", false, false}}));
    CAPTURE(state);
    boom::web::ApiRequest asked = request("GET", "/workers");
    asked.query["state"] = state;
    const std::string body = respond(asked, {}, control).body;
    CHECK((body.find(R"("id":"one")") != std::string::npos) == has_one);
    CHECK((body.find(R"("id":"two")") != std::string::npos) == has_two);
}

TEST_CASE("Routes: workers have the reference's fields and ours", "[web]") {
    FakeRunControl control;
    boom::web::WorkerRow row;
    row.id = "host_1";
    row.user_count = 7;
    row.max_users = 4000;
    row.health.lateness_p99_us = 77;
    row.health.health.cpu_percents = {40, 50};
    row.health.health.ports_in_use = 12;
    row.health.health.ephemeral_ports = 100;
    row.health.health.user_us = 400;
    row.health.health.occupied_us = 300;
    control.worker_rows = {row};
    const std::string body = respond(request("GET", "/workers"), {}, control).body;
    for (const char* field : {R"("id":"host_1")",
                              R"("ip":)",
                              R"("os":)",
                              R"("arch":)",
                              R"("state":1)",
                              R"("heartbeat":3)",
                              R"("user_count":7)",
                              R"("worker_cpu_usage":)",
                              R"("cpu_usage":)",
                              R"("cpu_warning_emitted":false)",
                              R"("worker_memory_usage":)",
                              R"("memory_usage":)",
                              R"("max_users":4000)",
                              R"("state_name":)",
                              R"("room":)",
                              R"("rps":)",
                              R"("lag_us":)",
                              R"("version":)",
                              R"("health":{"cpu_percents":[40.0,50.0])",
                              R"("ports_in_use":12)",
                              R"("ports":100)",
                              R"("lateness_p99_us":77)",
                              R"("overhead_percent":25)"}) {
        CAPTURE(field);
        CHECK(body.find(field) != std::string::npos);
    }
}

TEST_CASE("Routes: one worker is shown with what it did in the run", "[web]") {
    FakeRunControl control;
    boom::web::WorkerRow row;
    row.id = "host_1";
    row.room = "north";
    control.worker_rows = {row};
    const std::string idle = respond(request("GET", "/workers/host_1"), {}, control).body;
    CHECK(idle.find(R"("room":"north")") != std::string::npos);
    CHECK(idle.find(R"("run":null)") != std::string::npos);
    control.totals.emplace();
    control.totals->run_id = "r1";
    control.totals->requests = 12;
    const std::string busy = respond(request("GET", "/workers/host_1"), {}, control).body;
    CHECK(busy.find(R"("run":{"run_id":"r1","requests":12)") != std::string::npos);
    CHECK(busy.find(R"("connect_min_us":null)") != std::string::npos);
}

TEST_CASE("Routes: a worker's log is plain text", "[web]") {
    FakeRunControl control;
    const ApiResponse log = respond(request("GET", "/workers/host_1/log"), {}, control);
    CHECK(log.status == 200);
    CHECK(log.content_type == "text/plain; charset=utf-8");
    CHECK(log.body == "t joined\n");
}

TEST_CASE("Routes: an unknown worker is 404 with its name", "[web]") {
    const auto path = GENERATE(as<std::string>(), "/workers/nobody", "/workers/nobody/log");
    FakeRunControl control;
    const ApiResponse response = respond(request("GET", path), {}, control);
    CHECK(response.status == 404);
    CHECK(response.body.find("no such worker: nobody") != std::string::npos);
}

TEST_CASE("Routes: one worker is taken out and back in by its id, whatever it contains", "[web]") {
    const auto id = GENERATE(as<std::string>(), "host_1", "relay3/w17", "a b", "\xe4\xb8\x96",
                             "stop", "../quit");
    FakeRunControl control;
    (void)respond(request("POST", "/workers/" + id + "/stop"), {}, control);
    (void)respond(request("POST", "/workers/" + id + "/start"), {}, control);
    CHECK(control.calls == std::vector<std::string>{"take out " + id, "bring back " + id});
    CHECK(respond(request("GET", "/workers/" + id + "/stop"), {}, control).status == 405);
    control.answer = {4, "no such worker"};
    CHECK(respond(request("POST", "/workers/" + id + "/stop"), {}, control).status == 404);
}

TEST_CASE("Routes: a path without a worker's id is 404 and says what is missing", "[web]") {
    const auto [method, verb] = GENERATE(
        table<std::string, std::string>({{"POST", "stop"}, {"POST", "start"}, {"GET", "log"}}));
    FakeRunControl control;
    const ApiResponse response = respond(request(method, "/workers//" + verb), {}, control);
    CHECK(response.status == 404);
    CHECK(response.body.find("names no worker") != std::string::npos);
    CHECK(control.calls.empty());
}
