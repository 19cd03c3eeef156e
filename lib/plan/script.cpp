// The functions of a debugtalk.py: their names and counts of arguments, read from its text, so that
// a missing one is found before the start.

#include "base/text.hpp"
#include "expr/value.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::string_view kPythonFile = "debugtalk.py";

struct Signature {
    std::size_t min_arguments = 0;
    std::size_t max_arguments = 0;
};

void count_parameter(std::string_view parameter, bool& is_keyword_only, Signature& signature) {
    parameter = base::trim(parameter);
    if (parameter.empty() || parameter == "/" || parameter.starts_with("**") || is_keyword_only) {
        return;
    }
    if (parameter.starts_with('*')) {
        is_keyword_only = true;
        if (parameter.size() > 1) {
            signature.max_arguments = std::numeric_limits<std::size_t>::max();
        }
        return;
    }
    ++signature.max_arguments;
    signature.min_arguments += parameter.find('=') == std::string_view::npos ? 1U : 0U;
}

// From behind the opening parenthesis; empty when it is not closed.
std::optional<Signature> read_parameters(std::string_view text) {
    Signature signature;
    bool is_keyword_only = false;
    int depth = 0;
    char quote = '\0';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (depth > 0 && (c == ')' || c == ']' || c == '}')) {
            --depth;
        } else if (depth == 0 && (c == ',' || c == ')')) {
            count_parameter(text.substr(begin, i - begin), is_keyword_only, signature);
            begin = i + 1;
            if (c == ')') {
                return signature;
            }
        }
    }
    return std::nullopt;
}

void read_functions(std::string_view source, expr::UserFunctions& functions) {
    for (std::size_t at = 0; at < source.size();) {
        std::string_view line = source.substr(at);
        const std::size_t end = source.find('\n', at);
        at = end == std::string_view::npos ? source.size() : end + 1;
        // Only at the left margin: others are no functions of the module.
        constexpr std::string_view kAsync = "async ";
        constexpr std::string_view kDef = "def ";
        line.remove_prefix(line.starts_with(kAsync) ? kAsync.size() : 0);
        if (!line.starts_with(kDef)) {
            continue;
        }
        line.remove_prefix(kDef.size());
        const std::size_t open = line.find('(');
        if (open == std::string_view::npos || open > line.find('\n')) {
            continue;
        }
        const std::string_view name = base::trim(line.substr(0, open));
        const auto signature = read_parameters(line.substr(open + 1));
        if (is_variable_name(name) && !name.starts_with("__") && signature) {
            functions.add(std::string(name), signature->min_arguments, signature->max_arguments);
        }
    }
}

}  // namespace

// Lines "name<tab>fewest<tab>most arguments"; what is in both files could mean either.
void CaseCompiler::read_library(const std::string& path, Script& script) {
    script.library_path = path;
    script.library = std::make_shared<const std::string>(files_.content(path).view());
    const base::Content functions = files_.content(path + std::string(CaseFiles::kFunctions));
    for (const std::string_view line : base::split_text(functions.view(), '\n')) {
        const std::vector<std::string_view> parts = base::split_text(line, '\t');
        const auto fewest = parts.size() == 3 ? base::parse_integer(parts[1]) : std::nullopt;
        const auto most = parts.size() == 3 ? base::parse_integer(parts[2]) : std::nullopt;
        if (!fewest || !most) {
            continue;
        }
        const expr::Function* known = script.functions.find(parts[0]);
        if (known != nullptr && known->name == parts[0]) {
            mistakes_.add({{path, 0, 0},
                           fmt::format("function '{}' is in {} too", parts[0], script.path),
                           "keep one of the two"});
        }
        script.functions.add(std::string(parts[0]), static_cast<std::size_t>(*fewest),
                             static_cast<std::size_t>(*most));
    }
}

void CaseCompiler::read_script() {
    const FoundFile& found = files_.find_in_root(mistakes_.file(), std::string(kPythonFile));
    const FoundFile& library = files_.find_library(mistakes_.file());
    if (found.path.empty() && library.path.empty()) {
        return;
    }
    auto script = std::make_shared<Script>();
    if (!found.path.empty()) {
        script->path = found.path;
        script->source = files_.content(found.path).view();
        read_functions(script->source, script->functions);
    }
    if (!library.path.empty()) {
        read_library(library.path, *script);
    }
    scope_.set_functions(&script->functions);
    case_.script = std::move(script);
}

std::vector<expr::Template> CaseCompiler::read_hook_list(const YamlNode* node,
                                                         std::string_view name) {
    std::vector<expr::Template> hooks;
    if (is_list(node, name, mistakes_)) {
        for (const YamlNode& item : node->items) {
            if (read_text(&item, name, mistakes_)) {
                hooks.push_back(scope_.text(item));
            }
        }
    }
    return hooks;
}

void CaseCompiler::read_hooks(const YamlNode& node, RequestStep& step) {
    const YamlNode* setup = node.find("setup_hooks");
    const YamlNode* teardown = node.find("teardown_hooks");
    if (setup == nullptr && teardown == nullptr) {
        return;
    }
    step.request_slot = scope_.define_step("request");
    scope_.alias_step("hrp_step_request", step.request_slot);
    step.setup_hooks = read_hook_list(setup, "setup_hooks");
    step.response_slot = scope_.define_step("response");
    scope_.alias_step("hrp_step_response", step.response_slot);
    step.teardown_hooks = read_hook_list(teardown, "teardown_hooks");
    step.needs_body = step.needs_body || !step.teardown_hooks.empty();
    step.needs_headers = step.needs_headers || !step.teardown_hooks.empty();
}

}  // namespace boom::plan
