#pragma once
// Texts with `$name`, `${name}`, `${func(args)}` and `$$`, compiled once to slot numbers.
// Grammar and results: the "sane result" column of hrp-boom appendix A.1.

#include "expr/function.hpp"
#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::expr {

// The slot of a variable name, or -1 when no such variable exists.
class SlotResolver : public std::function<int(std::string_view name)> {
public:
    using std::function<int(std::string_view name)>::function;
    const UserFunctions* functions = nullptr;  // null: only built-in ones
};
using Slots = std::span<const Value>;

// Immutable after compile(): any thread may evaluate.
class Template {
public:
    Template() = default;  // the empty text
    // Unknown variables and functions, and wrong argument counts, are errors here, not later.
    [[nodiscard]] static std::variant<Template, CompileError> compile(std::string_view text,
                                                                      const SlotResolver& slot_of);
    [[nodiscard]] static Template constant(Value value);

    // A text that is exactly one reference or call keeps the value's type; else a string.
    // std::nullopt: a function failed, `context.error` says why.
    [[nodiscard]] std::optional<Value> evaluate(Slots slots, CallContext& context) const;
    // The same as text, appended. False when a function failed.
    [[nodiscard]] bool append(std::string& out, Slots slots, CallContext& context) const;

    // Set when nothing in it changes: no variable, no call.
    [[nodiscard]] const Value* constant_value() const;
    // Slots that it reads, ascending, each once.
    [[nodiscard]] std::vector<int> slots_read() const;
    [[nodiscard]] const std::string& source() const { return source_; }

    struct Part;  // literal, slot or call; private to the .cpp files
    [[nodiscard]] static Template from_parts(std::string source, std::vector<Part> parts);
    [[nodiscard]] std::span<const Part> parts() const;

private:
    std::string source_;
    std::shared_ptr<const std::vector<Part>> parts_;  // never written after compile()
};

// The variable names that a text refers to, in order of appearance, whether defined or not;
// for ordering variables that depend on each other.
[[nodiscard]] std::vector<std::string> referenced_names(std::string_view text);

// A whole structure (JSON body, map of parameters) whose texts, and map keys, are templates.
class ValueTemplate {
public:
    ValueTemplate() = default;  // null
    [[nodiscard]] static std::variant<ValueTemplate, CompileError> compile(
        const Value& structure, const SlotResolver& slot_of);

    [[nodiscard]] std::optional<Value> evaluate(Slots slots, CallContext& context) const;
    // As compact JSON without building the Value where the structure is not a single reference.
    [[nodiscard]] bool append_json(std::string& out, Slots slots, CallContext& context) const;
    [[nodiscard]] const Value* constant_value() const;
    [[nodiscard]] std::vector<int> slots_read() const;
    // As it was written: a text as is, anything else as JSON with its `$` references.
    [[nodiscard]] std::string source() const;

    struct Node;

private:
    std::shared_ptr<const Node> root_;
};

}  // namespace boom::expr
