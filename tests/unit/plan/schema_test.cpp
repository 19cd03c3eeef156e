// The schema that editors use, against the examples: what runs here must look right there. Only the
// keywords that the schema has; another one is a failure.
#include "expr/value.hpp"
#include "plan/yaml.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

using namespace boom;
using expr::Value;
using Kind = Value::Kind;

namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    REQUIRE(file.is_open());
    return {std::istreambuf_iterator<char>(file), {}};
}

bool is_of_type(const Value& value, const std::string& type) {
    const bool is_whole = value.kind() == Kind::Integer || value.kind() == Kind::BigInteger;
    return type == "integer" ? is_whole : expr::type_name(value) == type;
}

class Schema {
public:
    explicit Schema(Value root) : root_(std::move(root)) {}

    // The first complaint, or nothing.
    [[nodiscard]] std::string complaint(const Value& value) const {
        return complaint(value, root_, "$");
    }

private:
    using Check = std::string (Schema::*)(const Value&, const Value&, const std::string&) const;

    [[nodiscard]] std::string complaint(const Value& value, const Value& schema,
                                        const std::string& at) const {
        static const std::set<std::string> kNotes = {
            "$schema", "$id", "title", "description", "definitions", "additionalProperties"};
        for (const auto& [keyword, rule] : schema.as_map()) {
            std::string problem;
            if (keyword == "$ref") {
                const std::string name = rule.as_text().substr(rule.as_text().rfind('/') + 1);
                problem = complaint(value, *root_.member("definitions")->member(name), at);
            } else if (keyword == "type") {
                problem = check_type(value, rule, at);
            } else if (keyword == "enum") {
                const auto& list = rule.as_list();
                problem = std::find(list.begin(), list.end(), value) != list.end()
                              ? ""
                              : at + ": is none of " + rule.json();
            } else if (keyword == "anyOf" || keyword == "oneOf") {
                problem = check_choice(value, rule, at, keyword == "oneOf");
            } else if (keyword == "properties") {
                problem = check_members(value, schema, at);
            } else if (keyword == "required") {
                problem = check_required(value, rule, at);
            } else if (keyword == "items") {
                problem = check_items(value, rule, at);
            } else if (keyword.starts_with("min") || keyword.starts_with("max")) {
                problem = check_bound(value, keyword, rule, at);
            } else if (!kNotes.contains(keyword)) {
                problem = "the test does not know the keyword " + keyword;
            }
            if (!problem.empty()) {
                return problem;
            }
        }
        const bool has_no_properties = schema.member("properties") == nullptr;
        return has_no_properties ? check_members(value, schema, at) : "";
    }
    [[nodiscard]] static std::string check_type(const Value& value, const Value& rule,
                                                const std::string& at) {
        const bool is_right = rule.kind() == Kind::Text
                                  ? is_of_type(value, rule.as_text())
                                  : std::any_of(rule.as_list().begin(), rule.as_list().end(),
                                                [&value](const Value& type) {
                                                    return is_of_type(value, type.as_text());
                                                });
        return is_right ? "" : at + ": is no " + rule.json();
    }
    [[nodiscard]] std::string check_choice(const Value& value, const Value& rule,
                                           const std::string& at, bool is_exclusive) const {
        const auto fits =
            std::count_if(rule.as_list().begin(), rule.as_list().end(),
                          [&](const Value& one) { return complaint(value, one, at).empty(); });
        return fits == 1 || (fits > 1 && !is_exclusive) ? "" : at + ": fits no choice, or several";
    }
    [[nodiscard]] static std::string check_required(const Value& value, const Value& rule,
                                                    const std::string& at) {
        for (const Value& name : rule.as_list()) {
            if (value.kind() == Kind::Map && value.member(name.as_text()) == nullptr) {
                return at + ": lacks " + name.as_text();
            }
        }
        return {};
    }
    [[nodiscard]] std::string check_items(const Value& value, const Value& rule,
                                          const std::string& at) const {
        if (value.kind() != Kind::List) {
            return {};
        }
        for (std::size_t i = 0; i < value.as_list().size(); ++i) {
            const std::string here = at + "[" + std::to_string(i) + "]";
            if (std::string problem = complaint(value.as_list()[i], rule, here); !problem.empty()) {
                return problem;
            }
        }
        return {};
    }
    [[nodiscard]] std::string check_members(const Value& value, const Value& schema,
                                            const std::string& at) const {
        const Value* properties = schema.member("properties");
        const Value* others = schema.member("additionalProperties");
        if (value.kind() != Kind::Map) {
            return {};
        }
        for (const auto& [name, member] : value.as_map()) {
            const std::string here = at + "." + name;
            const Value* rule = properties != nullptr ? properties->member(name) : nullptr;
            rule = rule != nullptr ? rule : others;
            if (rule != nullptr && rule->kind() == Kind::Bool && !rule->as_bool()) {
                return here + ": unknown key";
            }
            if (rule == nullptr || rule->kind() != Kind::Map) {
                continue;
            }
            if (std::string problem = complaint(member, *rule, here); !problem.empty()) {
                return problem;
            }
        }
        return {};
    }
    [[nodiscard]] static std::string check_bound(const Value& value, const std::string& keyword,
                                                 const Value& rule, const std::string& at) {
        double size = 0;
        if (value.is_number() && (keyword == "minimum" || keyword == "maximum")) {
            size = value.number();
        } else if (value.kind() == Kind::List && keyword.ends_with("Items")) {
            size = static_cast<double>(value.as_list().size());
        } else if (value.kind() == Kind::Map && keyword.ends_with("Properties")) {
            size = static_cast<double>(value.as_map().size());
        } else {
            return {};
        }
        const bool fits =
            keyword.starts_with("min") ? size >= rule.number() : size <= rule.number();
        return fits ? "" : at + ": breaks " + keyword;
    }

    Value root_;
};

Schema published_schema() {
    const std::filesystem::path folder(BOOM_TESTCASES);
    return Schema(expr::parse_json(content_of(folder / "boom.schema.json")).value());
}

Value case_of(const std::string& text) {
    return plan::value_of(std::get<plan::YamlNode>(plan::parse_yaml(text, "case.yml")));
}

}  // namespace

TEST_CASE("Schema: every example is valid", "[plan]") {
    const Schema schema = published_schema();
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(BOOM_TESTCASES)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".yml" && extension != ".json") {
            continue;
        }
        const Value value = case_of(content_of(entry.path()));
        if (value.member("teststeps") != nullptr) {
            CAPTURE(entry.path().string());
            CHECK(schema.complaint(value) == "");
            ++count;
        }
    }
    CHECK(count >= 9);
}

TEST_CASE("Schema: it finds what validate finds", "[plan]") {
    const Schema schema = published_schema();
    const auto [text, complaint] = GENERATE(table<std::string, std::string>({
        {"config: {}", "$: lacks teststeps"},
        {"teststeps: []\nextra: 1", "$.extra: unknown key"},
        {"teststeps: [{request: {url: 7}}]", "$.teststeps[0].request.url: is no \"string\""},
        {"config: {weight: 0}\nteststeps: []", "$.config.weight: breaks minimum"},
    }));
    CAPTURE(text);
    CHECK(schema.complaint(case_of(text)) == complaint);
}
