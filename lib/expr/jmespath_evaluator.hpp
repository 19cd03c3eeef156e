#pragma once
// Searches a value with the tree of a JMESPath expression. Private to this module.

#include "expr/jmespath_node.hpp"

#include <optional>
#include <string>
#include <utility>

namespace boom::expr {

// A value that is borrowed as long as possible: navigation copies nothing.
class PathResult {
public:
    PathResult() = default;  // null
    explicit PathResult(Value value) : owned_(std::move(value)) {}
    [[nodiscard]] static PathResult borrowed(const Value& value) {
        PathResult result;
        result.borrowed_ = &value;
        return result;
    }
    [[nodiscard]] const Value& get() const { return borrowed_ != nullptr ? *borrowed_ : owned_; }
    [[nodiscard]] bool is_borrowed() const { return borrowed_ != nullptr; }
    [[nodiscard]] Value take() && {
        if (borrowed_ != nullptr) {
            return *borrowed_;
        }
        return std::move(owned_);
    }

private:
    const Value* borrowed_ = nullptr;
    Value owned_;
};

// One search. After the first error everything evaluates to null.
class PathEvaluator {
public:
    [[nodiscard]] PathResult evaluate(const JmesPath::Node& node, const Value& current);
    // Keeps the first one.
    void fail(std::string what);
    [[nodiscard]] bool has_failed() const { return error_.has_value(); }
    [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

private:
    PathResult subexpression(const JmesPath::Node& node, const Value& current);
    PathResult item(const JmesPath::Node& node, const Value& current);
    PathResult slice(const JmesPath::Node& node, const Value& current);
    PathResult flatten(const JmesPath::Node& node, const Value& current);
    PathResult project(const JmesPath::Node& node, const Value& current);
    PathResult project_values(const JmesPath::Node& node, const Value& current);
    PathResult filter(const JmesPath::Node& node, const Value& current);
    PathResult compare(const JmesPath::Node& node, const Value& current);
    PathResult select(const JmesPath::Node& node, const Value& current);
    PathResult call(const JmesPath::Node& node, const Value& current);

    std::optional<std::string> error_;
};

}  // namespace boom::expr
