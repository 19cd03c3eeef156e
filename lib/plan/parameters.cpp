// `parameters` of a case: rows of values from lists, files and functions.

#include "base/text.hpp"
#include "expr/form_item.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 4> kFileFunctions = {"parameterize", "P", "file_content",
                                                            "load_ws_message"};

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// First arguments of the calls of a function in a text, without quotes.
void collect_arguments(std::string_view text, std::string_view function,
                       std::vector<std::string>& arguments) {
    for (std::size_t at = text.find(function); at != std::string_view::npos;
         at = text.find(function, at + 1)) {
        const std::size_t open = at + function.size();
        const bool is_word = (at == 0 || !is_name_character(text[at - 1])) && open < text.size() &&
                             text[open] == '(';
        const std::size_t end = text.find_first_of(",)", open);
        if (!is_word || end == std::string_view::npos) {
            continue;
        }
        std::string_view argument = base::trim(text.substr(open + 1, end - open - 1));
        if (argument.size() >= 2 && (argument.front() == '\'' || argument.front() == '"') &&
            argument.back() == argument.front()) {
            argument = argument.substr(1, argument.size() - 2);
        }
        if (!argument.empty()) {
            arguments.emplace_back(argument);
        }
    }
}

}  // namespace

void CaseCompiler::collect_files(const YamlNode& node) {
    if (node.is_scalar() && node.text.find("${") != std::string::npos) {
        std::vector<std::string> names;
        for (const std::string_view function : kFileFunctions) {
            collect_arguments(node.text, function, names);
        }
        for (const std::string& name : names) {
            add_file(node, name);
        }
    }
    if (node.is_scalar() && node.text.find('@') != std::string::npos) {
        add_form_file(node);
    }
    for (const YamlNode& item : node.items) {
        collect_files(item);
    }
}

// What multipart_encoder() may be given as a file. A text that only looks like one is no mistake.
void CaseCompiler::add_form_file(const YamlNode& node) {
    const expr::FormItem item = expr::parse_form_item(node.text);
    if (!item.is_file) {
        return;
    }
    YamlNode scalar = node;
    scalar.text = item.content;
    const std::vector<std::string> variables = expr::referenced_names(item.content);
    const bool is_known =
        std::all_of(variables.begin(), variables.end(),
                    [this](const std::string& variable) { return scope_.find(variable) >= 0; });
    const std::string known = is_known ? scope_.name_text(scalar) : item.content;
    if (known.find('$') != std::string::npos || case_.files.contains(known)) {
        return;
    }
    const FoundFile& found = files_.find(mistakes_.file_of(node), known);
    if (!found.path.empty()) {
        case_.files.emplace(known, files_.content(found.path));
    }
}

void CaseCompiler::add_file(const YamlNode& at, const std::string& name) {
    YamlNode scalar = at;
    scalar.text = name;
    const std::vector<std::string> variables = expr::referenced_names(name);
    const bool is_known =
        std::all_of(variables.begin(), variables.end(),
                    [this](const std::string& variable) { return scope_.find(variable) >= 0; });
    const std::string known = is_known ? scope_.name_text(scalar) : name;
    if (known.find('$') != std::string::npos || case_.files.contains(known)) {
        return;  // known only during the run: the function says so then
    }
    const FoundFile& found = files_.find(mistakes_.file_of(at), known);
    if (found.path.empty()) {
        mistakes_.add(at, fmt::format("file '{}' {}", known, found.problem));
        return;
    }
    case_.files.emplace(known, files_.content(found.path));
}

void CaseCompiler::read_parameter_source(const YamlNode& key, const YamlNode& value) {
    const std::vector<std::string_view> names = base::split_text(key.text, '-');
    for (const std::string_view name : names) {
        if (!is_variable_name(name)) {
            mistakes_.add(key, fmt::format("'{}' cannot be the name of a parameter", name),
                          "names joined by '-', each of letters, digits and _");
            return;
        }
    }
    ParameterSource source;
    source.key = key.text;
    const std::size_t before = mistakes_.count();
    read_rows(key, value, names, source);
    if (mistakes_.count() != before) {
        source.cells.clear();
        source.large.reset();
    }
    for (const std::string_view name : names) {
        source.slots.push_back(scope_.define_extracted(std::string(name)));
    }
    case_.parameters.sources.push_back(std::move(source));
}

void CaseCompiler::read_parameters(const YamlNode& config) {
    const YamlNode* parameters = config.find("parameters");
    const YamlNode* settings = config.find("parameters_setting");
    if (is_map(parameters, "parameters", mistakes_)) {
        for (std::size_t i = 0; i < parameters->keys.size(); ++i) {
            read_parameter_source(parameters->keys[i], parameters->items[i]);
        }
    }
    if (settings != nullptr) {
        read_parameter_settings(*settings);
    }
}

}  // namespace boom::plan
