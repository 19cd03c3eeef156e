#pragma once
// Reading whole files of the user. Private to this module.

#include "base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace boom::plan {

// Without a byte order mark. Empty, with a mistake, when it cannot be read or is too large.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path,
                                                   std::vector<base::Mistake>& mistakes);

}  // namespace boom::plan
