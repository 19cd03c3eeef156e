// The public compliance cases of JMESPath, all of them (tests/data/jmespath).

#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace boom::expr {
namespace {

struct Outcome {
    int cases = 0;
    int benchmarks = 0;
    std::vector<std::string> failures;
};

Value read_suites(const std::string& name) {
    std::ifstream file(fmt::format("{}/jmespath/{}.json", BOOM_TEST_DATA, name));
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::optional<Value> suites = parse_json(text);
    REQUIRE(suites);
    return *suites;
}

// Empty when the case does what it says; else what it did.
std::string run_case(const Value& given, const Value& test) {
    const std::string& expression = test.member("expression")->as_text();
    const Value* error = test.member("error");
    const auto compiled = JmesPath::compile(expression);
    std::string failure;
    if (const auto* refused = std::get_if<CompileError>(&compiled)) {
        failure = refused->what;
    } else {
        if (error != nullptr && error->as_text() == "syntax") {
            return "compiles, although the syntax is wrong";
        }
        const auto found = std::get<JmesPath>(compiled).search(given);
        if (const auto* failed = std::get_if<JmesPath::Error>(&found)) {
            failure = failed->what;
        } else if (error != nullptr) {
            return "finds " + std::get<Value>(found).json() + " instead of an error";
        } else {
            const Value& value = std::get<Value>(found);
            return value == *test.member("result") ? std::string() : "finds " + value.json();
        }
    }
    const bool is_expected = error != nullptr && failure.starts_with(error->as_text());
    return is_expected ? std::string() : "fails with " + failure;
}

Outcome run_file(const std::string& name) {
    Outcome outcome;
    const Value suites = read_suites(name);
    for (const Value& suite : suites.as_list()) {
        for (const Value& test : suite.member("cases")->as_list()) {
            if (test.member("bench") != nullptr) {
                ++outcome.benchmarks;
                continue;
            }
            ++outcome.cases;
            const std::string failure = run_case(*suite.member("given"), test);
            if (!failure.empty()) {
                outcome.failures.push_back(test.json() + ": " + failure);
            }
        }
    }
    return outcome;
}

}  // namespace

TEST_CASE("JmesPath: every public compliance case holds", "[expr]") {
    const auto [name, cases] = GENERATE(table<std::string, int>({
        {"basic", 18},
        {"boolean", 60},
        {"current", 3},
        {"escape", 8},
        {"filters", 88},
        {"functions", 175},
        {"identifiers", 125},
        {"indices", 59},
        {"literal", 41},
        {"multiselect", 53},
        {"pipe", 17},
        {"slice", 41},
        {"syntax", 135},
        {"unicode", 4},
        {"wildcard", 65},
    }));
    const Outcome outcome = run_file(name);
    INFO(name);
    CHECK(outcome.failures == std::vector<std::string>{});
    CHECK(outcome.cases == cases);
}

TEST_CASE("JmesPath: the benchmark expressions of the compliance cases compile", "[expr]") {
    int count = 0;
    const Value suites = read_suites("benchmarks");
    for (const Value& suite : suites.as_list()) {
        for (const Value& test : suite.member("cases")->as_list()) {
            const auto path = JmesPath::compile(test.member("expression")->as_text());
            REQUIRE(std::holds_alternative<JmesPath>(path));
            const auto found = std::get<JmesPath>(path).search(*suite.member("given"));
            CHECK(std::holds_alternative<Value>(found));
            ++count;
        }
    }
    CHECK(count == 16);
}

}  // namespace boom::expr
