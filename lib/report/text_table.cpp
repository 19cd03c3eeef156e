#include "report/text_table.hpp"

#include <algorithm>
#include <numeric>

namespace boom::report {
namespace {

constexpr std::size_t kGap = 2;        // columns between cells
constexpr std::size_t kLeastName = 8;  // the first column is not cut below this
constexpr std::size_t kGoodName = 20;  // other columns go before it is cut below this

std::size_t total_width(const std::vector<std::size_t>& widths) {
    std::size_t total = 0;
    for (const std::size_t width : widths) {
        total += width > 0 ? width + kGap : 0;
    }
    return total - std::min(total, kGap);
}

}  // namespace

std::vector<std::size_t> TextTable::widths() const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = display_width(columns_[i].title);
        for (const Row& row : rows_) {
            width = std::max(width, display_width(row.cells[i]));
        }
        result.push_back(width);
    }
    return result;
}

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths, const TextStyle& style) const {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (widths[i] == 0) {
            continue;  // left out
        }
        const std::string cell = i == 0 ? fit_text(cells[i], widths[i], style) : cells[i];
        text +=
            (i == 0 ? "" : std::string(kGap, ' ')) + pad_text(cell, widths[i], columns_[i].align);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::string TextTable::text(const TextStyle& style) const {
    std::vector<std::size_t> width = widths();
    const std::size_t wanted_name = width[0];
    const auto room = static_cast<std::size_t>(std::max(style.width, 1));
    width[0] = std::min(wanted_name, kGoodName);
    while (total_width(width) > room) {
        std::size_t least = 0;
        for (std::size_t i = 1; i < columns_.size(); ++i) {
            const bool is_less = least == 0 || columns_[i].importance <= columns_[least].importance;
            if (width[i] > 0 && columns_[i].importance < Column::kNeeded && is_less) {
                least = i;
            }
        }
        if (least == 0) {
            break;
        }
        width[least] = 0;
    }
    const std::size_t others = total_width(width) - width[0];
    width[0] = std::clamp(room > others ? room - others : 0, std::min(kLeastName, wanted_name),
                          wanted_name);
    std::vector<std::string> titles;
    for (const Column& column : columns_) {
        titles.push_back(column.title);
    }
    std::string result = paint(line(titles, width, style), Ink::Faint, style) + "\n";
    for (const Row& row : rows_) {
        const std::string text = line(row.cells, width, style);
        result += (row.is_painted ? paint(text, row.ink, style) : text) + "\n";
    }
    return result;
}

}  // namespace boom::report
