#pragma once
// The files of the page, embedded at build time.

#include <string_view>

namespace boom::web {

struct Asset {
    std::string_view name;
    std::string_view content_type;
    std::string_view text;
};

// Null when there is none of that name.
[[nodiscard]] const Asset* find_asset(std::string_view name);

}  // namespace boom::web
