// Where the rows of one source of `parameters` come from: a list, a file, a function.

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

// A file above this is not split into values before the start: those take ten times its memory.
constexpr std::size_t kMaxParsedBytes = std::size_t{8} << 20U;

constexpr std::array<std::string_view, 5> kFileKeys = {"file", "delimiter", "quote", "header",
                                                       "columns"};

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

// Notes whether anything was called.
class NotingCalls final : public expr::UserCalls {
public:
    explicit NotingCalls(expr::UserCalls* calls) : calls_(calls) {}
    std::optional<expr::Value> call(expr::CallContext& context, std::string_view function,
                                    std::span<const expr::Value> arguments) override {
        has_called_ = true;
        return calls_ != nullptr ? calls_->call(context, function, arguments)
                                 : std::optional<expr::Value>(expr::Value());
    }
    [[nodiscard]] bool has_called() const { return has_called_; }

private:
    expr::UserCalls* calls_;
    bool has_called_ = false;
};

}  // namespace

// Those config variables that it needs are evaluated for it once, the same on every machine.
std::optional<expr::Value> CaseCompiler::value_at_start(const YamlNode& node,
                                                        expr::UserCalls* calls) {
    const std::size_t before = mistakes_.count();
    const expr::ValueTemplate compiled = scope_.structure(node);
    if (mistakes_.count() != before) {
        return std::nullopt;
    }
    std::vector<int> needed = compiled.slots_read();
    const auto is_needed = [&needed](const Assignment& assignment) {
        return std::find(needed.begin(), needed.end(), assignment.slot) != needed.end();
    };
    for (auto it = case_.variables.rbegin(); it != case_.variables.rend(); ++it) {
        if (is_needed(*it)) {
            const std::vector<int> more = it->value.slots_read();
            needed.insert(needed.end(), more.begin(), more.end());
        }
    }
    expr::CallContext context;
    context.files = &case_.files;
    context.environment = &case_.environment;
    context.user_calls = calls;
    std::vector<expr::Value> slots(static_cast<std::size_t>(scope_.slot_count()));
    for (const Assignment& assignment : case_.variables) {
        if (!is_needed(assignment)) {
            continue;
        }
        auto value = assignment.value.evaluate(slots, context);
        if (!value) {
            mistakes_.add(node, context.error);
            return std::nullopt;
        }
        slots[static_cast<std::size_t>(assignment.slot)] = std::move(*value);
    }
    auto value = compiled.evaluate(slots, context);
    if (!value && !mistakes_.is_known_at(node)) {  // a file that is missing
        mistakes_.add(node, context.error);
    }
    return value;
}

// What functions of the user give is made once, where the bundle is loaded, and travels with it.
std::optional<expr::Value> CaseCompiler::rows_of_text(const YamlNode& key, const YamlNode& value) {
    const std::string from = mistakes_.file();
    if (const BundleFile* rows = files_.rows(from, key.text)) {
        return expr::parse_json(rows->content());
    }
    if (files_.tools() == nullptr || case_.script == nullptr) {
        return value_at_start(value, nullptr);
    }
    expr::UserCalls* real = files_.tools()->calls(*case_.script);
    NotingCalls calls(real);
    const std::size_t before = mistakes_.count();
    std::optional<expr::Value> rows = value_at_start(value, &calls);
    if (!calls.has_called()) {
        return rows;
    }
    if (!rows && mistakes_.count() == before) {
        return rows;
    }
    if (!rows) {
        // compile() could not say why: it calls nothing.
        files_.fail(mistakes_.all().at(before));
        return rows;
    }
    if (real == nullptr) {
        // Only checked: one row without values stands for those that a run would get.
        expr::Map row;
        for (const std::string_view name : base::split_text(key.text, '-')) {
            row.emplace_back(name, expr::Value());
        }
        rows = expr::Value(expr::List{expr::Value(std::move(row))});
    }
    files_.add_rows(from, key.text, rows->json());
    return rows;
}

// The file of a source and how it is written.
std::optional<CaseCompiler::DataFile> CaseCompiler::read_data_file(const YamlNode& value) {
    const std::size_t before = mistakes_.count();
    if (!check_map(value, "the source", {kFileKeys, {}}, mistakes_)) {
        return std::nullopt;
    }
    const YamlNode* file = value.find("file");
    if (file == nullptr || !read_text(file, "file", mistakes_)) {
        mistakes_.add(value, "a source needs 'file'");
        return std::nullopt;
    }
    DataFile data;
    data.node = file;
    data.name = scope_.name_text(*file);
    add_file(*file, data.name);
    expr::CsvOptions& options = data.options;
    options.delimiter =
        character_of(value.find("delimiter"), "delimiter", mistakes_).value_or(options.delimiter);
    options.quote = character_of(value.find("quote"), "quote", mistakes_).value_or(options.quote);
    options.columns = column_names(value.find("columns"), mistakes_);
    const bool has_header =
        read_flag(value.find("header"), "header", mistakes_).value_or(options.columns.empty());
    options.header =
        has_header ? expr::CsvOptions::Header::Present : expr::CsvOptions::Header::Absent;
    const auto content = case_.files.find(data.name);
    if (mistakes_.count() != before || content == case_.files.end()) {
        return std::nullopt;
    }
    data.content = content->second;
    return data;
}

