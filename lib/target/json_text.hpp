#pragma once
// JSON texts of answers. Any thread.

#include "target/request.hpp"

#include <string>
#include <string_view>

namespace boom::target {

// Bytes that are no text become a "data:" URL, as httpbin does.
[[nodiscard]] std::string json_string(std::string_view text);
// Texts by name, in the order of their first appearance; a name that comes again makes a list.
[[nodiscard]] std::string object(const Fields& fields);
void append_json_string(std::string& out, std::string_view text);
void append_object(std::string& out, const Fields& fields);
void append_headers(std::string& out, const Request& request);
// Names in lower case; repeated ones joined with a comma (RFC 9110 section 5.3).
[[nodiscard]] std::string headers_object(const Request& request);

}  // namespace boom::target
