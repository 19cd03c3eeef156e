// The `config` part of a test case.

#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 21> kConfigKeys = {
    "name",         "base_url",           "variables",  "headers",  "verify",
    "timeout",      "request_timeout",    "think_time", "weight",   "fail_on_status",
    "parameters",   "parameters_setting", "export",     "environs", "path",
    "plugin",       "case_timeout",       "websocket",  "workers",  "enabled",
    "clear_cookies"};
constexpr std::array<std::string_view, 5> kPlannedConfigKeys = {"setup_hooks", "teardown_hooks",
                                                                "ios", "android", "http2"};
// In files of HttpRunner, filled in by its tools or of no effect on a load test there either.
constexpr std::array<std::string_view, 3> kLegacyKeys = {"path", "plugin", "case_timeout"};

// The value of the profile, in place of the node's.
YamlNode overridden(YamlNode node, const std::string& text) {
    node.kind = YamlNode::Kind::Scalar;
    node.text = text;
    node.is_plain = true;
    node.items.clear();
    node.keys.clear();
    return node;
}

// Literals that win over variables and base_url: of the environment (hrp-boom 6.1) and the profile.
enum class Literals { Texts, AnyType };

template <typename Map>
void override_variables(const Map& literals, Literals kind, const YamlNode& root,
                        std::vector<Variable>& variables) {
    for (const auto& [name, text] : literals) {
        if (!is_variable_name(name)) {
            continue;
        }
        const auto same =
            std::find_if(variables.begin(), variables.end(),
                         [&name = name](const Variable& known) { return known.name == name; });
        const bool is_known = same != variables.end();
        Variable variable{name, overridden(is_known ? same->node : root, text), true,
                          kind == Literals::Texts};
        if (is_known) {
            *same = std::move(variable);
        } else {
            variables.push_back(std::move(variable));
        }
    }
}

}  // namespace

void CaseCompiler::read_config(const YamlNode* config, Role role) {
    if (config != nullptr &&
        !check_map(*config, "config", {kConfigKeys, kPlannedConfigKeys}, mistakes_)) {
        config = nullptr;
    }
    for (const std::string_view key : kLegacyKeys) {
        if (config != nullptr && config->find(key) != nullptr) {
            warn(fmt::format("'config.{}' has no effect", key));
        }
    }
    if (role == Role::Case) {
        read_environment(config);
        read_script();
    }
    read_config_variables(config, role);
    if (role == Role::Case) {
        collect_files(root_);
    }
    settings_.timeout = profile_.timeout;
    settings_.verify = !profile_.no_verify;
    if (config == nullptr) {
        return;
    }
    if (const YamlNode* name = config->find("name");
        name != nullptr && read_text(name, "name", mistakes_) && role == Role::Case) {
        case_.name = scope_.name_text(*name);
    }
    settings_.headers = config->find("headers");
    for (const std::string_view key : {"request_timeout", "timeout"}) {
        const YamlNode* node = config->find(key);
        if (const auto timeout = read_duration(node, key, mistakes_)) {
            settings_.timeout = *timeout;
            if (*timeout <= base::Duration::zero()) {
                mistakes_.add(*node, "a timeout must be above 0");
            }
        }
    }
    const std::optional<bool> verify = read_flag(config->find("verify"), "verify", mistakes_);
    settings_.verify = settings_.verify && verify.value_or(true);
    settings_.fail_on_status =
        read_flag(config->find("fail_on_status"), "fail_on_status", mistakes_).value_or(true);
    read_weight(config->find("weight"), role);
    const std::optional<bool> clears =
        read_flag(config->find("clear_cookies"), "clear_cookies", mistakes_);
    case_.clears_cookies = role == Role::Case ? clears.value_or(false) : case_.clears_cookies;
    if (const YamlNode* web_socket = config->find("websocket")) {
        read_web_socket_settings(*web_socket);
    }
    if (const YamlNode* think_time = config->find("think_time")) {
        settings_.think_time = read_think_strategy(*think_time, mistakes_);
    }
    read_workers(config->find("workers"), role);
    if (role == Role::Case && part_.part == Part::Load) {
        read_parameters(*config);
    } else if (role == Role::Case) {
        return;  // the one user of that part takes no row
    } else {
        warn_of_load_keys(*config);
    }
}

// What only the case that a run names can say: a referenced one has no load of its own, and one
// environment is for all.
void CaseCompiler::warn_of_load_keys(const YamlNode& config) {
    for (const std::string_view key : {"parameters", "parameters_setting", "weight", "workers",
                                       "environs", "enabled", "clear_cookies"}) {
        if (config.find(key) != nullptr) {
            warn(fmt::format("'config.{}' of a referenced case has no effect", key));
        }
    }
}

