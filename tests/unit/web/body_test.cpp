#include "web/body.hpp"

#include <catch2/catch.hpp>

using boom::load::Setting;
using boom::web::Command;
using boom::web::parse_command_body;
using boom::web::parse_stop_body;

TEST_CASE("Body: the keys of a start become settings in the profile's own text", "[web]") {
    const auto body = parse_command_body(
        R"({"spawn-count":1000,"spawn-rate":12.5,"no-verify":true,"run-time":30,
            "prometheus-gateway":"h:5331","testcase-path":"a.yml,b","header":["A: 1","B: 2"],
            "tag":{"team":"x"}})",
        Command::Start);
    REQUIRE(body.complaint.empty());
    CHECK(body.testcase_path == "a.yml,b");
    const std::vector<Setting> expected{{"header", "A: 1"},     {"header", "B: 2"},
                                        {"no-verify", "true"},  {"prometheus-gateway", "h:5331"},
                                        {"run-time", "30"},     {"spawn-count", "1000"},
                                        {"spawn-rate", "12.5"}, {"tag", "team=x"}};
    CHECK(body.settings == expected);
}

TEST_CASE("Body: keys fit whatever their case, and fractions are cut for whole numbers", "[web]") {
    const auto body =
        parse_command_body(R"({"Spawn-Count":10.9,"TESTCASE-PATH":"x"})", Command::Start);
    REQUIRE(body.complaint.empty());
    CHECK(body.testcase_path == "x");
    CHECK(body.settings == std::vector<Setting>{{"spawn-count", "10"}});
}

TEST_CASE("Body: a choice of workers is a list, one or some, or ratios", "[web]") {
    const auto [written, expected] = GENERATE(table<std::string, std::string>({
        {R"("auto")", "auto"},
        {R"(["a","b"])", "only=a,b"},
        {R"({"only":"a"})", "only=a"},
        {R"({"only":["a","b"]})", "only=a,b"},
        {R"({"ratio":{"a":0.7,"b":0.3}})", "ratio=a:0.7,b:0.3"},
    }));
    const auto body =
        parse_command_body(R"({"testcase-path":"x","workers":)" + written + "}", Command::Start);
    CHECK(body.complaint.empty());
    CHECK(body.settings == std::vector<Setting>{{"workers", expected}});
    const auto scenario = parse_command_body(
        R"({"testcase-path":"x","scenarios":[{"case":"c","stages":["1s:2","2s:0"],"workers":)" +
            written + "}]}",
        Command::Start);
    CHECK(scenario.settings ==
          std::vector<Setting>{{"scenarios", "case=c;stages=1s:2,2s:0;workers=" + expected}});
}

TEST_CASE("Body: each mistake has its message", "[web]") {
    struct Row {
        Command command;
        std::string_view body, complaint;
    };
    const auto row = GENERATE(values<Row>({
        {Command::Start, "", "the body is empty: a JSON object is needed"},
        {Command::Start, "  \n", "the body is empty: a JSON object is needed"},
        {Command::Start, "{", "the body is not valid JSON"},
        {Command::Start, "[1]", "the body must be a JSON object"},
        {Command::Start, "null", "missing testcases path"},
        {Command::Start, "{}", "missing testcases path"},
        {Command::Start, R"({"testcase-path":""})", "missing testcases path"},
        {Command::Start, R"({"testcase-path":"x.json","foo":1})",
         "failed to recognize params: [foo]"},
        {Command::Start, R"({"foo":1,"bar":2})", "failed to recognize params: [bar foo]"},
        {Command::Rebalance, R"({"testcase-path":"x"})",
         "failed to recognize params: [testcase-path]"},
        {Command::Start, R"({"testcase-path":"x","spawn-count":"abc"})",
         "'spawn-count' expected type 'int64', got unconvertible type 'string', value: 'abc'"},
        {Command::Start, R"({"testcase-path":"x","spawn-rate":[]})",
         "'spawn-rate' expected type 'float64', got unconvertible type '[]interface {}', "
         "value: '[]'"},
        {Command::Start, R"({"testcase-path":"x","no-verify":1})",
         "'no-verify' expected type 'bool', got unconvertible type 'float64', value: '1'"},
        {Command::Start, R"({"testcase-path":7})",
         "'testcase-path' expected type 'string', got unconvertible type 'float64', value: '7'"},
        {Command::Rebalance, "{}", ""},
    }));
    CAPTURE(row.body);
    CHECK(parse_command_body(row.body, row.command).complaint == row.complaint);
}

TEST_CASE("Body: what the reference ignores is no mistake, and changes nothing", "[web]") {
    const auto body = parse_command_body(
        R"({"testcase-path":"x","worker":"","memory-profile":"","cpu-profile":"",
            "memory-profile-duration":30000000000,"cpu-profile-duration":"30s",
            "request-increase-rate":"-1"})",
        Command::Start);
    CHECK(body.complaint.empty());
    CHECK(body.settings.empty());
}

TEST_CASE("Body: the names that the documentation gives are understood", "[web]") {
    const auto body = parse_command_body(
        R"({"testcase-path":"x","rate":5,"stages":["5s:10"],"run-time":"30s","room":"a",
            "thresholds":["p95<1s"],"workers":["w1"],"tags":{"team":"x"},"warm-up":"1s"})",
        Command::Start);
    CHECK(body.complaint.empty());
    boom::load::Profile profile;
    CHECK(boom::load::apply(profile, body.settings).empty());
    CHECK(profile.tag == std::map<std::string, std::string>{{"team", "x"}});
}

TEST_CASE("Body: what cannot be done is refused by name", "[web]") {
    const auto [text, words] = GENERATE(table<std::string, std::string>(
        {{R"({"testcase-path":"x","cpu-profile":"c"})", "'cpu-profile' is not built in"},
         {R"({"testcase-path":"x","memory-profile":"m"})", "'memory-profile' is not built in"},
         {R"({"testcase-path":"x","worker":"host_1"})", "a start takes 'workers': [id]"},
         {R"({"testcase-path":"x","worker":1})", "'worker' expected type 'string'"}}));
    CAPTURE(text);
    const std::string complaint = parse_command_body(text, Command::Start).complaint;
    CHECK(complaint.find(words) != std::string::npos);
}

TEST_CASE("Body: a stop is forced by exactly {\"force\": true}", "[web]") {
    CHECK(parse_stop_body(R"({"force":true})").is_forced);
    const auto gentle = GENERATE(as<std::string>(), "", " \n", "null", "{}", R"({"force":false})");
    CAPTURE(gentle);
    CHECK_FALSE(parse_stop_body(gentle).is_forced);
    CHECK(parse_stop_body(gentle).complaint.empty());
}

TEST_CASE("Body: a stop with anything else is refused", "[web]") {
    const auto [text, words] = GENERATE(table<std::string, std::string>(
        {{"{", "not valid JSON"},
         {"[true]", "must be a JSON object"},
         {R"({"forced":true})", "failed to recognize params: [forced]"},
         {R"({"force":"true"})", "'force' expected type 'bool', got unconvertible type 'string'"},
         {R"({"force":1})", "'force' expected type 'bool'"}}));
    CAPTURE(text);
    const auto body = parse_stop_body(text);
    CHECK(body.complaint.find(words) != std::string::npos);
    CHECK_FALSE(body.is_forced);
}
