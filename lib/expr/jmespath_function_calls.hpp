#pragma once
// What each function of JMESPath does; arguments have been checked. Private to this module.

#include "expr/jmespath_function.hpp"

#include <span>

namespace boom::expr::path_calls {

using Arguments = std::span<const PathArgument>;

[[nodiscard]] Value abs(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value avg(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value ceil(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value contains(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value ends_with(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value floor(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value join(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value keys(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value length(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value map(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value max(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value max_by(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value merge(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value min(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value min_by(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value not_null(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value reverse(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value sort(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value sort_by(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value starts_with(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value sum(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value to_array(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value to_number(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value to_string(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value type(PathEvaluator& evaluator, Arguments arguments);
[[nodiscard]] Value values(PathEvaluator& evaluator, Arguments arguments);

}  // namespace boom::expr::path_calls
