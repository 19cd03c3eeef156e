#pragma once
// Result files as the subcommands read and name them.

#include "base/error.hpp"
#include "boom/options.hpp"
#include "report/result.hpp"

#include <string>
#include <vector>

namespace boom::app {

// Throws ConfigError for what cannot be read or is no result file.
[[nodiscard]] report::Result read_result_file(const std::string& path);

// KIND=PATH texts; what is wrong with them is added to `mistakes`.
[[nodiscard]] std::vector<OutputFile> read_output_options(const std::vector<std::string>& texts,
                                                          std::vector<base::Mistake>& mistakes);

}  // namespace boom::app
