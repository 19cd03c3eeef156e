// Any text is a table of whole rows or is refused; a table that is written again, every field in
// quotes, is read back as the same table; rows that are split when they are asked for are its rows.

#include "base/assert.hpp"
#include "expr/csv.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace boom::expr;

void append_field(std::string& out, std::string_view field) {
    out += '"';
    for (const char c : field) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += '"';
}

std::string written(const CsvTable& table) {
    std::string out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_field(out, table.columns[i]);
    }
    out += '\n';
    for (std::size_t i = 0; i < table.cells.size(); ++i) {
        out += i % table.columns.size() == 0 ? "" : ",";
        append_field(out, table.cells[i]);
        out += (i + 1) % table.columns.size() == 0 ? "\n" : "";
    }
    return out;
}

void check_rows(std::string_view text, const std::variant<CsvTable, CompileError>& parsed) {
    const auto made = CsvRows::make(boom::base::Content(std::string(text)), {});
    if (const auto* error = std::get_if<CompileError>(&parsed)) {
        BOOM_ASSERT(std::get<CompileError>(made).what == error->what);
        return;
    }
    const auto& table = std::get<CsvTable>(parsed);
    const auto& rows = std::get<CsvRows>(made);
    BOOM_ASSERT(rows.columns() == table.columns);
    BOOM_ASSERT(rows.row_count() == table.row_count());
    std::vector<std::string> fields;
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
        rows.read(row, fields);
        BOOM_ASSERT(std::equal(
            fields.begin(), fields.end(),
            table.cells.begin() + static_cast<std::ptrdiff_t>(row * table.columns.size())));
    }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The one place where bytes become characters.
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const auto parsed = parse_csv(text, {});
    check_rows(text, parsed);
    if (const auto* error = std::get_if<CompileError>(&parsed)) {
        BOOM_ASSERT(!error->what.empty());
        return 0;
    }
    const auto& table = std::get<CsvTable>(parsed);
    BOOM_ASSERT(!table.columns.empty());
    BOOM_ASSERT(table.cells.size() == table.row_count() * table.columns.size());
    const auto again = parse_csv(written(table), {});
    BOOM_ASSERT(std::get<CsvTable>(again).cells == table.cells);
    BOOM_ASSERT(std::get<CsvTable>(again).columns == table.columns);
    return 0;
}
