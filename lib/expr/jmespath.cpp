#include "expr/jmespath.hpp"

#include "base/assert.hpp"
#include "expr/jmespath_evaluator.hpp"
#include "expr/jmespath_lexer.hpp"
#include "expr/jmespath_node.hpp"
#include "expr/jmespath_parser.hpp"

#include <algorithm>
#include <utility>

namespace boom::expr {
namespace {

// Appends the steps; false when the node is no chain.
bool append_chain(const JmesPath::Node& node, std::vector<JmesPath::Step>& steps) {
    if (node.kind == NodeKind::Field) {
        steps.push_back({.name = node.name, .index = 0, .is_index = false});
        return true;
    }
    if (node.kind == NodeKind::Subexpression) {
        return append_chain(node.children[0], steps) && append_chain(node.children[1], steps);
    }
    const bool is_index = node.kind == NodeKind::Index;
    if (!is_index ||
        (node.children[0].kind != NodeKind::Current && !append_chain(node.children[0], steps))) {
        return false;
    }
    steps.push_back({.name = {}, .index = node.index, .is_index = true});
    return true;
}

void append_root_members(const JmesPath::Node& node, std::vector<std::string_view>& names) {
    switch (node.kind) {
        case NodeKind::Literal:
            return;
        case NodeKind::Current:
            names.emplace_back();
            return;
        case NodeKind::Field:
            names.emplace_back(node.name);
            return;
        // The first child looks at the root, the others at what it found.
        case NodeKind::Subexpression:
        case NodeKind::Pipe:
        case NodeKind::Index:
        case NodeKind::Slice:
        case NodeKind::Flatten:
        case NodeKind::Projection:
        case NodeKind::ValueProjection:
        case NodeKind::Filter:
            append_root_members(node.children[0], names);
            return;
        case NodeKind::ExpressionReference:
            return;
        case NodeKind::Or:
        case NodeKind::And:
        case NodeKind::Not:
        case NodeKind::Comparison:
        case NodeKind::MultiSelectList:
        case NodeKind::MultiSelectMap:
        case NodeKind::Call:
            for (const JmesPath::Node& child : node.children) {
                append_root_members(child, names);
            }
            return;
    }
}

}  // namespace

bool is_false(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Null:
            return true;
        case Value::Kind::Bool:
            return !value.as_bool();
        case Value::Kind::Text:
            return value.as_text().empty();
        case Value::Kind::List:
            return value.as_list().empty();
        case Value::Kind::Map:
            return value.as_map().empty();
        case Value::Kind::Integer:
        case Value::Kind::BigInteger:
        case Value::Kind::Real:
            return false;
    }
    return false;
}

std::vector<JmesPath::Step> chain_of(const JmesPath::Node& node) {
    std::vector<JmesPath::Step> steps;
    if (!append_chain(node, steps)) {
        steps.clear();
    }
    return steps;
}

std::vector<std::string_view> root_members(const JmesPath::Node& node) {
    std::vector<std::string_view> names;
    append_root_members(node, names);
    return names;
}

std::variant<JmesPath, CompileError> JmesPath::compile(std::string_view text) {
    auto tokens = tokenize(text);
    if (auto* error = std::get_if<CompileError>(&tokens)) {
        return std::move(*error);
    }
    auto root = parse_path(std::move(std::get<std::vector<Token>>(tokens)));
    if (auto* error = std::get_if<CompileError>(&root)) {
        return std::move(*error);
    }
    JmesPath path;
    path.root_ = std::make_shared<const Node>(std::move(std::get<Node>(root)));
    path.chain_ = chain_of(*path.root_);
    path.is_chain_ = !path.chain_.empty();
    return path;
}

std::variant<Value, JmesPath::Error> JmesPath::search(const Value& root) const {
    BOOM_ASSERT(root_ != nullptr);
    PathEvaluator evaluator;
    PathResult result = evaluator.evaluate(*root_, root);
    if (evaluator.has_failed()) {
        return Error{*evaluator.error()};
    }
    return std::move(result).take();
}

const std::vector<JmesPath::Step>* JmesPath::as_chain() const {
    return is_chain_ ? &chain_ : nullptr;
}

}  // namespace boom::expr
