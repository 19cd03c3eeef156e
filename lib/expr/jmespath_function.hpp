#pragma once
// The functions of JMESPath: signatures, known when compiling, and what they do. Private.

#include "expr/jmespath_node.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace boom::expr {

class PathEvaluator;

// What an argument may be; a set.
using PathTypes = unsigned;
inline constexpr PathTypes kPathNumber = 1U << 0U;
inline constexpr PathTypes kPathString = 1U << 1U;
inline constexpr PathTypes kPathBoolean = 1U << 2U;
inline constexpr PathTypes kPathArray = 1U << 3U;
inline constexpr PathTypes kPathObject = 1U << 4U;
inline constexpr PathTypes kPathNull = 1U << 5U;
inline constexpr PathTypes kPathNumberArray = 1U << 6U;
inline constexpr PathTypes kPathStringArray = 1U << 7U;
inline constexpr PathTypes kPathExpression = 1U << 8U;
inline constexpr PathTypes kPathAny =
    kPathNumber | kPathString | kPathBoolean | kPathArray | kPathObject | kPathNull;

// One argument: a value, or the expression behind `&`.
struct PathArgument {
    const Value* value = nullptr;
    const JmesPath::Node* expression = nullptr;
};

struct PathFunction {
    std::string_view name;
    std::size_t argument_count = 0;
    bool is_variadic = false;  // the last type repeats
    std::array<PathTypes, 2> types{};
    Value (*call)(PathEvaluator& evaluator, std::span<const PathArgument> arguments) = nullptr;
};

[[nodiscard]] std::span<const PathFunction> path_functions();
[[nodiscard]] const PathFunction* find_path_function(std::string_view name);
// Of the argument at `index`.
[[nodiscard]] PathTypes allowed_types(const PathFunction& function, std::size_t index);
[[nodiscard]] bool is_allowed(const Value& value, PathTypes types);
// "number or string".
[[nodiscard]] std::string type_names(PathTypes types);

}  // namespace boom::expr
