#pragma once
// From the words of a JMESPath expression to its tree. Private to this module.

#include "expr/jmespath_lexer.hpp"
#include "expr/jmespath_node.hpp"

#include <variant>
#include <vector>

namespace boom::expr {

[[nodiscard]] std::variant<JmesPath::Node, CompileError> parse_path(std::vector<Token> tokens);

}  // namespace boom::expr
