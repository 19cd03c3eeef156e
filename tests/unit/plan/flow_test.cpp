#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using plan::OpKind;

namespace {

plan::CasePlan compile_steps(const std::string& steps) {
    return compile_text(
               "config: {base_url: 'http://h', variables: {n: 3, flag: true}}\n"
               "teststeps:\n" +
               steps)
        .cases.at(0);
}

std::string mistake_of(const std::string& steps) {
    try {
        static_cast<void>(compile_steps(steps));
    } catch (const base::ConfigError& error) {
        return error.what();
    }
    return "no mistake";
}

std::vector<OpKind> kinds_of(const std::vector<plan::Op>& ops) {
    std::vector<OpKind> kinds;
    for (const plan::Op& op : ops) {
        kinds.push_back(op.kind);
    }
    return kinds;
}

}  // namespace

TEST_CASE("Flow: a loop stands around its step, a condition around the loop", "[plan]") {
    const plan::CasePlan plan = compile_steps(
        "  - {request: {url: /a}, loops: 3, skip: '$n == 4'}\n"
        "  - request: {url: /b}\n");
    CHECK(kinds_of(plan.ops) == std::vector{OpKind::Branch, OpKind::LoopStart, OpKind::Request,
                                            OpKind::LoopEnd, OpKind::Request});
    CHECK(plan.ops[0].target == 4);
    CHECK(plan.ops[1].target == 4);
    CHECK(plan.ops[3].target == 2);
    CHECK(plan.branches[0].condition.comparator == expr::Comparator::Equal);
    CHECK(plan.branches[0].step == 0);
    CHECK(plan.loops[0].step == 0);
}

TEST_CASE("Flow: conditions compare, or take what is there for yes or no", "[plan]") {
    const auto [text, comparator] = GENERATE(table<std::string, std::optional<expr::Comparator>>(
        {{"$flag", std::nullopt},
         {"true", std::nullopt},
         {"$n >= 3", expr::Comparator::GreaterOrEqual},
         {"$n < 3", expr::Comparator::LessThan},
         {"${upper('a == b')} != \"x > y\"", expr::Comparator::NotEqual},
         {"$n contains 'x'", expr::Comparator::Contains}}));
    INFO(text);
    std::string quoted;
    for (const char c : text) {
        quoted.append(c == '\'' ? 2 : 1, c);
    }
    const plan::CasePlan plan = compile_steps("  - {request: {url: /a}, if: '" + quoted + "'}\n");
    CHECK(plan.branches.at(0).condition.comparator == comparator);
    CHECK(plan.branches.at(0).jumps_when == plan::Branch::JumpsWhen::False);
}

TEST_CASE("Flow: a number in quotes is that number, for every key that wants one", "[plan]") {
    const std::string text =
        "config:\n"
        "  base_url: http://h\n"
        "  weight: \"3\"\n"
        "  parameters: {a: [1, 2, 3]}\n"
        "  parameters_setting: {limit: \"2\"}\n"
        "  think_time: {strategy: multiply, setting: \"0.5\"}\n"
        "teststeps:\n"
        "  - request: {url: /, timeout: \"2\"}\n"
        "    loops: \"2\"\n"
        "    extract: {x: {from: body, regex: '(a)(b)', group: \"2\", match: \"-1\"}}\n"
        "  - rendezvous: {name: all, number: \"4\"}\n"
        "  - {think_time: {time: \"0.2\"}}\n";
    const plan::CasePlan plan = plan::compile({{"a.yml"}, {{"a.yml", text}}}, {}).cases.at(0);
    CHECK(plan.weight == 3);
    CHECK(plan.parameters.limit == 2);
    CHECK(plan.requests.at(0).timeout == std::chrono::seconds(2));
    expr::CallContext context;
    CHECK(plan.loops.at(0).count.evaluate({}, context)->text() == "2");
    CHECK(plan.rendezvous.at(0).number == 4);
    CHECK(plan.think_times.at(0).time == std::chrono::milliseconds(200));
    CHECK(plan.think_times.at(0).min_ratio == 0.5);
    for (const std::string wrong : {"loops: \"2.5\"", "loops: \"\"", "loops: \"two\""}) {
        CHECK_THAT(mistake_of("  - {request: {url: /}, " + wrong + "}"),
                   Catch::Contains("'loops' must be a whole number"));
    }
    CHECK_THAT(mistake_of("  - rendezvous: {name: x, number: \"2.5\"}"),
               Catch::Contains("'number' must be a whole number"));
}

TEST_CASE("Flow: mistakes are found", "[plan]") {
    CHECK_THAT(mistake_of("  - {request: {url: /}, loops: x}"),
               Catch::Contains("'loops' must be a whole number"));
    CHECK_THAT(mistake_of("  - {request: {url: /}, loops: -1}"), Catch::Contains("whole number"));
    CHECK_THAT(mistake_of("  - {request: {url: /}, if: '$nobody > 3'}"), Catch::Contains("nobody"));
    CHECK_THAT(mistake_of("  - {request: {url: /}, if: [a]}"), Catch::Contains("a condition"));
    CHECK(compile_steps("  - rendezvous: {name: x, scope: global}\n").rendezvous.at(0).scope ==
          plan::Rendezvous::Scope::Fleet);
    CHECK_THAT(mistake_of("  - rendezvous: {name: x, scope: global}\n"
                          "  - rendezvous: {name: y}\n"),
               Catch::Contains("must have the same 'scope'"));
    CHECK_THAT(mistake_of("  - rendezvous: {name: x, nmber: 3}"),
               Catch::Contains("did you mean 'number'"));
}

TEST_CASE("Rendezvous: sizes and timeouts of the reference (hrp-boom LOAD-19)", "[plan]") {
    const auto [text, number, percent, timeout_ms] = GENERATE(
        table<std::string, std::int64_t, double, int>({{"number: 20", 20, 0, 5000},
                                                       {"percent: 0.5", 0, 0.5, 5000},
                                                       {"timeout: 3000", 0, 1, 3000},
                                                       {"number: -1", 0, 1, 5000},
                                                       {"percent: -0.5", 0, 1, 5000},
                                                       {"percent: 1.5", 0, 1, 5000},
                                                       {"number: 1, percent: 0.123", 0, 1, 5000},
                                                       {"timeout: -1000", 0, 1, 5000},
                                                       {"timeout: 2s", 0, 1, 2000}}));
    INFO(text);
    const plan::CasePlan plan = compile_steps("  - rendezvous: {name: x, " + text + "}\n");
    const plan::Rendezvous& point = plan.rendezvous.at(0);
    CHECK(point.number == number);
    CHECK(point.percent == percent);
    CHECK(point.timeout == std::chrono::milliseconds(timeout_ms));
}

TEST_CASE("Flow: setup and teardown are lists of their own", "[plan]") {
    const plan::CasePlan plan =
        compile_text(
            "config: {base_url: 'http://h'}\n"
            "setup:\n  - {request: {url: /login}, extract: {token: body.token}}\n"
            "teststeps:\n  - {request: {url: /me/$token}}\n"
            "teardown:\n  - {request: {url: /out/$token}}\n")
            .cases.at(0);
    CHECK(plan.setup.size() == 1);
    CHECK(plan.ops.size() == 1);
    CHECK(plan.teardown.size() == 1);
    // What a setup extracts outlives the iteration.
    CHECK(plan.iteration_slots.empty());
    CHECK_FALSE(plan.requests.at(1).constant_url.has_value());
}
