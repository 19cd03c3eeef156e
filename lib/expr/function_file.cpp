// The built-in functions on files that travel with the case.

#include "expr/csv.hpp"
#include "expr/function_table.hpp"

#include <fmt/format.h>

namespace boom::expr::calls {

std::optional<std::string_view> find_file(CallContext& context, const std::string& name) {
    const bool is_here = context.files != nullptr && context.files->contains(name);
    if (!is_here) {
        context.error = fmt::format(
            "file '{}' does not travel with the case: write its name as it is, "
            "or as a variable of config",
            name);
        return std::nullopt;
    }
    const base::Content& content = context.files->at(name);
    if (content.size() > kMaxWholeBytes) {
        context.error = fmt::format("file '{}' is larger than {} MiB: only its rows can be used",
                                    name, kMaxWholeBytes >> 20U);
        return std::nullopt;
    }
    return content.view();
}

Result file_content(CallContext& context, Arguments arguments) {
    const auto content = find_file(context, arguments[0].text());
    return content ? Result(Value(*content)) : std::nullopt;
}

Result parameterize(CallContext& context, Arguments arguments) {
    const std::string name = arguments[0].text();
    const auto content = find_file(context, name);
    if (!content) {
        return std::nullopt;
    }
    if (name.ends_with(".json")) {
        auto rows = parse_json(*content);
        return rows ? Result(std::move(*rows)) : fail(context, name + ": is no JSON");
    }
    CsvOptions options;
    if (arguments.size() > 1) {
        const std::string delimiter = arguments[1].text();
        const bool is_tab = delimiter == "tab" || delimiter == "\\t";
        if (delimiter.size() != 1 && !is_tab) {
            return fail(context, fmt::format("parameterize(): the delimiter must be one character, "
                                             "not '{}'",
                                             delimiter));
        }
        options.delimiter = is_tab ? '\t' : delimiter.front();
    }
    const auto table = parse_csv(*content, options);
    if (const auto* error = std::get_if<CompileError>(&table)) {
        return fail(context, fmt::format("{}: {}", name, error->what));
    }
    return rows_of(std::get<CsvTable>(table));
}

}  // namespace boom::expr::calls
