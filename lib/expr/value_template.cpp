#include "base/assert.hpp"
#include "base/text.hpp"
#include "expr/limits.hpp"
#include "expr/template_parts.hpp"

#include <algorithm>
#include <utility>

namespace boom::expr {
namespace {

using Node = ValueTemplate::Node;
using Kind = Node::Kind;

class StructureCompiler {
public:
    explicit StructureCompiler(const SlotResolver& slot_of) : slot_of_(slot_of) {}

    Node compile(const Value& structure, std::size_t depth) {
        if (depth > kMaxDepth) {
            error_ = error_ ? error_ : CompileError{"nested too deeply", 0};
            return {};
        }
        Node node;
        switch (structure.kind()) {
            case Value::Kind::Text:
                return text_node(compile_text(structure.as_text()), Kind::Text);
            case Value::Kind::List:
                node.kind = Kind::Items;
                for (const Value& item : structure.as_list()) {
                    node.children.push_back(compile(item, depth + 1));
                }
                return constant_if_possible(std::move(node));
            case Value::Kind::Map:
                node.kind = Kind::Members;
                for (const auto& [key, value] : structure.as_map()) {
                    node.keys.push_back(compile_text(key));
                    node.children.push_back(compile(value, depth + 1));
                }
                return constant_if_possible(std::move(node));
            case Value::Kind::Null:
            case Value::Kind::Bool:
            case Value::Kind::Integer:
            case Value::Kind::BigInteger:
            case Value::Kind::Real:
                break;
        }
        return constant_node(structure);
    }
    [[nodiscard]] const std::optional<CompileError>& error() const { return error_; }

private:
    Template compile_text(std::string_view text) {
        auto result = Template::compile(text, slot_of_);
        if (auto* error = std::get_if<CompileError>(&result)) {
            error_ = error_ ? error_ : std::optional(std::move(*error));
            return {};
        }
        return std::move(std::get<Template>(result));
    }

    const SlotResolver& slot_of_;
    std::optional<CompileError> error_;
};

// Of repeated keys the last value wins, in the place of the first.
void set_member(Map& map, std::string key, Value value) {
    const auto same = std::find_if(map.begin(), map.end(),
                                   [&key](const auto& member) { return member.first == key; });
    if (same != map.end()) {
        same->second = std::move(value);
    } else {
        map.emplace_back(std::move(key), std::move(value));
    }
}

std::optional<Value> evaluate_map(const Node& node, Slots slots, CallContext& context) {
    Map map;
    map.reserve(node.children.size());
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        std::string key;
        std::optional<Value> value = evaluate_node(node.children[i], slots, context);
        if (!value || !node.keys[i].append(key, slots, context)) {
            return std::nullopt;
        }
        set_member(map, std::move(key), std::move(*value));
    }
    return Value(std::move(map));
}

bool append_text_json(const Template& text, std::string& out, Slots slots, CallContext& context) {
    const auto needs_escape = [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    };
    out += '"';
    const std::size_t start = out.size();
    if (!text.append(out, slots, context)) {
        return false;
    }
    const auto added = out.begin() + static_cast<std::ptrdiff_t>(start);
    if (std::any_of(added, out.end(), needs_escape)) {
        const std::string escaped = base::escape_json(std::string_view(out).substr(start));
        out.replace(start, std::string::npos, escaped);
    }
    out += '"';
    return true;
}

bool has_constant_keys(const Node& node) {
    return std::all_of(node.keys.begin(), node.keys.end(),
                       [](const Template& key) { return key.constant_value() != nullptr; });
}

bool append_list_json(const Node& node, std::string& out, Slots slots, CallContext& context) {
    char separator = '[';
    for (const Node& child : node.children) {
        out += separator;
        separator = ',';
        if (!append_node_json(child, out, slots, context)) {
            return false;
        }
    }
    out += ']';
    return true;
}

bool append_map_json(const Node& node, std::string& out, Slots slots, CallContext& context) {
    if (!has_constant_keys(node)) {
        // Computed keys may repeat each other.
        const std::optional<Value> map = evaluate_map(node, slots, context);
        if (map) {
            map->append_json(out);
        }
        return map.has_value();
    }
    char separator = '{';
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        out += separator;
        separator = ',';
        if (!append_text_json(node.keys[i], out, slots, context)) {
            return false;
        }
        out += ':';
        if (!append_node_json(node.children[i], out, slots, context)) {
            return false;
        }
    }
    out += '}';
    return true;
}

