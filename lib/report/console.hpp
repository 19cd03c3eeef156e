#pragma once
// What people see in the terminal: pure functions from a result to text.

#include "report/result.hpp"

#include <string>
#include <string_view>

namespace boom::report {

struct TextStyle {
    enum class Color { Off, On } color = Color::Off;
    int width = 100;  // columns
};

// One line per interval: "12s  running  users 50/50  workers 2  4012 req/s  0 failed  p50 …".
[[nodiscard]] std::string progress_line(const Result& result, const TextStyle& style);
// At the end: verdict first, then a table with a row per step and the total (requests, failures,
// req/s, mean, p50, p90, p95, p99, max), errors, workers, notes.
[[nodiscard]] std::string final_report(const Result& result, const TextStyle& style);

}  // namespace boom::report
