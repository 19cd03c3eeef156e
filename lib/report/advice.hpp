#pragma once
// What a result means in words, shared by every output that people read. Pure functions.

#include "report/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace boom::report {

// "passed", "failed", "invalid"; "running" while it is.
[[nodiscard]] std::string_view verdict_word(const Result& result);
// Why it did not pass: "a threshold failed"; empty when it did.
[[nodiscard]] std::string_view verdict_reason(const Result& result);
// What to do next, when something limited the run or nothing succeeded. One sentence each.
[[nodiscard]] std::vector<std::string> advice(const Result& result);

// Those that were lost, then the busiest first.
[[nodiscard]] std::vector<const WorkerResult*> workers_by_load(const Result& result);

// "w1 (12), w2 (3) and 5 more"; empty where no worker is named.
[[nodiscard]] std::string workers_text(const ErrorRow& row);

// Failures of one class.
struct ErrorClass {
    std::string name;
    std::int64_t count = 0;
    double share = 0;                   // of all failures
    std::vector<const ErrorRow*> rows;  // most frequent first; into the result
};
// Most frequent first.
[[nodiscard]] std::vector<ErrorClass> group_errors(const Result& result);

}  // namespace boom::report
