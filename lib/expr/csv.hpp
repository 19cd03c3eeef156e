#pragma once
// Comma-separated values (RFC 4180) as tables of texts.

#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::expr {

struct CsvOptions {
    char delimiter = ',';
    char quote = '"';
    // Names of the columns. Empty: the first line has them.
    std::vector<std::string> columns;
    // Whether a first line with names is there; with `columns` it is skipped.
    enum class Header { Present, Absent } header = Header::Present;
};

struct CsvTable {
    std::vector<std::string> columns;
    std::vector<std::string> cells;  // row by row
    [[nodiscard]] std::size_t row_count() const {
        return columns.empty() ? 0 : cells.size() / columns.size();
    }
};

// Lines end with LF or CRLF; a byte order mark is dropped; lines without anything are skipped.
// Every row must have as many fields as there are columns; the error names the line.
[[nodiscard]] std::variant<CsvTable, CompileError> parse_csv(std::string_view text,
                                                             const CsvOptions& options);
// The rows of a large file, split only when they are asked for: four bytes a row are kept beside
// the text. Immutable; any thread.
class CsvRows {
public:
    // Up to 4 GiB.
    [[nodiscard]] static std::variant<CsvRows, CompileError> make(
        std::shared_ptr<const std::string> text, const CsvOptions& options);

    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] std::size_t row_count() const { return starts_.size(); }
    // All fields of a row. REQUIRES: row < row_count().
    void read(std::size_t row, std::vector<std::string>& fields) const;

private:
    CsvRows() = default;
    std::shared_ptr<const std::string> text_;
    CsvOptions options_;
    std::vector<std::string> columns_;
    std::vector<std::uint32_t> starts_;
};

// Each row as a map from its columns.
[[nodiscard]] Value rows_of(const CsvTable& table);

}  // namespace boom::expr
