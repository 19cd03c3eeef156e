#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;

namespace {

plan::CasePlan compile_with(const std::string& config, const std::string& dotenv,
                            const load::Profile& profile = {}) {
    const plan::Bundle bundle{
        {"case.yml"},
        {{"case.yml", "config: {" + config + "}\nteststeps: [{request: {url: '/$a'}}]"},
         {".env", dotenv},
         {"(references)", "case.yml\t.env\t.env\t\n"}}};
    return plan::compile(bundle, profile).cases.at(0);
}

}  // namespace

TEST_CASE("Environment: .env wins over environs, both over variables and base_url", "[plan]") {
    const std::string config =
        "base_url: 'http://h', variables: {a: 1}, environs: {a: two, b: three}";
    CHECK(compile_with(config, "").requests[0].constant_url == "http://h/two");
    const plan::CasePlan plan =
        compile_with(config, "# comment\n\na = $x\nbase_url: http://other:81\n");
    CHECK(plan.requests[0].constant_url == "http://other:81/$x");
    CHECK(plan.environment("a") == "$x");
    CHECK(plan.environment("b") == "three");
    CHECK_FALSE(plan.environment("boom_no_such_name").has_value());
    load::Profile profile;
    profile.var = {{"a", "typed"}};
    CHECK(compile_with(config, "a=1", profile).requests[0].constant_url == "http://h/typed");
}

TEST_CASE("Environment: a line without a value is a mistake with its place", "[plan]") {
    CHECK_THROWS_WITH(compile_with("base_url: 'http://h', variables: {a: 1}", "a=1\nnonsense\n"),
                      Catch::Contains(".env:2:1: a line must be NAME=VALUE"));
}
