#pragma once
// The syntax tree of a JMESPath expression. Private to this module.

#include "expr/jmespath.hpp"

#include <array>
#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace boom::expr {

struct PathFunction;

enum class NodeKind {
    Current,          // @
    Literal,          // value
    Field,            // name
    Subexpression,    // a.b: children a, b
    Index,            // a[n]: child a
    Slice,            // a[x:y:z] without its projection: child a
    Flatten,          // a[] without its projection: child a
    Projection,       // children: list, what is applied to each item
    ValueProjection,  // children: map, what is applied to each value
    Filter,           // children: list, condition, what is applied to each item
    Pipe,
    Or,
    And,                  // two children
    Not,                  // one child
    Comparison,           // two children
    MultiSelectList,      // children
    MultiSelectMap,       // keys, children
    Call,                 // function, children are the arguments
    ExpressionReference,  // &a: only as an argument of a call
};

enum class PathComparison { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };

struct JmesPath::Node {
    NodeKind kind = NodeKind::Current;
    PathComparison comparison = PathComparison::Equal;
    std::int64_t index = 0;
    std::size_t depth = 1;  // of the tree below, itself included
    std::string name;
    Value value;
    std::array<std::optional<std::int64_t>, 3> slice;
    std::vector<std::string> keys;
    const PathFunction* function = nullptr;
    std::vector<Node> children;
};

// null, false and whatever is empty.
[[nodiscard]] bool is_false(const Value& value);
// The steps of "a.b[0]"; empty for anything else.
[[nodiscard]] std::vector<JmesPath::Step> chain_of(const JmesPath::Node& node);
// The members of the root that an expression looks at; `@` adds an empty name.
[[nodiscard]] std::vector<std::string_view> root_members(const JmesPath::Node& node);

}  // namespace boom::expr
