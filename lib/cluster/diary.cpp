#include "cluster/diary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::cluster {

void Diary::add(std::string_view when, std::string_view what) {
    std::string line = fmt::format("{} {}", when, what);
    // What a worker says is one line, whatever is in it.
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    lines_.push_back(std::move(line));
    if (lines_.size() > kMostLines) {
        lines_.pop_front();
        ++dropped_;
    }
}

std::string Diary::text() const {
    std::string text =
        dropped_ > 0 ? fmt::format("({} earlier lines are not kept)\n", dropped_) : "";
    for (const std::string& line : lines_) {
        text += line;
        text += '\n';
    }
    return text;
}

}  // namespace boom::cluster
