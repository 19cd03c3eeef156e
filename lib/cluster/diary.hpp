#pragma once
// What happened to one worker and what it said, a line each with the master's time: its log for
// people at the master. The last lines are kept. One thread.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace boom::cluster {

class Diary {
public:
    static constexpr std::size_t kMostLines = 500;

    // `when` as people read it.
    void add(std::string_view when, std::string_view what);
    // All lines, each with its end; the first one says how many are gone, if any.
    [[nodiscard]] std::string text() const;

private:
    std::deque<std::string> lines_;
    std::size_t dropped_ = 0;
};

}  // namespace boom::cluster
