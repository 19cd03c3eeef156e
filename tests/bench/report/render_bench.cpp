// How long the report of an hour takes in each format, and how large it is.
#include "report/files.hpp"
#include "unit/report/hour.hpp"

#include <fmt/format.h>

#include <chrono>

int main() {
    const boom::report::Result result = boom::test::make_hour();
    for (const auto& format : boom::report::file_formats()) {
        const auto begun = std::chrono::steady_clock::now();
        const std::string text = format.render(result);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        fmt::print("{:<6} {:6.3f} s  {:6.3f} MB\n", format.kind, took.count(),
                   static_cast<double>(text.size()) / 1e6);
    }
    return 0;
}
