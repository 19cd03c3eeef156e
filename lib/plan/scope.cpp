#include "plan/scope.hpp"

#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::plan {
namespace {

expr::Value escaped(const expr::Value& value) {
    if (value.kind() == expr::Value::Kind::Text) {
        return expr::Value(escape_references(value.as_text()));
    }
    if (value.kind() == expr::Value::Kind::List) {
        expr::List list;
        for (const expr::Value& item : value.as_list()) {
            list.push_back(escaped(item));
        }
        return expr::Value(std::move(list));
    }
    if (value.kind() == expr::Value::Kind::Map) {
        expr::Map map;
        for (const auto& [key, member] : value.as_map()) {
            map.emplace_back(escape_references(key), escaped(member));
        }
        return expr::Value(std::move(map));
    }
    return value;
}

}  // namespace

std::string escape_references(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result.append(c == '$' ? 2 : 1, c);
    }
    return result;
}

int Scope::add_slot() {
    values_.emplace_back();
    is_constant_.push_back(false);
    return slot_count() - 1;
}

int Scope::define_config(const std::string& name) {
    return frames_.back().config[name] = add_slot();
}

int Scope::define_step(const std::string& name) {
    return frames_.back().step[name] = add_slot();
}

int Scope::define_extracted(const std::string& name) {
    if (life_ == Life::User) {
        return define_config(name);
    }
    Names& extracted = frames_.back().extracted;
    const auto found = extracted.find(name);
    if (found != extracted.end()) {
        return found->second;
    }
    iteration_slots_.push_back(add_slot());
    return extracted[name] = iteration_slots_.back();
}

std::vector<std::pair<int, int>> Scope::leave_reference(const std::vector<std::string>& exports) {
    std::vector<std::pair<int, int>> copies;
    const Frame inner = std::move(frames_.back());
    frames_.pop_back();
    for (const std::string& name : exports) {
        const auto extracted = inner.extracted.find(name);
        const auto config = inner.config.find(name);
        if (extracted == inner.extracted.end() && config == inner.config.end()) {
            continue;  // one of the referring case, or unknown
        }
        const int from = extracted != inner.extracted.end() ? extracted->second : config->second;
        copies.emplace_back(from, define_extracted(name));
    }
    return copies;
}

void Scope::set_constant(int slot, expr::Value value) {
    values_[static_cast<std::size_t>(slot)] = std::move(value);
    is_constant_[static_cast<std::size_t>(slot)] = true;
}

void Scope::announce_extract(const std::string& name, const std::string& step) {
    announced_.emplace(name, step);
}

int Scope::find(std::string_view name) const {
    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
        const bool is_hidden = frame == frames_.rbegin() && name == hidden_;
        if (const auto found = frame->step.find(name); found != frame->step.end() && !is_hidden) {
            return found->second;
        }
        if (const auto found = frame->extracted.find(name); found != frame->extracted.end()) {
            return found->second;
        }
    }
    for (const Frame& frame : frames_) {
        if (const auto found = frame.config.find(name); found != frame.config.end()) {
            return found->second;
        }
    }
    return -1;
}

std::vector<int> Scope::extracted_slots() const {
    return iteration_slots_;
}

std::vector<std::pair<std::string, int>> Scope::extracted() const {
    return {frames_.front().extracted.begin(), frames_.front().extracted.end()};
}

expr::SlotResolver Scope::resolver() {
    unknown_.clear();
    expr::SlotResolver resolver = [this](std::string_view name) {
        const int slot = find(name);
        if (slot < 0 && unknown_.empty()) {
            unknown_ = name;
        }
        return slot;
    };
    resolver.functions = functions_;
    return resolver;
}

std::string Scope::hint(const std::string& name) const {
    if (name.empty()) {
        return {};
    }
    if (const auto found = announced_.find(name); found != announced_.end()) {
        return fmt::format("it is extracted only later, by step '{}'", found->second);
    }
    return nearest(name);
}

std::string Scope::nearest(const std::string& name) const {
    std::vector<std::string_view> known;
    for (const Frame& frame : frames_) {
        for (const Names* names : {&frame.step, &frame.extracted, &frame.config}) {
            for (const auto& [known_name, slot] : *names) {
                known.push_back(known_name);
            }
        }
    }
    return base::did_you_mean(name, known);
}

void Scope::explain(const YamlNode& scalar, const expr::CompileError& error) {
    mistakes_.add_inside(scalar, error.offset, error.what, hint(std::exchange(unknown_, {})));
}

// A call may give another value each time, so a text with one is never folded.
bool Scope::is_foldable(const std::vector<int>& slots, std::string_view source) const {
    const bool may_call =
        source.find("${") != std::string_view::npos && source.find('(') != std::string_view::npos;
    return !slots.empty() && !may_call && std::all_of(slots.begin(), slots.end(), [this](int slot) {
        return is_constant_[static_cast<std::size_t>(slot)];
    });
}

expr::Template Scope::text(const YamlNode& node) {
    auto result = expr::Template::compile(node.text, resolver());
    if (const auto* error = std::get_if<expr::CompileError>(&result)) {
        explain(node, *error);
        return {};
    }
    auto& compiled = std::get<expr::Template>(result);
    if (is_foldable(compiled.slots_read(), compiled.source())) {
        expr::CallContext context;
        if (auto value = compiled.evaluate(values_, context)) {
            return expr::Template::constant(std::move(*value));
        }
    }
    return std::move(compiled);
}

expr::Template Scope::literal(std::string_view text) {
    return expr::Template::constant(expr::Value(text));
}

expr::ValueTemplate Scope::structure(const YamlNode& node) {
    auto result = expr::ValueTemplate::compile(value_of(node), resolver());
    if (std::holds_alternative<expr::CompileError>(result)) {
        const std::size_t before = mistakes_.count();
        explain_all(node);
        if (mistakes_.count() == before) {
            mistakes_.add(node, std::get<expr::CompileError>(result).what);
        }
        return {};
    }
    auto& compiled = std::get<expr::ValueTemplate>(result);
    if (is_foldable(compiled.slots_read(), compiled.source())) {
        expr::CallContext context;
        if (const auto value = compiled.evaluate(values_, context)) {
            return constant(*value);
        }
    }
    return std::move(compiled);
}

expr::ValueTemplate Scope::constant(const expr::Value& value) {
    auto result = expr::ValueTemplate::compile(escaped(value), resolver());
    return std::move(std::get<expr::ValueTemplate>(result));
}

expr::ValueTemplate Scope::copy_of(int slot) {
    auto result = expr::ValueTemplate::compile(expr::Value("$slot"),
                                               [slot](std::string_view) { return slot; });
    return std::move(std::get<expr::ValueTemplate>(result));
}

void Scope::explain_all(const YamlNode& node) {
    if (node.is_scalar()) {
        const auto result = expr::Template::compile(node.text, resolver());
        if (const auto* error = std::get_if<expr::CompileError>(&result)) {
            explain(node, *error);
        }
    }
    for (const YamlNode& key : node.keys) {
        explain_all(key);
    }
    for (const YamlNode& item : node.items) {
        explain_all(item);
    }
}

std::string Scope::name_text(const YamlNode& node) {
    const expr::Template compiled = text(node);
    const expr::Value* constant = compiled.constant_value();
    return constant != nullptr && !constant->is_null() ? constant->text() : node.text;
}

}  // namespace boom::plan
