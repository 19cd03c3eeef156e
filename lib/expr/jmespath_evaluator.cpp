#include "expr/jmespath_evaluator.hpp"

#include "base/assert.hpp"
#include "expr/jmespath_function.hpp"
#include "expr/number.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::expr {
namespace {

using Kind = Value::Kind;

// The elements that Python's slice of the same three numbers takes.
struct SliceRange {
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t step = 1;
};

std::int64_t clamp_bound(std::int64_t bound, std::int64_t length, std::int64_t step) {
    const std::int64_t lowest = step < 0 ? -1 : 0;
    const std::int64_t highest = step < 0 ? length - 1 : length;
    return std::clamp(bound < 0 ? bound + length : bound, lowest, highest);
}

SliceRange slice_range(const std::array<std::optional<std::int64_t>, 3>& slice,
                       std::int64_t length) {
    const std::int64_t step = slice[2].value_or(1);
    const std::int64_t first = step < 0 ? length - 1 : 0;
    const std::int64_t last = step < 0 ? -1 : length;
    // A step beyond the length takes one element; clamped, the sums below cannot overflow.
    return {.start = slice[0] ? clamp_bound(*slice[0], length, step) : first,
            .stop = slice[1] ? clamp_bound(*slice[1], length, step) : last,
            .step = std::clamp(step, -length - 1, length + 1)};
}

bool matches(PathComparison comparison, std::partial_ordering order) {
    switch (comparison) {
        case PathComparison::Equal:
            return std::is_eq(order);
        case PathComparison::NotEqual:
            return std::is_neq(order);
        case PathComparison::Less:
            return std::is_lt(order);
        case PathComparison::LessOrEqual:
            return std::is_lteq(order);
        case PathComparison::Greater:
            return std::is_gt(order);
        case PathComparison::GreaterOrEqual:
            return std::is_gteq(order);
    }
    return false;
}

}  // namespace

void PathEvaluator::fail(std::string what) {
    if (!error_) {
        error_ = std::move(what);
    }
}

PathResult PathEvaluator::evaluate(const JmesPath::Node& node, const Value& current) {
    if (has_failed()) {
        return {};
    }
    switch (node.kind) {
        case NodeKind::Current:
            return PathResult::borrowed(current);
        case NodeKind::Literal:
            return PathResult::borrowed(node.value);
        case NodeKind::Field: {
            const Value* member = current.member(node.name);
            return member != nullptr ? PathResult::borrowed(*member) : PathResult();
        }
        case NodeKind::Subexpression:
        case NodeKind::Pipe:
            return subexpression(node, current);
        case NodeKind::Index:
            return item(node, current);
        case NodeKind::Slice:
            return slice(node, current);
        case NodeKind::Flatten:
            return flatten(node, current);
        case NodeKind::Projection:
            return project(node, current);
        case NodeKind::ValueProjection:
            return project_values(node, current);
        case NodeKind::Filter:
            return filter(node, current);
        case NodeKind::Or:
        case NodeKind::And: {
            PathResult left = evaluate(node.children[0], current);
            const bool is_decided = is_false(left.get()) == (node.kind == NodeKind::And);
            return is_decided ? std::move(left) : evaluate(node.children[1], current);
        }
        case NodeKind::Not:
            return PathResult(Value(is_false(evaluate(node.children[0], current).get())));
        case NodeKind::Comparison:
            return compare(node, current);
        case NodeKind::MultiSelectList:
        case NodeKind::MultiSelectMap:
            return select(node, current);
        case NodeKind::Call:
            return call(node, current);
        case NodeKind::ExpressionReference:
            break;
    }
    // The parser allows a reference only as an argument, and call() does not evaluate it.
    BOOM_ASSERT(node.kind != NodeKind::ExpressionReference);
    return {};
}

PathResult PathEvaluator::subexpression(const JmesPath::Node& node, const Value& current) {
    const PathResult left = evaluate(node.children[0], current);
    if (left.is_borrowed()) {
        return evaluate(node.children[1], left.get());
    }
    // The right side may borrow from the left one, which ends here.
    return PathResult(evaluate(node.children[1], left.get()).take());
}

PathResult PathEvaluator::item(const JmesPath::Node& node, const Value& current) {
    PathResult list = evaluate(node.children[0], current);
    if (list.get().kind() != Kind::List) {
        return {};
    }
    const List& items = list.get().as_list();
    const auto size = static_cast<std::int64_t>(items.size());
    const std::int64_t index = node.index < 0 ? node.index + size : node.index;
    if (index < 0 || index >= size) {
        return {};
    }
    const Value& found = items[static_cast<std::size_t>(index)];
    return list.is_borrowed() ? PathResult::borrowed(found) : PathResult(Value(found));
}

