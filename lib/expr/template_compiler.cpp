#include "expr/template_compiler.hpp"

#include "base/suggest.hpp"
#include "expr/function_table.hpp"
#include "expr/limits.hpp"
#include "expr/number.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace boom::expr {
namespace {

using Part = Template::Part;
using Node = ValueTemplate::Node;

void append_literal(std::vector<Part>& parts, std::string_view text) {
    if (text.empty()) {
        return;
    }
    // A part with a value is a folded call, which stays apart.
    if (parts.empty() || parts.back().kind != Part::Kind::Literal ||
        !parts.back().literal.is_null()) {
        parts.emplace_back();
    }
    parts.back().text += text;
}

// A text without references is one part, with its value.
void join_literals(std::vector<Part>& parts) {
    const bool is_constant = std::all_of(parts.begin(), parts.end(), [](const Part& part) {
        return part.kind == Part::Kind::Literal;
    });
    if (parts.empty() || !is_constant || (parts.size() == 1 && !parts[0].literal.is_null())) {
        return;
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
        parts[0].text += parts[i].text;
    }
    parts.resize(1);
    parts[0].literal = Value(parts[0].text);
}

// A JSON number without exponent is a number; anything else stays a text.
std::optional<Value> plain_number(std::string_view text) {
    const std::size_t first = text.find_first_not_of("-.0123456789");
    return first == std::string_view::npos ? number_from_text(text) : std::nullopt;
}

std::string argument_count_text(const Function& function) {
    const auto plural = [](std::size_t count) { return count == 1 ? "" : "s"; };
    if (function.min_arguments == function.max_arguments) {
        return fmt::format("{} argument{}", function.min_arguments, plural(function.min_arguments));
    }
    if (function.max_arguments == kAnyNumber) {
        return fmt::format("at least {} argument{}", function.min_arguments,
                           plural(function.min_arguments));
    }
    return fmt::format("{} to {} arguments", function.min_arguments, function.max_arguments);
}

}  // namespace

void TemplateCompiler::fail(std::string what, std::size_t offset) {
    if (!error_) {
        error_ = CompileError{std::move(what), offset};
    }
}

bool TemplateCompiler::can_nest(std::size_t offset) {
    if (depth_ == kMaxDepth) {
        fail("nested too deeply", offset);
    }
    return !error_;
}

std::vector<Part> TemplateCompiler::compile_text(Excerpt text) {
    std::vector<Part> parts;
    if (!can_nest(text.offset)) {
        return parts;
    }
    ++depth_;
    std::size_t at = 0;
    while (at < text.text.size() && !error_) {
        const std::size_t dollar = std::min(text.text.find('$', at), text.text.size());
        append_literal(parts, text.text.substr(at, dollar - at));
        at = dollar;
        if (at == text.text.size()) {
            break;
        }
        const std::optional<Reference> reference = read_reference(text.sub(at));
        if (!reference) {
            append_literal(parts, "$");
            ++at;
            continue;
        }
        add_reference(parts, *reference, text.offset + at);
        at += reference->size;
    }
    --depth_;
    join_literals(parts);
    return parts;
}

void TemplateCompiler::add_reference(std::vector<Part>& parts, const Reference& reference,
                                     std::size_t offset) {
    if (reference.kind == Reference::Kind::Dollar) {
        append_literal(parts, "$");
        return;
    }
    if (reference.kind == Reference::Kind::Call) {
        parts.push_back(compile_call(reference, offset));
        return;
    }
    Part part;
    part.kind = Part::Kind::Slot;
    part.slot = slot_of_(reference.name);
    if (part.slot < 0 && unknown_ == Unknown::Refuse) {
        fail(fmt::format("variable '{}' is not defined", reference.name), offset);
    }
    parts.push_back(std::move(part));
}

const Function* TemplateCompiler::find_function(const Reference& call, std::size_t offset) {
    const Function* function =
        slot_of_.functions != nullptr ? slot_of_.functions->find(call.name) : nullptr;
    function = function != nullptr ? function : find_built_in(call.name);
    if (function != nullptr || unknown_ == Unknown::Accept) {
        return function;
    }
    std::vector<std::string_view> known;
    for (const Function& candidate : built_in_functions()) {
        known.push_back(candidate.name);
    }
    if (slot_of_.functions != nullptr) {
        for (const std::string_view name : slot_of_.functions->names()) {
            known.push_back(name);
        }
    }
    const std::string hint = base::did_you_mean(call.name, known);
    fail(fmt::format("function '{}' is not defined{}{}", call.name, hint.empty() ? "" : ", ", hint),
         offset);
    return nullptr;
}

