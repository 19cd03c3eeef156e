#pragma once
// What a JSONPath is compiled to. Private to this module.

#include "expr/json_path.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boom::expr {

struct JsonPathFilter;

struct JsonPathSelector {
    enum class Kind { Name, Index, Slice, All, Filter };
    Kind kind = Kind::All;
    std::string name;
    std::int64_t index = 0;
    std::optional<std::int64_t> begin, end;  // Slice
    std::int64_t step = 1;
    std::shared_ptr<const JsonPathFilter> filter;
};

struct JsonPath::Segment {
    bool is_recursive = false;  // "..": of the node and all below it
    std::vector<JsonPathSelector> selectors;
};

// One side of a comparison.
struct JsonPathOperand {
    enum class Kind { Literal, Current, Root };
    Kind kind = Kind::Literal;
    Value literal;
    std::vector<JsonPath::Segment> path;
};

struct JsonPathFilter {
    enum class Kind { Or, And, Not, Exists, Compare };
    enum class Operator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
    Kind kind = Kind::Exists;
    std::vector<JsonPathFilter> children;
    JsonPathOperand left, right;
    Operator comparison = Operator::Equal;
};

[[nodiscard]] std::variant<std::vector<JsonPath::Segment>, CompileError> parse_json_path(
    std::string_view text);

}  // namespace boom::expr
