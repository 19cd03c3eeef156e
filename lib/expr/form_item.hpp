#pragma once
// One value of a multipart form (RFC 7578) as cases write it:
// "@file;type=image/png;filename=a.png" is a file, anything else a text.

#include <string>
#include <string_view>
#include <vector>

namespace boom::expr {

struct FormItem {
    std::string content;  // the text, or the name of the file
    bool is_file = false;
    bool has_file_name = false;  // a text may be sent as if it were a file
    std::string type, file_name;
    std::vector<std::string> unknown;  // options without effect
};

[[nodiscard]] FormItem parse_form_item(std::string_view text);
// Header lines and the empty line. A file has a name and a type, whatever was written.
[[nodiscard]] std::string form_item_head(std::string_view name, const FormItem& item);

}  // namespace boom::expr
