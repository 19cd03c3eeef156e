// `parameters` of a case: rows of values from lists, files and functions.

#include "base/text.hpp"
#include "expr/csv.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

using Kind = expr::Value::Kind;

constexpr std::array<std::string_view, 5> kFileKeys = {"file", "delimiter", "quote", "header",
                                                       "columns"};
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

// One row as the cells of a source; what is wrong with it, or empty.
std::string add_row_cells(const expr::Value& row, const std::vector<std::string_view>& names,
                          std::vector<expr::Value>& cells) {
    if (row.kind() == Kind::Map) {
        for (const std::string_view name : names) {
            const expr::Value* member = row.member(name);
            if (member == nullptr) {
                return fmt::format("has no '{}'", name);
            }
            cells.push_back(*member);
        }
        return {};
    }
    if (row.kind() == Kind::List) {
        if (row.as_list().size() != names.size()) {
            return fmt::format("has {} values for {} names", row.as_list().size(), names.size());
        }
        cells.insert(cells.end(), row.as_list().begin(), row.as_list().end());
        return {};
    }
    if (names.size() != 1) {
        return fmt::format("is one value for {} names", names.size());
    }
    cells.push_back(row);
    return {};
}

std::optional<char> character_of(const YamlNode* node, std::string_view name, Mistakes& mistakes) {
    const std::optional<std::string> text = read_text(node, name, mistakes);
    if (!text) {
        return std::nullopt;
    }
    if (*text == "\\t" || *text == "tab") {
        return '\t';
    }
    if (text->size() != 1) {
        mistakes.add(*node, fmt::format("'{}' must be one character, not '{}'", name, *text),
                     "\\t is a tab");
        return std::nullopt;
    }
    return text->front();
}

std::vector<std::string> column_names(const YamlNode* node, Mistakes& mistakes) {
    std::vector<std::string> names;
    if (node != nullptr && node->is_scalar()) {
        for (const std::string_view name : base::split_text(node->text, ',')) {
            names.emplace_back(base::trim(name));
        }
    } else if (is_list(node, "columns", mistakes)) {
        for (const YamlNode& item : node->items) {
            names.push_back(read_text(&item, "columns", mistakes).value_or(""));
        }
    }
    return names;
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
    for (const YamlNode& item : node.items) {
        collect_files(item);
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

// Config variables are evaluated for it once, the same on every machine.
std::optional<expr::Value> CaseCompiler::value_at_start(const YamlNode& node) {
    const std::size_t before = mistakes_.count();
    const expr::ValueTemplate compiled = scope_.structure(node);
    if (mistakes_.count() != before) {
        return std::nullopt;
    }
    expr::CallContext context;
    context.files = &case_.files;
    context.environment = &case_.environment;
    std::vector<expr::Value> slots(static_cast<std::size_t>(scope_.slot_count()));
    for (const Assignment& assignment : case_.variables) {
        if (auto value = assignment.value.evaluate(slots, context)) {
            slots[static_cast<std::size_t>(assignment.slot)] = std::move(*value);
        }
        context.error.clear();
    }
    auto value = compiled.evaluate(slots, context);
    if (!value) {
        mistakes_.add(node, context.error);
    }
    return value;
}

std::optional<expr::Value> CaseCompiler::rows_of_file(const YamlNode& value) {
    const std::size_t before = mistakes_.count();
    if (!check_map(value, "the source", {kFileKeys, {}}, mistakes_)) {
        return std::nullopt;
    }
    const YamlNode* file = value.find("file");
    if (file == nullptr || !read_text(file, "file", mistakes_)) {
        mistakes_.add(value, "a source needs 'file'");
        return std::nullopt;
    }
    const std::string name = scope_.name_text(*file);
    add_file(*file, name);
    expr::CsvOptions options;
    options.delimiter =
        character_of(value.find("delimiter"), "delimiter", mistakes_).value_or(options.delimiter);
    options.quote = character_of(value.find("quote"), "quote", mistakes_).value_or(options.quote);
    options.columns = column_names(value.find("columns"), mistakes_);
    const bool has_header =
        read_flag(value.find("header"), "header", mistakes_).value_or(options.columns.empty());
    options.header =
        has_header ? expr::CsvOptions::Header::Present : expr::CsvOptions::Header::Absent;
    const auto content = case_.files.find(name);
    if (mistakes_.count() != before || content == case_.files.end()) {
        return std::nullopt;
    }
    if (name.ends_with(".json")) {
        auto rows = expr::parse_json(*content->second);
        if (!rows) {
            mistakes_.add(*file, fmt::format("{}: is no JSON", name));
        }
        return rows;
    }
    const auto table = expr::parse_csv(*content->second, options);
    if (const auto* error = std::get_if<expr::CompileError>(&table)) {
        mistakes_.add(*file, fmt::format("{}: {}", name, error->what));
        return std::nullopt;
    }
    return expr::rows_of(std::get<expr::CsvTable>(table));
}

std::optional<expr::Value> CaseCompiler::rows_of_source(const YamlNode& value) {
    std::optional<expr::Value> rows = value.is_map() ? rows_of_file(value) : value_at_start(value);
    if (rows && rows->kind() != Kind::List) {
        mistakes_.add(value, fmt::format("must be a list of rows, not {}", type_name(*rows)));
        return std::nullopt;
    }
    if (rows && rows->as_list().empty()) {
        mistakes_.add(value, "there are no rows");
        return std::nullopt;
    }
    return rows;
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
    const std::optional<expr::Value> rows = rows_of_source(value);
    ParameterSource source;
    source.key = key.text;
    std::size_t number = 0;
    for (const expr::Value& row : rows ? rows->as_list() : expr::List()) {
        ++number;
        const std::string problem = add_row_cells(row, names, source.cells);
        if (!problem.empty()) {
            mistakes_.add(value, fmt::format("row {} of '{}' {}", number, key.text, problem));
            return;
        }
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
