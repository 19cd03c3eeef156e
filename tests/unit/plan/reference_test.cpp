#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using plan::OpKind;

namespace {

// case.yml refers to other.yml.
plan::Plan compile_two(const std::string& first, const std::string& other) {
    const plan::Bundle bundle{
        {"case.yml"},
        {{"case.yml", first},
         {"other.yml", other},
         {"(references)",
          "case.yml\tother.yml\tother.yml\t\nother.yml\tcase.yml\tcase.yml\t\n"
          "other.yml\tother.yml\tother.yml\t\n"}}};
    return plan::compile(bundle, {});
}

std::string mistake_of(const std::string& first, const std::string& other) {
    try {
        static_cast<void>(compile_two(first, other));
    } catch (const base::ConfigError& error) {
        return error.what();
    }
    return "no mistake";
}

const std::string kConfig = "config: {base_url: 'http://h', variables: {a: 1, b: outer}}\n";

}  // namespace

TEST_CASE("Reference: an api gives the request, the step the rest", "[plan]") {
    const plan::Plan plan =
        compile_two(kConfig +
                        "teststeps:\n"
                        "  - name: own\n    api: other.yml\n    variables: {b: step}\n"
                        "    validate: [{eq: [status_code, 201]}, {eq: [body.x, 1]}]\n",
                    "name: theirs\nvariables: {b: api, c: api}\n"
                    "request: {method: POST, url: /$a/$b/$c}\n"
                    "extract: {id: body.id}\n"
                    "validate: [{eq: [status_code, 200]}, {eq: [proto, HTTP/1.1]}]\n");
    const plan::RequestStep& step = plan.cases[0].requests.at(0);
    CHECK(step.constant_url == "http://h/1/step/api");
    CHECK(step.method == "POST");
    REQUIRE(step.checks.size() == 3);
    CHECK(step.checks[0].expected.source() == "201");
    CHECK(step.checks[2].subject.source() == "proto");
    CHECK(step.extracts.size() == 1);
    CHECK(plan.steps[0].name == "own");
}

TEST_CASE("Reference: a test case sees the caller's names, which win over its config", "[plan]") {
    const plan::Plan plan = compile_two(
        kConfig +
            "teststeps:\n"
            "  - {name: call, testcase: other.yml, variables: {s: step}, export: [id, d]}\n"
            "  - {request: {url: /$id/$d}}\n",
        "config: {name: other, base_url: 'http://other', headers: {X-O: $d},\n"
        "         variables: {b: inner, d: inner$b}}\n"
        "teststeps: [{name: inside, request: {url: /$a/$b/$s/$d}, extract: {id: body.id}}]\n");
    const plan::CasePlan& compiled = plan.cases[0];
    CHECK(compiled.requests.at(0).constant_url == "http://h/1/outer/step/innerouter");
    CHECK(compiled.requests[0].constant_headers->find("X-O: innerouter") != std::string::npos);
    CHECK(compiled.requests.at(1).constant_headers->find("X-O") == std::string::npos);
    CHECK(compiled.requests[1].url.slots_read().size() == 2);
    CHECK(compiled.ops.front().kind == OpKind::TransactionStart);
    CHECK(plan.steps[0].kind == plan::StepKind::Testcase);
    CHECK(plan.steps[0].name == "call");
    CHECK(plan.steps[1].name == "inside");
}

TEST_CASE("Reference: names of a referenced case end with it unless exported", "[plan]") {
    const std::string other =
        "teststeps: [{request: {url: /}, extract: {id: body.id}, variables: {v: 1}}]\n";
    CHECK_THAT(mistake_of(kConfig + "teststeps:\n  - testcase: other.yml\n"
                                    "  - request: {url: /$id}\n",
                          other),
               Catch::Contains("case.yml:4:") && Catch::Contains("id"));
    CHECK_THAT(
        mistake_of(kConfig + "teststeps: [{testcase: other.yml, export: [nothing]}]\n", other),
        Catch::Contains("no step extracts 'nothing' that is exported"));
}

TEST_CASE("Reference: mistakes stand where they were made", "[plan]") {
    CHECK_THAT(mistake_of(kConfig + "teststeps: [{testcase: other.yml}]\n",
                          "teststeps:\n  - request: {url: /$nobody}\n"),
               Catch::Contains("other.yml:2:"));
    CHECK_THAT(mistake_of(kConfig + "teststeps: [{testcase: no.yml}]\n", "x: 1"),
               Catch::Contains("file 'no.yml'"));
    CHECK_THAT(mistake_of(kConfig + "teststeps: [{testcase: other.yml}]\n",
                          "teststeps: [{testcase: other.yml}]\n"),
               Catch::Contains("refers to itself"));
    CHECK_THAT(mistake_of(kConfig + "teststeps: [{testcase: other.yml, extract: {a: body}}]\n",
                          "teststeps: [{request: {url: /}}]\n"),
               Catch::Contains("has no effect on a referenced case"));
}

TEST_CASE("Reference: what only a case of its own can say is named", "[plan]") {
    const plan::Plan plan =
        compile_two(kConfig + "teststeps:\n  - testcase: other.yml\n",
                    "config: {name: o, weight: 3, workers: {ratio: {a: 1}}, environs: {E: 1},\n"
                    "         parameters: {p: [1]}, parameters_setting: {limit: 1},\n"
                    "         enabled: true, clear_cookies: true}\n"
                    "teststeps: [{request: {url: /}}]\n");
    for (const std::string key : {"parameters", "parameters_setting", "weight", "workers",
                                  "environs", "enabled", "clear_cookies"}) {
        CHECK(std::any_of(
            plan.warnings.begin(), plan.warnings.end(), [&key](const std::string& text) {
                return text.find("'config." + key + "' of a referenced case has no effect") !=
                       std::string::npos;
            }));
    }
    CHECK(plan.warnings.size() == 7);
}
