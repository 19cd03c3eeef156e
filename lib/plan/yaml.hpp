#pragma once
// A YAML or JSON text as a tree in which every node knows its place. Private to this module.

#include "base/error.hpp"
#include "expr/value.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::plan {

struct YamlNode {
    enum class Kind { Null, Scalar, List, Map };
    Kind kind = Kind::Null;
    std::string text;       // of a scalar
    bool is_plain = false;  // a scalar without quotes: it may be a number or a flag
    int line = 0;           // from 1
    int column = 0;
    std::shared_ptr<const std::string> file;  // that it stands in; null: the case itself
    std::vector<YamlNode> items;              // of a list, or the values of a map
    std::vector<YamlNode> keys;               // of a map, as many as items

    // The value of a key; null pointer when absent or not a map.
    [[nodiscard]] const YamlNode* find(std::string_view key) const;
    [[nodiscard]] bool is_map() const { return kind == Kind::Map; }
    [[nodiscard]] bool is_list() const { return kind == Kind::List; }
    [[nodiscard]] bool is_scalar() const { return kind == Kind::Scalar; }
};

// The one document of a file, or what is wrong with it. Merge keys and aliases are resolved.
[[nodiscard]] std::variant<YamlNode, base::Mistake> parse_yaml(std::string_view text,
                                                               const std::string& file);
// "a list", for messages.
// Notes in every node where it stands, for messages about a case that another one refers to.
void set_file(YamlNode& node, const std::shared_ptr<const std::string>& file);
[[nodiscard]] std::string_view kind_name(const YamlNode& node);
// An unquoted scalar: integer, real, flag, null or text. Digits after a leading zero are a text.
[[nodiscard]] expr::Value scalar_value(std::string_view text);
[[nodiscard]] expr::Value value_of(const YamlNode& node);

}  // namespace boom::plan
