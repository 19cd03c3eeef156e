#include "support.hpp"

#include <catch2/catch.hpp>

using namespace boom;
using plan::AtEnd;
using plan::PickOrder;

namespace {

plan::Bundle bundle_of(const std::string& config, const std::string& csv = {}) {
    plan::Bundle bundle{{"case.yml"},
                        {{"case.yml", "config:\n  base_url: http://h\n" + config +
                                          "\nteststeps: [{request: {url: /$a}}]"}}};
    if (!csv.empty()) {
        bundle.files.push_back({"rows.csv", csv});
        bundle.files.push_back({"(references)", "case.yml\trows.csv\trows.csv\t\n"});
    }
    return bundle;
}

plan::Parameters parameters_of(const std::string& config, const std::string& csv = {}) {
    return plan::compile(bundle_of(config, csv), {}).cases[0].parameters;
}

std::string mistake_of(const std::string& config, const std::string& csv = {}) {
    try {
        static_cast<void>(plan::compile(bundle_of(config, csv), {}));
    } catch (const base::ConfigError& error) {
        return error.what();
    }
    return "no mistake";
}

std::string cells_of(const plan::ParameterSource& source) {
    return expr::Value(source.cells).json();
}

}  // namespace

TEST_CASE("Parameters: rows as scalars, lists and maps (hrp-boom A.6)", "[plan]") {
    const auto [text, cells] = GENERATE(table<std::string, std::string>(
        {{"a: [1, '2', x]", R"([1,"2","x"])"},
         {"a-b: [{a: u, b: p, other: o}]", R"(["u","p"])"},
         {"a-b: [[test1, '111111'], [x, y]]", R"(["test1","111111","x","y"])"},
         {"a: [[1], [2]]", "[1,2]"},
         {"a: '${split_by_comma(\"x,y\")}'", R"(["x","y"])"},
         {"a: $list", "[7,8]"},
         {"a: ['$one', 'n$one']", R"([1,"n1"])"},
         {"a-b: '${P(rows.csv)}'", R"(["1","x","2","y"])"},
         {"b-a: '${parameterize($file)}'", R"(["x","1","y","2"])"},
         {"a: '${P(rows.csv)}'", R"(["1","2"])"},
         {"a-b: {file: rows.csv}", R"(["1","x","2","y"])"},
         {"a-c: {file: rows.csv, columns: [a, c], header: true}", R"(["1","x","2","y"])"},
         {"a-c: {file: rows.csv, columns: 'a, c'}", R"(["a","b","1","x","2","y"])"}}));
    INFO(text);
    const plan::Parameters parameters = parameters_of(
        "  variables: {file: rows.csv, list: [7, 8], one: 1, a: 0}\n  parameters: {" + text + "}",
        "a,b\n1,x\n2,y\n");
    REQUIRE(parameters.sources.size() == 1);
    CHECK(cells_of(parameters.sources[0]) == cells);
}

TEST_CASE("Parameters: mistakes name the key and the row (hrp-boom A.6)", "[plan]") {
    const auto [text, words] = GENERATE(table<std::string, std::string>(
        {{"a-b: [[test1]]", "row 1 of 'a-b' has 1 values for 2 names"},
         {"a-b: [{a: 1, other: 2}]", "row 1 of 'a-b' has no 'b'"},
         {"a: 123", "must be a list of rows, not number"},
         {"a: '123'", "must be a list of rows"},
         {"a_b: '${P(rows.csv)}'", "row 1 of 'a_b' has no 'a_b'"},
         {"user-agent: [x]", "row 1 of 'user-agent' is one value for 2 names"},
         {"a: []", "there are no rows"},
         {"'a b': [1]", "'a b' cannot be the name of a parameter"},
         {"a: '${P(no.csv)}'", "file 'no.csv' is not in the bundle"},
         {"a: {fil: rows.csv}", "did you mean 'file'"}}));
    INFO(text);
    CHECK_THAT(mistake_of("  parameters: {" + text + "}", "a,b\n1,x\n"), Catch::Contains(words));
}

TEST_CASE("Parameters: settings choose order, end, limit and split", "[plan]") {
    const plan::Parameters parameters = parameters_of(
        "  parameters: {a: [1, 2, 3], b: [4, 5], c: [6]}\n"
        "  parameters_setting:\n"
        "    pick_order: unique\n"
        "    limit: 6\n"
        "    strategies:\n"
        "      b: {name: users, pick_order: random}\n"
        "      a: {at_end: error, limit: 2}\n");
    REQUIRE(parameters.sources.size() == 3);
    CHECK(parameters.limit == 6);
    const plan::ParameterSource& a = parameters.sources[0];
    CHECK(a.order == PickOrder::Unique);
    CHECK(a.at_end == AtEnd::Error);
    CHECK(a.split == plan::ParameterSource::Split::ByWorker);
    CHECK(a.row_count() == 2);
    CHECK(parameters.sources[1].order == PickOrder::Random);
    CHECK(parameters.sources[1].split == plan::ParameterSource::Split::Whole);
    CHECK(parameters.sources[2].at_end == AtEnd::Stop);
}

TEST_CASE("Parameters: what older files carry is named once, other keys are mistakes", "[plan]") {
    const plan::Plan plan = plan::compile(
        bundle_of("  parameters: {a: [1]}\n"
                  "  parameters_setting: {strategy: {pick_order: x}, parameterIterator: [1]}"),
        {});
    CHECK(plan.warnings.size() == 2);
    CHECK_THAT(mistake_of("  parameters: {a: [1]}\n  parameters_setting: {pick_ordre: x}"),
               Catch::Contains("did you mean 'pick_order'"));
    CHECK_THAT(mistake_of("  parameters: {a: [1]}\n  parameters_setting: {pick_order: rand}"),
               Catch::Contains("one of sequential, random, unique"));
    CHECK_THAT(mistake_of("  parameters: {a: [1]}\n"
                          "  parameters_setting: {strategies: {aa: {pick_order: random}}}"),
               Catch::Contains("no parameters are named 'aa'"));
}