// `${P(file)}` and nothing else.
std::optional<CaseCompiler::DataFile> CaseCompiler::data_file_of_call(const YamlNode& value) {
    std::string_view text = base::trim(value.text);
    const bool is_call = value.is_scalar() && text.ends_with(")}") && text.starts_with("${");
    const std::size_t open = text.find('(');
    if (!is_call || open == std::string_view::npos ||
        text.find_first_of("$(),", open + 1) != text.size() - 2) {
        return std::nullopt;
    }
    const std::string_view function = text.substr(2, open - 2);
    std::string_view name = base::trim(text.substr(open + 1, text.size() - open - 3));
    if (name.size() >= 2 && (name.front() == '\'' || name.front() == '"')) {
        name = name.substr(1, name.size() - 2);
    }
    const auto content = case_.files.find(name);
    if ((function != "P" && function != "parameterize") || content == case_.files.end()) {
        return std::nullopt;
    }
    return DataFile{&value, std::string(name), content->second, {}};
}

std::optional<expr::Value> CaseCompiler::rows_of_file(const DataFile& file) {
    if (file.name.ends_with(".json")) {
        if (file.content.size() > expr::kMaxWholeBytes) {
            mistakes_.add(*file.node,
                          fmt::format("{}: is larger than {} MiB; rows of CSV may be more",
                                      file.name, expr::kMaxWholeBytes >> 20U));
            return std::nullopt;
        }
        auto rows = expr::parse_json(file.content.view());
        if (!rows) {
            mistakes_.add(*file.node, fmt::format("{}: is no JSON", file.name));
        }
        return rows;
    }
    const auto table = expr::parse_csv(file.content.view(), file.options);
    if (const auto* error = std::get_if<expr::CompileError>(&table)) {
        mistakes_.add(*file.node, fmt::format("{}: {}", file.name, error->what));
        return std::nullopt;
    }
    return expr::rows_of(std::get<expr::CsvTable>(table));
}

// Parsed rows take many times the memory of the file: those of a large one are split when used.
bool CaseCompiler::read_large_source(const YamlNode& value,
                                     const std::vector<std::string_view>& names,
                                     const DataFile& file, ParameterSource& source) {
    if (file.content.size() <= kMaxParsedBytes || file.name.ends_with(".json")) {
        return false;
    }
    auto rows = expr::CsvRows::make(file.content, file.options);
    if (const auto* error = std::get_if<expr::CompileError>(&rows)) {
        mistakes_.add(*file.node, fmt::format("{}: {}", file.name, error->what));
        return true;
    }
    auto large = std::make_shared<const expr::CsvRows>(std::move(std::get<expr::CsvRows>(rows)));
    for (const std::string_view name : names) {
        const auto found = std::find(large->columns().begin(), large->columns().end(), name);
        if (found == large->columns().end()) {
            mistakes_.add(value, fmt::format("{} has no column '{}'", file.name, name));
            return true;
        }
        source.columns.push_back(static_cast<std::size_t>(found - large->columns().begin()));
    }
    source.large_rows = static_cast<std::int64_t>(large->row_count());
    source.large = std::move(large);
    if (source.large_rows == 0) {
        mistakes_.add(value, "there are no rows");
    }
    return true;
}

void CaseCompiler::read_rows(const YamlNode& key, const YamlNode& value,
                             const std::vector<std::string_view>& names, ParameterSource& source) {
    const bool is_map = value.is_map();
    const std::optional<DataFile> file = is_map ? read_data_file(value) : data_file_of_call(value);
    if ((is_map && !file) || (file && read_large_source(value, names, *file, source))) {
        return;
    }
    const std::optional<expr::Value> rows = is_map ? rows_of_file(*file) : rows_of_text(key, value);
    if (rows && rows->kind() != Kind::List) {
        mistakes_.add(value, fmt::format("must be a list of rows, not {}", type_name(*rows)));
        return;
    }
    if (rows && rows->as_list().empty()) {
        mistakes_.add(value, "there are no rows");
        return;
    }
    std::size_t number = 0;
    for (const expr::Value& row : rows ? rows->as_list() : expr::List()) {
        ++number;
        const std::string problem = add_row_cells(row, names, source.cells);
        if (!problem.empty()) {
            mistakes_.add(value, fmt::format("row {} of '{}' {}", number, key.text, problem));
            return;
        }
    }
}

}  // namespace boom::plan
