#pragma once
// What people see in the terminal: pure functions from a result to text.

#include "report/result.hpp"
#include "report/text_style.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace boom::report {

// One line per interval: "12s  running  users 50/50  workers 2  4012 req/s  0 failed  p50 …".
[[nodiscard]] std::string progress_line(const Result& result, const TextStyle& style);

// At the end: verdict first, then a table with a row per step and the total, thresholds, stages,
// errors by class, workers, health, notes, and what to do next when something limited the run.
[[nodiscard]] std::string final_report(const Result& result, const TextStyle& style);

// The view of a running test: lines without line feeds, none wider than the style, at most
// `style.height - 1` of them.
[[nodiscard]] std::vector<std::string> live_view(const Result& result, const TextStyle& style);

// Redraws lines in place: returns what to send to the terminal. One thread.
class LiveScreen {
public:
    // The new lines over the old ones, whatever width and height the window has now.
    [[nodiscard]] std::string draw(const std::vector<std::string>& lines, const TextStyle& style);
    // Takes the view away, so that ordinary lines can be printed; empty when none is shown.
    [[nodiscard]] std::string erase();

private:
    std::vector<std::size_t> widths_;  // columns of each line that is shown
    int width_ = 0;                    // of the window when they were drawn
};

}  // namespace boom::report
