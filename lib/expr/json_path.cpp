#include "expr/json_path.hpp"

#include "base/text.hpp"
#include "expr/json_path_parts.hpp"
#include "expr/number.hpp"

#include <algorithm>
#include <utility>

namespace boom::expr {
namespace {

using Segments = std::vector<JsonPath::Segment>;
using Selector = JsonPathSelector;
using Filter = JsonPathFilter;
using Nodes = std::vector<const Value*>;

Nodes follow(const Segments& segments, const Value& from, const Value& root);

// What a side of a comparison stands for; null pointer: nothing.
const Value* side(const JsonPathOperand& operand, const Value& current, const Value& root) {
    if (operand.kind == JsonPathOperand::Kind::Literal) {
        return &operand.literal;
    }
    const Value& from = operand.kind == JsonPathOperand::Kind::Current ? current : root;
    const Nodes nodes = follow(operand.path, from, root);
    return nodes.size() == 1 ? nodes.front() : nullptr;
}

bool is_less(const Value& left, const Value& right) {
    if (left.is_number() && right.is_number()) {
        return std::is_lt(compare_numbers(left, right));
    }
    return left.kind() == Value::Kind::Text && right.kind() == Value::Kind::Text &&
           left.as_text() < right.as_text();
}

bool compare(const Filter& filter, const Value& current, const Value& root) {
    using Operator = Filter::Operator;
    const Value* left = side(filter.left, current, root);
    const Value* right = side(filter.right, current, root);
    const bool are_there = left != nullptr && right != nullptr;
    const bool are_equal = are_there ? *left == *right : left == right;
    switch (filter.comparison) {
        case Operator::Equal:
            return are_equal;
        case Operator::NotEqual:
            return !are_equal;
        case Operator::Less:
            return are_there && is_less(*left, *right);
        case Operator::LessOrEqual:
            return are_equal || (are_there && is_less(*left, *right));
        case Operator::Greater:
            return are_there && is_less(*right, *left);
        case Operator::GreaterOrEqual:
            return are_equal || (are_there && is_less(*right, *left));
    }
    return false;
}

bool is_met(const Filter& filter, const Value& current, const Value& root) {
    switch (filter.kind) {
        case Filter::Kind::Or:
            return is_met(filter.children[0], current, root) ||
                   is_met(filter.children[1], current, root);
        case Filter::Kind::And:
            return is_met(filter.children[0], current, root) &&
                   is_met(filter.children[1], current, root);
        case Filter::Kind::Not:
            return !is_met(filter.children[0], current, root);
        case Filter::Kind::Exists:
            return !follow(filter.left.path,
                           filter.left.kind == JsonPathOperand::Kind::Current ? current : root,
                           root)
                        .empty();
        case Filter::Kind::Compare:
            return compare(filter, current, root);
    }
    return false;
}

template <typename Use>
void for_each_child(const Value& node, Use use) {
    if (node.kind() == Value::Kind::List) {
        for (const Value& item : node.as_list()) {
            use(item);
        }
    } else if (node.kind() == Value::Kind::Map) {
        for (const auto& [name, member] : node.as_map()) {
            use(member);
        }
    }
}

void select_slice(const Selector& selector, const List& list, Nodes& out) {
    const auto size = static_cast<std::int64_t>(list.size());
    const auto bound = [size](std::optional<std::int64_t> written, std::int64_t otherwise,
                              std::int64_t low, std::int64_t high) {
        if (!written) {
            return otherwise;
        }
        const std::int64_t from_start =
            *written < 0 ? std::max(*written, -size - 1) + size : std::min(*written, size);
        return std::clamp(from_start, low, high);
    };
    if (selector.step > 0) {
        const std::int64_t end = bound(selector.end, size, 0, size);
        for (std::int64_t i = bound(selector.begin, 0, 0, size); i < end;) {
            out.push_back(&list[static_cast<std::size_t>(i)]);
            i = selector.step > size - i ? size : i + selector.step;
        }
        return;
    }
    const std::int64_t end = bound(selector.end, -1, -1, size - 1);
    for (std::int64_t i = bound(selector.begin, size - 1, -1, size - 1); i > end;) {
        out.push_back(&list[static_cast<std::size_t>(i)]);
        i = selector.step < -1 - i ? -1 : i + selector.step;
    }
}

void select(const Selector& selector, const Value& node, const Value& root, Nodes& out) {
    switch (selector.kind) {
        case Selector::Kind::All:
            for_each_child(node, [&out](const Value& child) { out.push_back(&child); });
            return;
        case Selector::Kind::Filter:
            for_each_child(node, [&](const Value& child) {
                if (is_met(*selector.filter, child, root)) {
                    out.push_back(&child);
                }
            });
            return;
        case Selector::Kind::Name:
            if (const Value* member = node.member(selector.name)) {
                out.push_back(member);
            }
            return;
        case Selector::Kind::Index:
        case Selector::Kind::Slice:
            break;
    }
    if (node.kind() != Value::Kind::List) {
        return;
    }
    const List& list = node.as_list();
    if (selector.kind == Selector::Kind::Slice) {
        select_slice(selector, list, out);
        return;
    }
    const auto size = static_cast<std::int64_t>(list.size());
    if (selector.index < size && selector.index >= -size) {
        const std::int64_t index = selector.index < 0 ? selector.index + size : selector.index;
        out.push_back(&list[static_cast<std::size_t>(index)]);
    }
}

void descend(const JsonPath::Segment& segment, const Value& node, const Value& root, Nodes& out) {
    for (const Selector& selector : segment.selectors) {
        select(selector, node, root, out);
    }
    if (segment.is_recursive) {
        for_each_child(node, [&](const Value& child) { descend(segment, child, root, out); });
    }
}

Nodes follow(const Segments& segments, const Value& from, const Value& root) {
    Nodes nodes{&from};
    for (const JsonPath::Segment& segment : segments) {
        Nodes next;
        for (const Value* node : nodes) {
            descend(segment, *node, root, next);
        }
        nodes = std::move(next);
    }
    return nodes;
}

}  // namespace

bool JsonPath::is_meant(std::string_view text) {
    return text == "$" || text.starts_with("$.") || text.starts_with("$[");
}

std::variant<JsonPath, CompileError> JsonPath::compile(std::string_view text) {
    auto segments = parse_json_path(text);
    if (auto* error = std::get_if<CompileError>(&segments)) {
        return std::move(*error);
    }
    JsonPath path;
    path.segments_ = std::make_shared<const Segments>(std::move(std::get<Segments>(segments)));
    return path;
}

List JsonPath::search(const Value& root) const {
    List found;
    for (const Value* node : follow(*segments_, root, root)) {
        found.push_back(*node);
    }
    return found;
}

bool JsonPath::is_single() const {
    return std::all_of(segments_->begin(), segments_->end(), [](const Segment& segment) {
        return !segment.is_recursive && segment.selectors.size() == 1 &&
               (segment.selectors[0].kind == Selector::Kind::Name ||
                segment.selectors[0].kind == Selector::Kind::Index);
    });
}

}  // namespace boom::expr
