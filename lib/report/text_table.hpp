#pragma once
// A table for terminals: columns as wide as their contents, and the least important ones left out
// until it fits. One thread.

#include "report/text_style.hpp"

#include <string>
#include <vector>

namespace boom::report {

struct Column {
    std::string title;
    Align align = Align::Right;
    int importance = 0;  // columns with the least go first; those of kNeeded stay
    static constexpr int kNeeded = 100;
};

class TextTable {
public:
    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
    // As many cells as columns. The first one is shortened when the table is too wide.
    void add(std::vector<std::string> cells) { rows_.push_back({std::move(cells), {}, false}); }
    void add(std::vector<std::string> cells, Ink ink) {
        rows_.push_back({std::move(cells), ink, true});
    }
    // Every line ends with a line feed; none is wider than the style says, if that can be.
    [[nodiscard]] std::string text(const TextStyle& style) const;

private:
    struct Row {
        std::vector<std::string> cells;
        Ink ink = Ink::Bold;
        bool is_painted = false;
    };
    [[nodiscard]] std::vector<std::size_t> widths() const;
    [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                   const std::vector<std::size_t>& widths,
                                   const TextStyle& style) const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

}  // namespace boom::report
