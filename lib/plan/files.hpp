#pragma once
// Reading whole files of the user. Private to this module.

#include "base/content.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace boom::plan {

// Cases are shipped to every worker, and so is their data.
inline constexpr std::size_t kMaxCaseBytes = std::size_t{16} << 20U;

// A case, without its byte order mark. Empty, with a mistake, when it cannot be read or is too
// large.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path,
                                                   std::vector<base::Mistake>& mistakes);
// Data as it is, from a moment on which no change of the file matters. Empty, with a mistake, when
// it cannot be read, is too large or does not fit on the disk.
[[nodiscard]] std::optional<base::Content> read_data(const std::string& path,
                                                     std::vector<base::Mistake>& mistakes,
                                                     std::optional<std::size_t> max_bytes = {});

}  // namespace boom::plan
