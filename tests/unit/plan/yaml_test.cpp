#include "plan/yaml.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace boom;

namespace {

// `levels` lists, each nine times the one before.
std::string laughs(int levels) {
    std::string text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    for (int level = 1; level <= levels; ++level) {
        text += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
        for (int times = 0; times < 9; ++times) {
            text += (times == 0 ? "*a" : ", *a") + std::to_string(level - 1);
        }
        text += "]\n";
    }
    return text;
}

}  // namespace

TEST_CASE("Yaml: aliases repeat what they name, within bounds", "[plan]") {
    const auto small = plan::parse_yaml(laughs(2), "case.yml");
    REQUIRE(std::holds_alternative<plan::YamlNode>(small));
    const plan::YamlNode* last = std::get<plan::YamlNode>(small).find("a2");
    REQUIRE(last != nullptr);
    CHECK(last->items.size() == 9);
    CHECK(last->items[8].items[8].items.size() == 9);

    const auto large = plan::parse_yaml(laughs(20), "case.yml");
    REQUIRE(std::holds_alternative<base::Mistake>(large));
    CHECK(std::get<base::Mistake>(large).what.find("too large") != std::string::npos);
}

TEST_CASE("Yaml: a file of many values is no trick", "[plan]") {
    std::string text = "rows:\n";
    for (int row = 0; row < 150'000; ++row) {
        text += "- " + std::to_string(row % 10) + "\n";
    }
    const auto parsed = plan::parse_yaml(text, "case.yml");
    REQUIRE(std::holds_alternative<plan::YamlNode>(parsed));
    CHECK(std::get<plan::YamlNode>(parsed).find("rows")->items.size() == 150'000);
}

TEST_CASE("Yaml: what follows a complete document is refused where it begins", "[plan]") {
    struct Row {
        std::string text;
        int line, column;
        std::string what;
    };
    const auto row = GENERATE(
        Row{"{\"a\": {\n\"b\": 1}},\n\"c\": 2\n}\n", 2, 9, "belongs to nothing"},
        Row{"{a: 1}\n, b\n", 2, 1, "belongs to nothing"},
        Row{"[1, 2], 3", 1, 7, "belongs to nothing"}, Row{"{} x\n", 1, 4, "belongs to nothing"},
        Row{"\"a\" , b", 1, 5, "belongs to nothing"}, Row{"{}\n{}\n", 2, 1, "belongs to nothing"},
        Row{"a: 1\n---\nb: 2\n", 2, 1, "only one document"},
        Row{"a: 1\n---\n", 2, 1, "only one document"},
        Row{"é: 1\n\n---\n]", 3, 1, "only one document"});
    CAPTURE(row.text);
    const auto parsed = plan::parse_yaml(row.text, "case.yml");
    REQUIRE(std::holds_alternative<base::Mistake>(parsed));
    const auto& mistake = std::get<base::Mistake>(parsed);
    CHECK(mistake.what.find(row.what) != std::string::npos);
    CHECK(mistake.where.line == row.line);
    CHECK(mistake.where.column == row.column);
    CHECK_FALSE(mistake.hint.empty());
}

TEST_CASE("Yaml: one document may have its marks and comments", "[plan]") {
    const std::string text = GENERATE("---\na: 1\n", "# c\n---\na: 1\n...\n", "a: 1\n...\n# end\n",
                                      "%YAML 1.2\n---\na: 1\n");
    CAPTURE(text);
    const auto parsed = plan::parse_yaml(text, "case.yml");
    REQUIRE(std::holds_alternative<plan::YamlNode>(parsed));
    CHECK(std::get<plan::YamlNode>(parsed).find("a")->text == "1");
}

TEST_CASE("Yaml: merge keys give way to what stands in the map", "[plan]") {
    const auto parsed = plan::parse_yaml(
        "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\n"
        "both: {b: 9, <<: [*base, *more]}\nfirst: {<<: *base, d: 5}\n",
        "case.yml");
    REQUIRE(std::holds_alternative<plan::YamlNode>(parsed));
    const plan::YamlNode& root = std::get<plan::YamlNode>(parsed);
    CHECK(plan::value_of(*root.find("both")).json() == R"({"b":9,"a":1,"c":4})");
    CHECK(plan::value_of(*root.find("first")).json() == R"({"d":5,"a":1,"b":2})");
}

TEST_CASE("Yaml: an alias inside what it names is refused, and depth is bounded", "[plan]") {
    const auto circle = plan::parse_yaml("a: &a [1, *a]\n", "case.yml");
    REQUIRE(std::holds_alternative<base::Mistake>(circle));
    CHECK(std::get<base::Mistake>(circle).what.find("inside what it names") != std::string::npos);

    const auto nested = [](std::size_t levels) {
        return plan::parse_yaml(std::string(levels, '[') + std::string(levels, ']'), "case.json");
    };
    CHECK(std::holds_alternative<plan::YamlNode>(nested(100)));
    CHECK(std::holds_alternative<base::Mistake>(nested(102)));
    CHECK(std::holds_alternative<base::Mistake>(nested(5000)));
}
