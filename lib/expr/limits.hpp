#pragma once
// Limits of this module. Private to it.

#include <cstddef>

namespace boom::expr {

// Nesting of JSON, of JMESPath expressions and of template arguments: all are walked recursively,
// and a stack is finite.
inline constexpr std::size_t kMaxDepth = 256;

}  // namespace boom::expr
