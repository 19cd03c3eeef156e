#pragma once
// What templates are compiled to. Private to this module.

#include "expr/template.hpp"

#include <optional>
#include <string>
#include <vector>

namespace boom::expr {

struct Template::Part {
    enum class Kind { Literal, Slot, Call };

    Kind kind = Kind::Literal;
    Value literal;
    std::string text;  // of the literal, ready to append
    int slot = -1;
    const Function* function = nullptr;
    std::vector<ValueTemplate::Node> arguments;
};

struct ValueTemplate::Node {
    enum class Kind {
        Constant,  // value
        Text,      // text
        Quoted,    // text, whose result is a text whatever it refers to
        Items,     // children
        Members,   // keys and children
    };

    Kind kind = Kind::Constant;
    Value value;
    std::string json;  // of the constant
    Template text;
    std::vector<Template> keys;
    std::vector<Node> children;
};

[[nodiscard]] ValueTemplate::Node constant_node(Value value);
// A list or map of constants is a constant.
[[nodiscard]] ValueTemplate::Node constant_if_possible(ValueTemplate::Node node);
// Constant when `text` is.
[[nodiscard]] ValueTemplate::Node text_node(Template text, ValueTemplate::Node::Kind kind);

[[nodiscard]] std::optional<Value> evaluate_node(const ValueTemplate::Node& node, Slots slots,
                                                 CallContext& context);
[[nodiscard]] bool append_node_json(const ValueTemplate::Node& node, std::string& out, Slots slots,
                                    CallContext& context);
void collect_slots(const ValueTemplate::Node& node, std::vector<int>& slots);
// Ascending, each once.
void sort_slots(std::vector<int>& slots);

[[nodiscard]] std::optional<Value> evaluate_call(const Template::Part& part, Slots slots,
                                                 CallContext& context);

}  // namespace boom::expr
