#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::plan {
namespace {

void collect_names(const YamlNode& node, std::vector<std::string>& names) {
    if (node.is_scalar()) {
        for (std::string& name : expr::referenced_names(node.text)) {
            names.push_back(std::move(name));
        }
    }
    for (const YamlNode& key : node.keys) {
        collect_names(key, names);
    }
    for (const YamlNode& item : node.items) {
        collect_names(item, names);
    }
}

// Depth first: a variable comes after all that it refers to.
class Sorter {
public:
    Sorter(std::vector<Variable>& variables, SelfReference self, Mistakes& mistakes)
        : variables_(variables),
          states_(variables.size(), State::New),
          self_(self),
          mistakes_(mistakes) {}

    std::vector<std::size_t> sort() {
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            visit(i);
        }
        return std::move(order_);
    }

private:
    enum class State { New, Open, Done };

    void visit(std::size_t i) {
        if (states_[i] != State::New) {
            return;
        }
        states_[i] = State::Open;
        path_.push_back(i);
        std::vector<std::string> names;
        if (!variables_[i].is_literal) {
            collect_names(variables_[i].node, names);
        }
        for (const std::string& name : names) {
            follow(i, name);
        }
        path_.pop_back();
        states_[i] = State::Done;
        order_.push_back(i);
    }
    void follow(std::size_t from, const std::string& name) {
        const auto found =
            std::find_if(variables_.begin(), variables_.end(),
                         [&name](const Variable& variable) { return variable.name == name; });
        if (found == variables_.end()) {
            return;
        }
        const auto to = static_cast<std::size_t>(found - variables_.begin());
        if (to == from) {
            if (self_ == SelfReference::Mistake) {
                mistakes_.add(variables_[to].node,
                              fmt::format("variable '{}' refers to itself", name));
            }
        } else if (states_[to] == State::Open) {
            report_circle(to);
        } else {
            visit(to);
        }
    }
    void report_circle(std::size_t start) {
        std::string text;
        for (auto it = std::find(path_.begin(), path_.end(), start); it != path_.end(); ++it) {
            text += variables_[*it].name + " -> ";
        }
        mistakes_.add(variables_[start].node,
                      fmt::format("circular reference: {}{}", text, variables_[start].name));
    }

    std::vector<Variable>& variables_;
    std::vector<State> states_;
    SelfReference self_;
    Mistakes& mistakes_;
    std::vector<std::size_t> path_, order_;
};

}  // namespace

bool is_variable_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::vector<Variable> read_variables(const YamlNode* node, Mistakes& mistakes) {
    std::vector<Variable> variables;
    if (!is_map(node, "variables", mistakes)) {
        return variables;
    }
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
        const YamlNode& key = node->keys[i];
        if (!is_variable_name(key.text)) {
            mistakes.add(key, fmt::format("'{}' cannot be the name of a variable", key.text),
                         "letters, digits and _");
            continue;
        }
        variables.push_back({key.text, node->items[i], false, false});
    }
    return variables;
}

std::vector<Variable> order_by_dependency(std::vector<Variable> variables, SelfReference self,
                                          Mistakes& mistakes) {
    std::vector<Variable> result;
    for (const std::size_t i : Sorter(variables, self, mistakes).sort()) {
        result.push_back(std::move(variables[i]));
    }
    return result;
}

std::vector<Assignment> CaseCompiler::read_step_variables(const YamlNode* node) {
    std::vector<Assignment> assignments;
    const std::vector<Variable> variables =
        order_by_dependency(read_variables(node, mistakes_), SelfReference::Outer, mistakes_);
    for (const Variable& variable : variables) {
        scope_.define_step(variable.name);
    }
    for (const Variable& variable : variables) {
        const int slot = scope_.find(variable.name);
        scope_.hide_step_variable(variable.name);
        Assignment assignment{slot, scope_.structure(variable.node)};
        scope_.hide_step_variable({});
        if (const expr::Value* constant = assignment.value.constant_value()) {
            scope_.set_constant(slot, *constant);
        }
        assignments.push_back(std::move(assignment));
    }
    return assignments;
}

}  // namespace boom::plan