Part TemplateCompiler::compile_call(const Reference& call, std::size_t offset) {
    Part part;
    part.kind = Part::Kind::Call;
    if (!can_nest(offset)) {
        return part;
    }
    ++depth_;
    part.function = find_function(call, offset);
    if (!call.arguments.trimmed().text.empty()) {
        for (const Excerpt& argument : split_arguments(call.arguments, ',')) {
            if (error_) {
                break;
            }
            part.arguments.push_back(compile_argument(argument.trimmed()));
        }
    }
    --depth_;
    if (error_ || part.function == nullptr) {
        return part;
    }
    const std::size_t count = part.arguments.size();
    if (count < part.function->min_arguments || count > part.function->max_arguments) {
        fail(fmt::format("{}() takes {}, not {}", call.name, argument_count_text(*part.function),
                         count),
             offset);
        return part;
    }
    fold(part, offset);
    return part;
}

void TemplateCompiler::fold(Part& call, std::size_t offset) {
    const bool is_constant =
        call.function->is_constant &&
        std::all_of(call.arguments.begin(), call.arguments.end(),
                    [](const Node& node) { return node.kind == Node::Kind::Constant; });
    if (!is_constant) {
        return;
    }
    CallContext context;
    std::optional<Value> result = evaluate_call(call, {}, context);
    if (!result) {
        fail(std::move(context.error), offset);
        return;
    }
    if (result->is_null()) {
        return;
    }
    call = Part{};
    result->append_text(call.text);
    call.literal = std::move(*result);
}

Node TemplateCompiler::compile_argument(Excerpt text) {
    if (text.text.empty()) {
        return constant_node(Value());
    }
    if (std::optional<Value> number = plain_number(text.text)) {
        return constant_node(std::move(*number));
    }
    if (const std::optional<std::string> quoted = unquote(text.text)) {
        return compile_template({*quoted, text.offset}, Node::Kind::Quoted);
    }
    if (text.text.front() == '[') {
        if (std::optional<Node> list = compile_list(text)) {
            return std::move(*list);
        }
    }
    if (text.text.front() == '{') {
        if (std::optional<Node> map = compile_map(text)) {
            return std::move(*map);
        }
    }
    if (const std::optional<Reference> call = read_bare_call(text)) {
        std::vector<Part> parts;
        parts.push_back(compile_call(*call, text.offset));
        return text_node(Template::from_parts(std::string(text.text), std::move(parts)),
                         Node::Kind::Text);
    }
    return compile_template(text, Node::Kind::Text);
}

Node TemplateCompiler::compile_template(Excerpt text, Node::Kind kind) {
    return text_node(Template::from_parts(std::string(text.text), compile_text(text)), kind);
}

Node TemplateCompiler::compile_element(Excerpt text) {
    if (text.text == "true" || text.text == "false") {
        return constant_node(Value(text.text == "true"));
    }
    if (text.text == "null") {
        return constant_node(Value());
    }
    return compile_argument(text);
}

std::optional<Node> TemplateCompiler::compile_list(Excerpt text) {
    if (text.text.back() != ']' || !can_nest(text.offset)) {
        return std::nullopt;
    }
    ++depth_;
    Node node;
    node.kind = Node::Kind::Items;
    const Excerpt inside = text.sub(1, text.text.size() - 2).trimmed();
    if (!inside.text.empty()) {
        for (const Excerpt& element : split_arguments(inside, ',')) {
            node.children.push_back(compile_element(element.trimmed()));
        }
    }
    --depth_;
    return constant_if_possible(std::move(node));
}

std::optional<Node> TemplateCompiler::compile_map(Excerpt text) {
    if (text.text.back() != '}' || !can_nest(text.offset)) {
        return std::nullopt;
    }
    ++depth_;
    Node node;
    node.kind = Node::Kind::Members;
    const Excerpt inside = text.sub(1, text.text.size() - 2).trimmed();
    for (const Excerpt& member :
         inside.text.empty() ? std::vector<Excerpt>() : split_arguments(inside, ',')) {
        const Excerpt left = split_arguments(member, ':').front();
        const Excerpt key = left.trimmed();
        if (left.text.size() == member.text.size() || key.text.empty()) {
            --depth_;
            return std::nullopt;
        }
        const std::string name = unquote(key.text).value_or(std::string(key.text));
        node.keys.push_back(Template::from_parts(name, compile_text({name, key.offset})));
        node.children.push_back(compile_element(member.sub(left.text.size() + 1).trimmed()));
    }
    --depth_;
    return constant_if_possible(std::move(node));
}

}  // namespace boom::expr
