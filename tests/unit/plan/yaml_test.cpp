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
