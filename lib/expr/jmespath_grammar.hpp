#pragma once
// Tables of the JMESPath grammar. Private to this module.

#include "expr/jmespath_function.hpp"
#include "expr/jmespath_lexer.hpp"
#include "expr/jmespath_node.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::expr {

// How strongly a token binds what stands left of it; 0 ends an expression.
[[nodiscard]] int binding_power(TokenKind kind);
[[nodiscard]] std::optional<PathComparison> comparison_of(TokenKind kind);
// What is wrong with a call whatever the data; empty: nothing. A null function is an unknown one.
[[nodiscard]] std::string call_problem(const PathFunction* function, std::string_view name,
                                       const std::vector<JmesPath::Node>& arguments);

}  // namespace boom::expr