void CaseCompiler::read_weight(const YamlNode* node, Role role) {
    if (node == nullptr) {
        return;
    }
    const std::int64_t value = read_integer(node, "weight", mistakes_).value_or(1);
    if (value < 1) {
        mistakes_.add(*node, "'weight' must be 1 or more");
    }
    case_.weight = role == Role::Case ? value : case_.weight;
}

void CaseCompiler::read_workers(const YamlNode* node, Role role) {
    if (node == nullptr) {
        return;
    }
    const std::string text = worker_choice_text(*node, mistakes_);
    auto choice = load::parse_worker_choice(text);
    if (const auto* what = std::get_if<std::string>(&choice)) {
        mistakes_.add(*node, "'workers' " + *what);
    } else if (role == Role::Case) {
        case_.workers = std::get<load::WorkerChoice>(std::move(choice));
    }
}

auto CaseCompiler::config_variables(const YamlNode* config, Role role) -> std::vector<Variable> {
    const YamlNode* node = config != nullptr ? config->find("variables") : nullptr;
    std::vector<Variable> variables = read_variables(node, mistakes_);
    const auto find = [&variables](std::string_view name) {
        return std::find_if(variables.begin(), variables.end(),
                            [name](const Variable& known) { return known.name == name; });
    };
    const YamlNode* base_url = config != nullptr ? config->find("base_url") : nullptr;
    if (base_url != nullptr && read_text(base_url, "base_url", mistakes_)) {
        if (const auto same = find("base_url"); same != variables.end()) {
            same->node = *base_url;
        } else {
            variables.push_back({"base_url", *base_url, false, false});
        }
    }
    if (role == Role::Case) {
        override_variables(environment_, Literals::Texts, root_, variables);
        override_variables(profile_.var, Literals::AnyType, root_, variables);
    }
    // What the referring case defines wins.
    std::erase_if(variables, [this, role](const Variable& variable) {
        return role == Role::Referenced && scope_.find(variable.name) >= 0;
    });
    return variables;
}

// What the run_setup extracts wins over config variables, but in the setup itself, where it is not
// known yet. Never a constant of the plan: a case is the same before and after the setup.
void CaseCompiler::define_run_values(std::vector<Variable>& variables,
                                     std::vector<Assignment>& assignments) {
    for (const std::string& name : part_.names) {
        const auto same = std::find_if(variables.begin(), variables.end(),
                                       [&](const Variable& known) { return known.name == name; });
        if (same != variables.end() && part_.part == Part::RunSetup) {
            continue;
        }
        if (same != variables.end()) {
            variables.erase(same);
        }
        const int slot = scope_.define_config(name);
        const expr::Value* value = part_.values != nullptr ? part_.values->member(name) : nullptr;
        if (value != nullptr) {
            assignments.push_back({slot, scope_.constant(*value)});
        }
    }
}

void CaseCompiler::read_config_variables(const YamlNode* config, Role role) {
    std::vector<Variable> variables = config_variables(config, role);
    const bool has_base_url = (config != nullptr && config->find("base_url") != nullptr) ||
                              profile_.var.contains("base_url") ||
                              environment_.contains("base_url") || scope_.find("base_url") >= 0;
    std::vector<Assignment> assignments;
    if (role == Role::Case) {
        define_run_values(variables, assignments);
    }
    for (const Variable& variable : variables) {
        scope_.define_config(variable.name);
    }
    for (const Variable& variable :
         order_by_dependency(std::move(variables), SelfReference::Mistake, mistakes_)) {
        YamlNode value = variable.node;
        if (variable.is_literal) {
            value.is_plain =
                !variable.is_text && scalar_value(value.text).kind() != expr::Value::Kind::Text;
            value.text = value.is_plain ? value.text : escape_references(value.text);
        }
        Assignment assignment{scope_.find(variable.name), scope_.structure(value)};
        if (const expr::Value* constant = assignment.value.constant_value()) {
            scope_.set_constant(assignment.slot, *constant);
        }
        assignments.push_back(std::move(assignment));
    }
    if (role == Role::Case) {
        case_.variables = std::move(assignments);
    } else {
        emit_assign(std::move(assignments), plan_.steps.empty() ? -1 : last_row());
    }
    settings_.has_base_url = has_base_url;
    if (has_base_url && mistakes_.count() == 0) {
        YamlNode reference;
        reference.kind = YamlNode::Kind::Scalar;
        reference.text = "$base_url";
        settings_.base_url = scope_.text(reference);
    }
}

}  // namespace boom::plan