// The structure as it was written.
Value source_of(const Node& node) {
    switch (node.kind) {
        case Kind::Constant:
            return node.value;
        case Kind::Text:
        case Kind::Quoted:
            return Value(node.text.source());
        case Kind::Items: {
            List list;
            for (const Node& child : node.children) {
                list.push_back(source_of(child));
            }
            return Value(std::move(list));
        }
        case Kind::Members: {
            Map map;
            for (std::size_t i = 0; i < node.children.size(); ++i) {
                map.emplace_back(node.keys[i].source(), source_of(node.children[i]));
            }
            return Value(std::move(map));
        }
    }
    return {};
}

}  // namespace

Node constant_node(Value value) {
    Node node;
    node.json = value.json();
    node.value = std::move(value);
    return node;
}

Node text_node(Template text, Kind kind) {
    if (const Value* constant = text.constant_value()) {
        return constant_node(kind == Kind::Quoted ? Value(constant->text()) : *constant);
    }
    Node node;
    node.kind = kind;
    node.text = std::move(text);
    return node;
}

Node constant_if_possible(Node node) {
    const bool is_constant =
        has_constant_keys(node) &&
        std::all_of(node.children.begin(), node.children.end(),
                    [](const Node& child) { return child.kind == Kind::Constant; });
    if (!is_constant) {
        return node;
    }
    CallContext context;
    std::optional<Value> value = evaluate_node(node, {}, context);
    BOOM_ASSERT(value.has_value());
    return constant_node(std::move(*value));
}

std::optional<Value> evaluate_node(const Node& node, Slots slots, CallContext& context) {
    switch (node.kind) {
        case Kind::Constant:
            return node.value;
        case Kind::Text:
            return node.text.evaluate(slots, context);
        case Kind::Quoted: {
            std::string text;
            return node.text.append(text, slots, context)
                       ? std::optional<Value>(Value(std::move(text)))
                       : std::nullopt;
        }
        case Kind::Items: {
            List list;
            list.reserve(node.children.size());
            for (const Node& child : node.children) {
                std::optional<Value> item = evaluate_node(child, slots, context);
                if (!item) {
                    return std::nullopt;
                }
                list.push_back(std::move(*item));
            }
            return Value(std::move(list));
        }
        case Kind::Members:
            return evaluate_map(node, slots, context);
    }
    return std::nullopt;
}

bool append_node_json(const Node& node, std::string& out, Slots slots, CallContext& context) {
    switch (node.kind) {
        case Kind::Constant:
            out += node.json;
            return true;
        case Kind::Quoted:
            return append_text_json(node.text, out, slots, context);
        case Kind::Items:
            return append_list_json(node, out, slots, context);
        case Kind::Members:
            return append_map_json(node, out, slots, context);
        case Kind::Text:
            break;
    }
    if (node.text.parts().size() > 1) {
        return append_text_json(node.text, out, slots, context);
    }
    const Template::Part& part = node.text.parts().front();
    if (part.kind == Template::Part::Kind::Slot) {
        BOOM_ASSERT(static_cast<std::size_t>(part.slot) < slots.size());
        slots[static_cast<std::size_t>(part.slot)].append_json(out);
        return true;
    }
    const std::optional<Value> value = node.text.evaluate(slots, context);
    if (value) {
        value->append_json(out);
    }
    return value.has_value();
}

void collect_slots(const Node& node, std::vector<int>& slots) {
    const auto add = [&slots](const Template& text) {
        const std::vector<int> more = text.slots_read();
        slots.insert(slots.end(), more.begin(), more.end());
    };
    add(node.text);
    std::for_each(node.keys.begin(), node.keys.end(), add);
    for (const Node& child : node.children) {
        collect_slots(child, slots);
    }
}

std::variant<ValueTemplate, CompileError> ValueTemplate::compile(const Value& structure,
                                                                 const SlotResolver& slot_of) {
    StructureCompiler compiler(slot_of);
    Node root = compiler.compile(structure, 0);
    if (compiler.error()) {
        return *compiler.error();
    }
    ValueTemplate result;
    result.root_ = std::make_shared<const Node>(std::move(root));
    return result;
}

std::optional<Value> ValueTemplate::evaluate(Slots slots, CallContext& context) const {
    return root_ == nullptr ? Value() : evaluate_node(*root_, slots, context);
}

bool ValueTemplate::append_json(std::string& out, Slots slots, CallContext& context) const {
    if (root_ == nullptr) {
        out += "null";
        return true;
    }
    return append_node_json(*root_, out, slots, context);
}

const Value* ValueTemplate::constant_value() const {
    static const Value null;
    if (root_ == nullptr) {
        return &null;
    }
    return root_->kind == Kind::Constant ? &root_->value : nullptr;
}

std::vector<int> ValueTemplate::slots_read() const {
    std::vector<int> slots;
    if (root_ != nullptr) {
        collect_slots(*root_, slots);
        sort_slots(slots);
    }
    return slots;
}

std::string ValueTemplate::source() const {
    return root_ == nullptr ? "null" : source_of(*root_).text();
}

}  // namespace boom::expr
