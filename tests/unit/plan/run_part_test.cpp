// What a case does once per run: run_setup and run_teardown.
#include "base/error.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using Catch::Contains;
using plan::Part;

namespace {

constexpr const char* kCase =
    "config: {name: shop, base_url: 'http://h', variables: {auth: 'Bearer $token', token: none}}\n"
    "run_setup:\n"
    "  - name: login\n"
    "    request: {method: POST, url: /login}\n"
    "    extract: {token: body.token, user_id: body.id}\n"
    "  - {name: fill, request: {url: /fill/$user_id, headers: {Authorization: Bearer $token}}}\n"
    "teststeps:\n"
    "  - {name: read, request: {url: /read, headers: {Authorization: $auth}}}\n"
    "run_teardown:\n"
    "  - {name: empty, request: {method: DELETE, url: /fill/$user_id}}\n";

plan::Bundle bundle_of(const std::string& text) {
    return {{"case.yml"}, {{"case.yml", text}}};
}

plan::Bundle with_values(plan::Bundle bundle) {
    plan::set_run_values(
        bundle,
        *expr::parse_json(
            R"({"values": {"case.yml": {"token": "a$b", "user_id": 12345678901234567890}}})"));
    return bundle;
}

// The value of a variable as a user has it before its first step.
std::optional<std::string> value_of(const plan::CasePlan& plan, const expr::Template& text) {
    std::vector<expr::Value> slots(static_cast<std::size_t>(plan.slot_count));
    expr::CallContext context;
    for (const plan::Assignment& assignment : plan.variables) {
        slots[static_cast<std::size_t>(assignment.slot)] =
            assignment.value.evaluate(slots, context).value();
    }
    const auto value = text.evaluate(slots, context);
    return value ? std::optional(value->text()) : std::nullopt;
}

std::string mistake_of(const std::string& text) {
    try {
        static_cast<void>(plan::compile(bundle_of(text), {}));
    } catch (const base::ConfigError& error) {
        return error.what();
    }
    return "no mistake";
}

}  // namespace

TEST_CASE("RunPart: setup and teardown of the run are no rows of the load", "[plan]") {
    const plan::Plan load = plan::compile(bundle_of(kCase), {});
    CHECK(load.has_run_setup);
    CHECK(load.has_run_teardown);
    REQUIRE(load.steps.size() == 2);
    CHECK(load.steps[0].name == "read");
    CHECK(load.cases.at(0).requests.size() == 1);
    const auto setups = plan::compile_part(bundle_of(kCase), {}, Part::RunSetup);
    REQUIRE(setups.size() == 1);
    REQUIRE(setups[0].cases.size() == 1);
    CHECK(setups[0].cases[0].requests.size() == 2);
    CHECK(setups[0].steps.at(0).name == "login");
    REQUIRE(setups[0].cases[0].yields.size() == 2);
    CHECK(setups[0].cases[0].yields[0].first == "token");
    CHECK(plan::compile_part(bundle_of(kCase), {}, Part::RunTeardown).size() == 1);
    CHECK(plan::compile_part(bundle_of("teststeps: [{request: {url: 'http://h/'}}]"), {},
                             Part::RunSetup)
              .empty());
}

TEST_CASE("RunPart: what the setup gave wins over config variables, dollars and digits exact",
          "[plan]") {
    const plan::Bundle bundle = with_values(bundle_of(kCase));
    const plan::CasePlan load = plan::compile(bundle, {}).cases.at(0);
    CHECK(value_of(load, load.requests.at(0).headers.at(0).value) == "Bearer a$b");
    const auto teardowns = plan::compile_part(bundle, {}, Part::RunTeardown);
    const plan::CasePlan& teardown = teardowns.at(0).cases.at(0);
    CHECK(value_of(teardown, teardown.requests.at(0).url) == "/fill/12345678901234567890");
    // In the setup itself it is null until a step has extracted it.
    const auto setups = plan::compile_part(bundle, {}, Part::RunSetup);
    const plan::CasePlan& setup = setups.at(0).cases.at(0);
    CHECK(value_of(setup, setup.requests.at(1).headers.at(0).value) == "Bearer null");
    CHECK(setup.requests.at(0).extracts.size() == 2);
}

TEST_CASE("RunPart: a case is the same before the setup has run and after it", "[plan]") {
    const plan::Bundle before = bundle_of(kCase);
    const plan::Bundle after = with_values(before);
    const plan::CasePlan first = plan::compile(before, {}).cases.at(0);
    const plan::CasePlan second = plan::compile(after, {}).cases.at(0);
    CHECK(first.slot_count == second.slot_count);
    CHECK_FALSE(second.requests.at(0).constant_headers);
    CHECK(before.hash() != after.hash());
    CHECK(before.hash() == plan::without_run_values(after).hash());
    CHECK(with_values(after).hash() == after.hash());
}

TEST_CASE("RunPart: mistakes in it are told once, with their place", "[plan]") {
    const std::string text = mistake_of(
        "config: {base_url: 'http://h', variables: {a: $nothing}}\n"
        "run_setup: [{request: {url: /, header: {}}}]\n"
        "teststeps: [{request: {url: /$tokn}}]\n"
        "run_teardown: [{request: {url: /$token}, loops: x}]\n");
    CHECK_THAT(text, Contains("case.yml:1:47: variable 'nothing' is not defined"));
    CHECK(text.find("nothing") == text.rfind("nothing"));
    CHECK_THAT(text, Contains("case.yml:2:") && Contains("'header'"));
    CHECK_THAT(text, Contains("case.yml:3:") && Contains("case.yml:4:"));
    CHECK_THAT(mistake_of("config: {base_url: 'http://h'}\n"
                          "run_setup: [{request: {url: /}, extract: {token: body.t}}]\n"
                          "teststeps: [{request: {url: /$tokn}}]\n"),
               Contains("did you mean 'token'"));
}
