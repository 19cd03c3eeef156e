#include "base/error.hpp"
#include "support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace boom;

TEST_CASE("Bundle: the hash depends on every name and every content", "[plan]") {
    const plan::Bundle bundle{{"a"}, {{"a", "1"}, {"b", "2"}}};
    CHECK(bundle.hash() == plan::Bundle(bundle).hash());
    CHECK(bundle.hash() != plan::Bundle{{"b"}, {{"a", "1"}, {"b", "2"}}}.hash());
    CHECK(bundle.hash() != plan::Bundle{{"a"}, {{"a", "12"}, {"b", ""}}}.hash());
    CHECK(bundle.hash() != plan::Bundle{{"a"}, {{"a", "1"}, {"c", "2"}}}.hash());
}

TEST_CASE("Bundle: a folder gives its cases in order, without profiles", "[plan]") {
    const plan::Bundle bundle = plan::load_bundle({BOOM_TESTCASES});
    const std::string folder(BOOM_TESTCASES);
    CHECK(bundle.find(folder + "/demo.yml") != nullptr);
    CHECK(bundle.find(folder + "/demo.json") != nullptr);
    CHECK(bundle.find(folder + "/boom.yml") == nullptr);
    CHECK(std::is_sorted(bundle.cases.begin(), bundle.cases.end()));
}

TEST_CASE("Bundle: a missing file is named", "[plan]") {
    CHECK_THROWS_WITH(plan::load_bundle({"no.yml"}),
                      "cannot read no.yml: No such file or directory");
}

TEST_CASE("Bundle: a URL of the command line becomes a request", "[plan]") {
    const plan::Plan plan = plan::compile(
        plan::make_url_bundle({{"http://h/a?b=\"c\"", "", ""}, {"http://h/p", "", "{\"a\": 1}"}}),
        {});
    REQUIRE(plan.cases.size() == 1);
    REQUIRE(plan.cases[0].requests.size() == 2);
    CHECK(plan.cases[0].requests[0].method == "GET");
    CHECK(plan.cases[0].requests[0].constant_url == "http://h/a?b=%22c%22");
    CHECK(plan.cases[0].requests[1].method == "POST");
    CHECK(plan.cases[0].requests[1].constant_body == "{\"a\": 1}");
}
