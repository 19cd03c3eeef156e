#include "expr/csv.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace boom::expr {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Splits a text into records, keeping count of lines.
class Records {
public:
    Records(std::string_view text, const CsvOptions& options) : text_(text), options_(options) {}

    // The fields of the next record take the place of those in `fields`; null: they are only
    // counted. False at the end, or when error() is set.
    bool next(std::vector<std::string>* fields) {
        count_ = 0;
        skip_empty_lines();
        if (at_ >= text_.size()) {
            return false;
        }
        record_line_ = line_;
        record_start_ = at_;
        while (true) {
            if (!read_field(fields != nullptr ? &place_of(count_, *fields) : nullptr)) {
                return false;
            }
            if (at_ >= text_.size() || text_[at_] != options_.delimiter) {
                break;
            }
            ++at_;
        }
        if (fields != nullptr) {
            fields->resize(count_);
        }
        skip_line_end();
        return true;
    }
    // Fields of the record that next() gave.
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] const std::optional<CompileError>& error() const { return error_; }
    [[nodiscard]] std::int64_t line() const { return record_line_; }
    // Where the record begins that next() gave.
    [[nodiscard]] std::size_t start() const { return record_start_; }

private:
    [[nodiscard]] bool is_at_line_end() const {
        return at_ >= text_.size() || text_[at_] == '\n' ||
               (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
    }
    void skip_line_end() {
        at_ += at_ < text_.size() && text_[at_] == '\r' ? 1U : 0U;
        if (at_ < text_.size()) {
            ++at_;
            ++line_;
        }
    }
    void skip_empty_lines() {
        while (at_ < text_.size() && is_at_line_end()) {
            skip_line_end();
        }
    }
    // To the next character that may end a field.
    void skip_plain() {
        const char delimiter = options_.delimiter;
        const char* end = text_.data() + text_.size();
        const char* found = std::find_if(text_.data() + at_, end, [delimiter](char c) {
            return c == delimiter || c == '\n' || c == '\r';
        });
        at_ = static_cast<std::size_t>(found - text_.data());
    }
    // What is there keeps its memory from record to record.
    static std::string& place_of(std::size_t index, std::vector<std::string>& fields) {
        if (index == fields.size()) {
            fields.emplace_back();
        }
        return fields[index];
    }
    bool read_field(std::string* field) {
        ++count_;
        if (at_ < text_.size() && text_[at_] == options_.quote) {
            return read_quoted(field);
        }
        const std::size_t begin = at_;
        for (skip_plain(); !is_at_line_end() && text_[at_] != options_.delimiter; skip_plain()) {
            ++at_;  // a CR that ends no line
        }
        if (field != nullptr) {
            field->assign(text_.substr(begin, at_ - begin));
        }
        return true;
    }
    bool read_quoted(std::string* field) {
        const std::int64_t first_line = line_;
        if (field != nullptr) {
            field->clear();
        }
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == options_.quote) {
                if (at_ + 1 >= text_.size() || text_[at_ + 1] != options_.quote) {
                    ++at_;
                    return has_field_end();
                }
                ++at_;
            }
            line_ += text_[at_] == '\n' ? 1 : 0;
            if (field != nullptr) {
                *field += text_[at_];
            }
        }
        error_ = CompileError{fmt::format("line {}: a quote is not closed", first_line), 0};
        return false;
    }
    bool has_field_end() {
        if (is_at_line_end() || text_[at_] == options_.delimiter) {
            return true;
        }
        error_ = CompileError{fmt::format("line {}: text after a closing quote", line_), 0};
        return false;
    }

    std::string_view text_;
    const CsvOptions& options_;
    std::size_t at_ = 0;
    std::size_t record_start_ = 0;
    std::size_t count_ = 0;
    std::int64_t line_ = 1;
    std::int64_t record_line_ = 1;
    std::optional<CompileError> error_;
};

std::optional<CompileError> problem_of(const std::vector<std::string>& columns) {
    for (auto it = columns.begin(); it != columns.end(); ++it) {
        if (std::find(columns.begin(), it, *it) != it) {
            return CompileError{fmt::format("two columns are named '{}'", *it), 0};
        }
    }
    return std::nullopt;
}

std::string_view without_mark(std::string_view text) {
    return text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

// Hands over every row by its place, and its fields if there is a place for them; what is wrong.
template <typename Use>
std::optional<CompileError> for_each_row(std::string_view text, const CsvOptions& options,
                                         std::vector<std::string>& columns,
                                         std::vector<std::string>* fields, Use use) {
    columns = options.columns;
    Records records(text, options);
    std::vector<std::string> names;
    if (options.header == CsvOptions::Header::Present && records.next(&names) && columns.empty()) {
        columns = names;
    }
    if (!records.error() && columns.empty()) {
        return CompileError{"there are no columns", 0};
    }
    if (auto problem = problem_of(columns)) {
        return problem;
    }
    while (!records.error() && records.next(fields)) {
        if (records.count() != columns.size()) {
            return CompileError{fmt::format("line {}: {} fields, not {}", records.line(),
                                            records.count(), columns.size()),
                                0};
        }
        use(records.start());
    }
    return records.error();
}

}  // namespace

std::variant<CsvTable, CompileError> parse_csv(std::string_view text, const CsvOptions& options) {
    CsvTable table;
    std::vector<std::string> fields;
    auto problem = for_each_row(
        without_mark(text), options, table.columns, &fields, [&table, &fields](std::size_t) {
            std::move(fields.begin(), fields.end(), std::back_inserter(table.cells));
        });
    if (problem) {
        return std::move(*problem);
    }
    return table;
}

std::variant<CsvRows, CompileError> CsvRows::make(base::Content text, const CsvOptions& options) {
    CsvRows rows;
    rows.options_ = options;
    auto problem = for_each_row(without_mark(text.view()), options, rows.columns_, nullptr,
                                [&rows](std::size_t start) {
                                    if (rows.row_count_++ % kRowsPerMark == 0) {
                                        rows.marks_.push_back(start);
                                    }
                                });
    if (problem) {
        return std::move(*problem);
    }
    rows.marks_.shrink_to_fit();
    rows.text_ = std::move(text);
    return rows;
}

void CsvRows::read(std::size_t row, std::vector<std::string>& fields) const {
    Records records(without_mark(text_.view()).substr(marks_[row / kRowsPerMark]), options_);
    for (std::size_t skipped = 0; skipped < row % kRowsPerMark; ++skipped) {
        records.next(nullptr);
    }
    const bool is_there = records.next(&fields);
    BOOM_ASSERT(is_there && fields.size() == columns_.size());
}

Value rows_of(const CsvTable& table) {
    List rows;
    for (std::size_t i = 0; i < table.cells.size(); i += table.columns.size()) {
        Map row;
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            row.emplace_back(table.columns[column], Value(table.cells[i + column]));
        }
        rows.emplace_back(std::move(row));
    }
    return Value(std::move(rows));
}

}  // namespace boom::expr
