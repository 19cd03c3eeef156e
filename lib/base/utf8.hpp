#pragma once
// Whether bytes are text. Any thread.

#include <string_view>

namespace boom::base {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace boom::base
