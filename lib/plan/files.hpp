#pragma once
// Reading whole files of the user. Private to this module.

#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace boom::plan {

// Cases are shipped to every worker, and so is their data.
inline constexpr std::size_t kMaxCaseBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxDataBytes = std::size_t{512} << 20U;

// A case without its byte order mark, data as it is. Empty, with a mistake, when it cannot be read
// or is too large.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path,
                                                   std::vector<base::Mistake>& mistakes,
                                                   std::size_t max_bytes = kMaxCaseBytes);

}  // namespace boom::plan
