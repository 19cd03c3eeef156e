#include "expr/template.hpp"

#include "base/assert.hpp"
#include "expr/template_compiler.hpp"
#include "expr/template_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {
namespace {

using Part = Template::Part;

// Calls with no more arguments than this need no allocation for them.
constexpr std::size_t kFewArguments = 4;

std::optional<Value> call_with(const Part& part, std::span<Value> arguments, Slots slots,
                               CallContext& context) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::optional<Value> argument = evaluate_node(part.arguments[i], slots, context);
        if (!argument) {
            return std::nullopt;
        }
        arguments[i] = std::move(*argument);
    }
    if (!part.function->is_of_user) {
        return part.function->call(context, arguments);
    }
    if (context.user_calls == nullptr) {
        context.error = fmt::format("{}() cannot be called here", part.function->name);
        return std::nullopt;
    }
    return context.user_calls->call(context, part.function->name, arguments);
}

const Value& slot_value(const Part& part, Slots slots) {
    BOOM_ASSERT(static_cast<std::size_t>(part.slot) < slots.size());
    return slots[static_cast<std::size_t>(part.slot)];
}

}  // namespace

std::optional<Value> evaluate_call(const Part& part, Slots slots, CallContext& context) {
    const std::size_t count = part.arguments.size();
    if (count <= kFewArguments) {
        std::array<Value, kFewArguments> arguments;
        return call_with(part, std::span(arguments).first(count), slots, context);
    }
    std::vector<Value> arguments(count);
    return call_with(part, arguments, slots, context);
}

void sort_slots(std::vector<int>& slots) {
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
}

std::variant<Template, CompileError> Template::compile(std::string_view text,
                                                       const SlotResolver& slot_of) {
    TemplateCompiler compiler(slot_of, TemplateCompiler::Unknown::Refuse);
    std::vector<Part> parts = compiler.compile_text({text, 0});
    if (compiler.error()) {
        return *compiler.error();
    }
    return from_parts(std::string(text), std::move(parts));
}

Template Template::constant(Value value) {
    Part part;
    value.append_text(part.text);
    part.literal = std::move(value);
    std::string source = part.text;
    std::vector<Part> parts;
    parts.push_back(std::move(part));
    return from_parts(std::move(source), std::move(parts));
}

Template Template::from_parts(std::string source, std::vector<Part> parts) {
    Template result;
    result.source_ = std::move(source);
    result.parts_ = std::make_shared<const std::vector<Part>>(std::move(parts));
    return result;
}

std::span<const Part> Template::parts() const {
    return parts_ == nullptr ? std::span<const Part>() : std::span<const Part>(*parts_);
}

std::optional<Value> Template::evaluate(Slots slots, CallContext& context) const {
    if (parts().size() == 1) {
        const Part& part = parts().front();
        switch (part.kind) {
            case Part::Kind::Literal:
                return part.literal;
            case Part::Kind::Slot:
                return slot_value(part, slots);
            case Part::Kind::Call:
                return evaluate_call(part, slots, context);
        }
    }
    std::string text;
    if (!append(text, slots, context)) {
        return std::nullopt;
    }
    return Value(std::move(text));
}

bool Template::append(std::string& out, Slots slots, CallContext& context) const {
    for (const Part& part : parts()) {
        switch (part.kind) {
            case Part::Kind::Literal:
                out += part.text;
                break;
            case Part::Kind::Slot:
                slot_value(part, slots).append_text(out);
                break;
            case Part::Kind::Call: {
                const std::optional<Value> result = evaluate_call(part, slots, context);
                if (!result) {
                    return false;
                }
                result->append_text(out);
                break;
            }
        }
    }
    return true;
}

const Value* Template::constant_value() const {
    static const Value empty_text("");
    if (parts().empty()) {
        return &empty_text;
    }
    const bool is_constant = parts().size() == 1 && parts().front().kind == Part::Kind::Literal;
    return is_constant ? &parts().front().literal : nullptr;
}

std::vector<int> Template::slots_read() const {
    std::vector<int> slots;
    for (const Part& part : parts()) {
        if (part.kind == Part::Kind::Slot) {
            slots.push_back(part.slot);
        }
        for (const ValueTemplate::Node& argument : part.arguments) {
            collect_slots(argument, slots);
        }
    }
    sort_slots(slots);
    return slots;
}

std::vector<std::string> referenced_names(std::string_view text) {
    std::vector<std::string> names;
    const SlotResolver note = [&names](std::string_view name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.emplace_back(name);
        }
        return -1;
    };
    TemplateCompiler compiler(note, TemplateCompiler::Unknown::Accept);
    // Only the names matter; what is wrong is reported when the text is compiled.
    static_cast<void>(compiler.compile_text({text, 0}));
    return names;
}

}  // namespace boom::expr
