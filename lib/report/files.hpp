#pragma once
// A result as files for people and tools. Pure functions of the result.

#include "report/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace boom::report {

// One file, two blocks with a header each, an empty line between: steps and total, time line.
[[nodiscard]] std::string to_csv(const Result& result);
// One page that needs no network.
[[nodiscard]] std::string to_html(const Result& result);
// A test case per threshold, per step, and one for the run itself.
[[nodiscard]] std::string to_junit(const Result& result);
// HdrHistogram log, version 1.3, times in µs: a line for the total, one with a tag for each step.
[[nodiscard]] std::string to_hdr_log(const Result& result);

// RFC 4180: quoted where it has to be.
[[nodiscard]] std::string csv_field(std::string_view text);

struct FileFormat {
    std::string_view kind;  // as in --out KIND=PATH
    std::string (*render)(const Result&) = nullptr;
    std::string_view media_type;
};
[[nodiscard]] std::span<const FileFormat> file_formats();
[[nodiscard]] const FileFormat* find_format(std::string_view kind);

}  // namespace boom::report
