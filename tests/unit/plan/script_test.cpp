#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;

namespace {

plan::CasePlan compile_with(const std::string& source, const std::string& step) {
    const plan::Bundle bundle{
        {"case.yml"},
        {{"case.yml", "config: {base_url: 'http://h'}\nteststeps: [{" + step + "}]"},
         {"debugtalk.py", source},
         {"(references)", "case.yml\tdebugtalk.py\tdebugtalk.py\t\n"}}};
    return plan::compile(bundle, {}).cases.at(0);
}

}  // namespace

TEST_CASE("Script: names and counts of arguments are read from the text", "[plan]") {
    const std::string source =
        "import os\n"
        "def plain(): pass\n"
        "def two(a: int, b: str = 'x,)') -> int:\n    return 1\n"
        "def many(first, *rest, key=1, **more): pass\n"
        "async def later(a,\n          b=(1, 2)):\n    pass\n"
        "def __hidden(): pass\n"
        "class C:\n    def method(self): pass\n"
        "if True:\n    def nested(): pass\n";
    const plan::CasePlan plan = compile_with(source, "request: {url: /}");
    REQUIRE(plan.script != nullptr);
    const expr::UserFunctions& functions = plan.script->functions;
    CHECK(functions.names() == std::vector<std::string_view>{"plain", "two", "many", "later"});
    CHECK(functions.find("plain")->max_arguments == 0);
    CHECK(functions.find("two")->min_arguments == 1);
    CHECK(functions.find("two")->max_arguments == 2);
    CHECK(functions.find("many")->min_arguments == 1);
    CHECK(functions.find("many")->max_arguments > 1000);
    CHECK(functions.find("LATER")->max_arguments == 2);
    CHECK(functions.find("nested") == nullptr);
}

TEST_CASE("Script: its functions win over built-in ones and are known by their common name",
          "[plan]") {
    const std::string source = "def md5(a, b, c): pass\ndef SumTwoInt(a, b): pass\n";
    CHECK_NOTHROW(compile_with(source, "request: {url: '/${md5(1,2,3)}${sum_two_int(1, 2)}'}"));
    CHECK_THROWS_WITH(compile_with(source, "request: {url: '/${md5(1)}'}"),
                      Catch::Contains("md5() takes 3 arguments, not 1"));
    CHECK_THROWS_WITH(
        compile_with(source, "request: {url: '/${sum_two_itn(1)}'}"),
        Catch::Contains("did you mean 'SumTwoInt'") || Catch::Contains("is not defined"));
}

TEST_CASE("Script: hooks know the request, teardown hooks the response too", "[plan]") {
    const std::string source = "def f(x): pass\n";
    const plan::CasePlan plan = compile_with(
        source,
        "request: {url: /}, setup_hooks: ['${f($request)}'], teardown_hooks: ['${f($response)}']");
    const plan::RequestStep& step = plan.requests.at(0);
    CHECK(step.setup_hooks.at(0).slots_read() == std::vector<int>{step.request_slot});
    CHECK(step.teardown_hooks.at(0).slots_read() == std::vector<int>{step.response_slot});
    CHECK(step.needs_body);
    CHECK_THROWS_WITH(compile_with(source, "request: {url: /}, setup_hooks: ['${f($response)}']"),
                      Catch::Contains("response"));
    CHECK_THROWS_WITH(compile_with(source, "think_time: {time: 1}, setup_hooks: ['${f(1)}']"),
                      Catch::Contains("has no effect without 'request'"));
}
