#include "report/files.hpp"

#include <algorithm>
#include <array>

namespace boom::report {
namespace {

constexpr std::array kFormats{
    FileFormat{"json", to_json, "application/json"},
    FileFormat{"csv", to_csv, "text/csv; charset=utf-8"},
    FileFormat{"html", to_html, "text/html; charset=utf-8"},
    FileFormat{"hdr", to_hdr_log, "text/plain; charset=utf-8"},
    FileFormat{"junit", to_junit, "application/xml"},
};

}  // namespace

std::span<const FileFormat> file_formats() {
    return kFormats;
}

const FileFormat* find_format(std::string_view kind) {
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(),
                                     [kind](const auto& one) { return one.kind == kind; });
    return found == kFormats.end() ? nullptr : found;
}

}  // namespace boom::report
