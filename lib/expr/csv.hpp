#pragma once
// Comma-separated values (RFC 4180) as tables of texts.

#include "base/content.hpp"
#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <cstdint>
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
// The rows of a large file, split only when they are asked for: of every kRowsPerMark rows the
// place of the first is kept beside the text, half a byte a row. Immutable; any thread.
class CsvRows {
public:
    static constexpr std::size_t kRowsPerMark = 16;

    [[nodiscard]] static std::variant<CsvRows, CompileError> make(base::Content text,
                                                                  const CsvOptions& options);

    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] std::size_t row_count() const { return row_count_; }
    // All fields of a row. REQUIRES: row < row_count().
    void read(std::size_t row, std::vector<std::string>& fields) const;

private:
    CsvRows() = default;
    base::Content text_;
    CsvOptions options_;
    std::vector<std::string> columns_;
    std::vector<std::uint64_t> marks_;
    std::size_t row_count_ = 0;
};

// Each row as a map from its columns.
[[nodiscard]] Value rows_of(const CsvTable& table);

}  // namespace boom::expr
