#include "report/files.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "report/page.hpp"
#include "unit/report/golden.hpp"
#include "unit/report/sample.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

namespace boom::report {
namespace {

using Json = nlohmann::ordered_json;

Result nasty() {
    Result result = test::make_sample_run().result;
    result.steps[0].info.name = "a,\"b\"\n</script><script>alert(1)</script> & 'c' \xff";
    result.errors[0].message = "<b>got</b> ]]> \x1b[0m";
    result.errors[0].step = result.steps[0].info.name;
    result.thresholds = {{"p95<200ms", 200, "ms", 951.2, false},
                         {"rps>1", 1, "", 110.5, true},
                         {"buy:p99<1s", 1, "s", std::nullopt, false}};
    result.stages = {{"ramp", 0, 4, result.total}};
    result.run.verdict = Verdict::Failed;
    result.run.exit_code = 99;
    return result;
}

TEST_CASE("Result file: read back it writes the same text", "[report]") {
    Result result = nasty();
    // Bytes that are no UTF-8 were replaced on writing.
    result.steps[0].info.name.pop_back();
    const std::string text = to_json(result);
    CHECK(to_json(parse_result(text, "a.json")) == text);
    result.health.limited_by = "cpu";
    result.run.state = RunState::Aborted;
    const std::string other = to_json(result);
    CHECK(to_json(parse_result(other, "a.json")) == other);
}

TEST_CASE("Result file: anything else is refused with its name", "[report]") {
    const std::string good = to_json(test::make_sample_run().result);
    std::string schema2 = good;
    schema2.replace(schema2.find("\"schema\": 1"), 11, "\"schema\": 2");
    for (const std::string& text :
         {std::string(), std::string("{}"), std::string("[1]"), std::string("{\"schema\": 1}"),
          good.substr(0, good.size() / 2), schema2}) {
        try {
            (void)parse_result(text, "b.json");
            FAIL("was accepted: " << text.substr(0, 40));
        } catch (const base::ConfigError& error) {
            CHECK(std::string(error.what()).rfind("b.json: is no result file of boom: ", 0) == 0);
        }
    }
}

TEST_CASE("CSV: looks as it was looked at", "[report]") {
    const std::string text = to_csv(test::make_sample_run().result);
    CHECK(text == test::golden("sample.csv", text));
}

TEST_CASE("CSV: names with commas, quotes and line ends are quoted", "[report]") {
    CHECK(to_csv(nasty()).find("\n\"a,\"\"b\"\"\n</script>") != std::string::npos);
}

TEST_CASE("JUnit: looks as it was looked at", "[report]") {
    const std::string text = to_junit(nasty());
    CHECK(text == test::golden("junit.xml", text));
}

TEST_CASE("HDR log: looks as it was looked at", "[report]") {
    const std::string text = to_hdr_log(test::make_sample_run().result);
    CHECK(text == test::golden("sample.hlog", text));
    CHECK(text.find("#[StartTime: 1795225533.000 (seconds since epoch), 2026-11-21T01:45:33Z]") !=
          std::string::npos);
}

TEST_CASE("HTML: one page without network, whatever the names", "[report]") {
    const std::string text = to_html(nasty());
    CHECK(text.rfind("<!DOCTYPE html>", 0) == 0);
    CHECK(text.find("alert(1)</script>") == std::string::npos);
    CHECK(text.find("<b>got") == std::string::npos);
    CHECK(text.find("{{") == std::string::npos);
    // Nothing is loaded: no address but the name of the SVG namespace.
    for (std::size_t at = text.find("http"); at != std::string::npos;
         at = text.find("http", at + 1)) {
        const std::string_view rest = std::string_view(text).substr(at);
        const bool is_harmless =
            rest.rfind("http://www.w3.org/2000/svg\"", 0) == 0 || rest.rfind("http-equiv", 0) == 0;
        CHECK(is_harmless);
    }
}

TEST_CASE("HTML: the data is the result with curves instead of histograms", "[report]") {
    const std::string text = to_html(nasty());
    const std::string begin_mark = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = text.find(begin_mark) + begin_mark.size();
    const Json data = Json::parse(text.substr(begin, text.find("</script>", begin) - begin));
    CHECK(data["steps"][0]["name"].get<std::string>().rfind("a,\"b\"\n</script>", 0) == 0);
    const Json& times = data["steps"][0]["response_time_us"];
    CHECK(times.find("hdr") == times.end());
    for (const Json& point : times["curve"]) {
        if (point[0] == 95.0) {
            CHECK(point[1] == times["p95"]);
        }
    }
    CHECK(times["curve"].back()[1] == times["max"]);
    CHECK(data["steps"][2]["response_time_us"]["curve"].empty());
}

TEST_CASE("HTML: an hour with 200 steps stays below 3 MB", "[report]") {
    Result result = test::make_sample_run().result;
    while (result.steps.size() < 200) {
        result.steps.push_back(result.steps[0]);
    }
    result.timeline.resize(3600, result.timeline[3]);
    for (std::size_t i = 0; i < result.timeline.size(); ++i) {
        result.timeline[i].t_s = static_cast<double>(i);
    }
    CHECK(to_html(result).size() < 3'000'000);
}

TEST_CASE("Files: every documented kind has a format", "[report]") {
    for (const std::string_view kind : {"json", "csv", "html", "hdr", "junit"}) {
        const FileFormat* format = find_format(kind);
        REQUIRE(format != nullptr);
        CHECK_FALSE(format->render(Result{}).empty());
    }
    CHECK(find_format("yaml") == nullptr);
}

}  // namespace
}  // namespace boom::report
