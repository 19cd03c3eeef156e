#pragma once
// Bodies of uploads: multipart/form-data (RFC 7578). Any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::target {

struct FormPart {
    std::string name;
    std::optional<std::string> filename;  // a file, when there is one
    std::string content_type;             // empty when not given
    std::string content;
};

// Empty when the text is not exactly a sequence of parts with names and an end.
[[nodiscard]] std::optional<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                                                   std::string_view body);

}  // namespace boom::target