PathResult PathEvaluator::slice(const JmesPath::Node& node, const Value& current) {
    const PathResult list = evaluate(node.children[0], current);
    if (list.get().kind() != Kind::List) {
        return {};
    }
    const List& items = list.get().as_list();
    const SliceRange range = slice_range(node.slice, static_cast<std::int64_t>(items.size()));
    List result;
    for (std::int64_t i = range.start; range.step > 0 ? i < range.stop : i > range.stop;
         i += range.step) {
        result.push_back(items[static_cast<std::size_t>(i)]);
    }
    return PathResult(Value(std::move(result)));
}

PathResult PathEvaluator::flatten(const JmesPath::Node& node, const Value& current) {
    const PathResult list = evaluate(node.children[0], current);
    if (list.get().kind() != Kind::List) {
        return {};
    }
    List result;
    for (const Value& item : list.get().as_list()) {
        if (item.kind() == Kind::List) {
            result.insert(result.end(), item.as_list().begin(), item.as_list().end());
        } else {
            result.push_back(item);
        }
    }
    return PathResult(Value(std::move(result)));
}

PathResult PathEvaluator::project(const JmesPath::Node& node, const Value& current) {
    const PathResult list = evaluate(node.children[0], current);
    if (list.get().kind() != Kind::List) {
        return {};
    }
    List result;
    for (const Value& item : list.get().as_list()) {
        PathResult projected = evaluate(node.children[1], item);
        if (!projected.get().is_null()) {
            result.push_back(std::move(projected).take());
        }
    }
    return PathResult(Value(std::move(result)));
}

PathResult PathEvaluator::project_values(const JmesPath::Node& node, const Value& current) {
    const PathResult map = evaluate(node.children[0], current);
    if (map.get().kind() != Kind::Map) {
        return {};
    }
    List result;
    for (const auto& [name, value] : map.get().as_map()) {
        PathResult projected = evaluate(node.children[1], value);
        if (!projected.get().is_null()) {
            result.push_back(std::move(projected).take());
        }
    }
    return PathResult(Value(std::move(result)));
}

PathResult PathEvaluator::filter(const JmesPath::Node& node, const Value& current) {
    const PathResult list = evaluate(node.children[0], current);
    if (list.get().kind() != Kind::List) {
        return {};
    }
    List result;
    for (const Value& item : list.get().as_list()) {
        if (is_false(evaluate(node.children[1], item).get())) {
            continue;
        }
        PathResult projected = evaluate(node.children[2], item);
        if (!projected.get().is_null()) {
            result.push_back(std::move(projected).take());
        }
    }
    return PathResult(Value(std::move(result)));
}

PathResult PathEvaluator::compare(const JmesPath::Node& node, const Value& current) {
    const PathResult left = evaluate(node.children[0], current);
    const PathResult right = evaluate(node.children[1], current);
    if (node.comparison == PathComparison::Equal || node.comparison == PathComparison::NotEqual) {
        const bool is_equal = left.get() == right.get();
        return PathResult(Value(is_equal == (node.comparison == PathComparison::Equal)));
    }
    // Only numbers have an order in JMESPath.
    if (!left.get().is_number() || !right.get().is_number()) {
        return {};
    }
    return PathResult(Value(matches(node.comparison, compare_numbers(left.get(), right.get()))));
}

PathResult PathEvaluator::select(const JmesPath::Node& node, const Value& current) {
    if (current.is_null()) {
        return {};
    }
    if (node.kind == NodeKind::MultiSelectList) {
        List list;
        for (const JmesPath::Node& child : node.children) {
            list.push_back(evaluate(child, current).take());
        }
        return PathResult(Value(std::move(list)));
    }
    Map map;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        Value value = evaluate(node.children[i], current).take();
        const auto same = std::find_if(map.begin(), map.end(), [&node, i](const auto& member) {
            return member.first == node.keys[i];
        });
        if (same != map.end()) {
            same->second = std::move(value);
        } else {
            map.emplace_back(node.keys[i], std::move(value));
        }
    }
    return PathResult(Value(std::move(map)));
}

PathResult PathEvaluator::call(const JmesPath::Node& node, const Value& current) {
    std::vector<PathResult> values(node.children.size());
    std::vector<PathArgument> arguments(node.children.size());
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const JmesPath::Node& child = node.children[i];
        if (child.kind == NodeKind::ExpressionReference) {
            arguments[i].expression = &child.children[0];
            continue;
        }
        values[i] = evaluate(child, current);
        arguments[i].value = &values[i].get();
        const PathTypes types = allowed_types(*node.function, i);
        if (!has_failed() && !is_allowed(values[i].get(), types)) {
            fail(fmt::format("invalid-type: argument {} of {}() must be {}, not {}", i + 1,
                             node.function->name, type_names(types), type_name(values[i].get())));
        }
    }
    return has_failed() ? PathResult() : PathResult(node.function->call(*this, arguments));
}

}  // namespace boom::expr
