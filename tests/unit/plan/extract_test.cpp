#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;

namespace {

const std::string kCase =
    "config: {base_url: 'http://h'}\nteststeps: [{request: {url: /}, extract: ";

}  // namespace

TEST_CASE("Plan: an extract is a query, or a map with more about it", "[plan]") {
    const plan::Plan plan =
        compile_text(kCase +
                     "{a: body.x, b: {from: headers.Location, regex: 'id=(.*)', default: none}, "
                     "c: {regex: '(a)(b)', group: 2, match: -1, required: true}}}]");
    const plan::RequestStep& step = plan.cases[0].requests.at(0);
    REQUIRE(step.extracts.size() == 3);
    CHECK(step.extracts[1].from.subject().source() == "headers.Location");
    CHECK(step.extracts[2].from.subject().source() == "body");
    CHECK(step.needs_body);
}

TEST_CASE("Plan: mistakes in an extract are found", "[plan]") {
    const auto [text, words] = GENERATE(table<std::string, std::string>(
        {{"{a: {from: body, group: 1}}", "'group' needs 'regex'"},
         {"{a: {from: body.x, match: 2}}", "'match' needs 'regex', or a JSONPath"},
         {"{a: {regex: 'x(y)', group: 2}}", "has 1 groups, no group 2"},
         {"{a: {from: body, default: 1, required: true}}", "exclude each other"},
         {"{a: {form: body}}", "did you mean 'from'"},
         {"{a: {default: 1}}", "needs 'from' or 'regex'"}}));
    INFO(text);
    CHECK_THROWS_WITH(compile_text(kCase + text + "}]"), Catch::Contains(words));
}
