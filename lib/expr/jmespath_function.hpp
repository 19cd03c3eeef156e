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
enum PathType : unsigned {
    kPathNumber = 1,
    kPathString = 2,
    kPathBoolean = 4,
    kPathArray = 8,
    kPathObject = 16,
    kPathNull = 32,
    kPathNumberArray = 64,
    kPathStringArray = 128,
    kPathExpression = 256,
    kPathAny = kPathNumber | kPathString | kPathBoolean | kPathArray | kPathObject | kPathNull,
};

// One argument: a value, or the expression behind `&`.
struct PathArgument {
    const Value* value = nullptr;
    const JmesPath::Node* expression = nullptr;
};

struct PathFunction {
    std::string_view name;
    std::size_t argument_count = 0;
    bool is_variadic = false;  // the last type repeats
    std::array<unsigned, 2> types{};
    Value (*call)(PathEvaluator& evaluator, std::span<const PathArgument> arguments) = nullptr;
};

[[nodiscard]] std::span<const PathFunction> path_functions();
[[nodiscard]] const PathFunction* find_path_function(std::string_view name);
// Of the argument at `index`.
[[nodiscard]] unsigned allowed_types(const PathFunction& function, std::size_t index);
[[nodiscard]] bool is_allowed(const Value& value, unsigned types);
// "number or string".
[[nodiscard]] std::string type_names(unsigned types);

}  // namespace boom::expr
