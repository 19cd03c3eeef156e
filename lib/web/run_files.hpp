#pragma once
// Finished runs in the folder of --run-dir: <id>/result.json as every output, and
// <id>/summary.json, the row of the list, so that a list of hundreds reads no results.

#include "report/result.hpp"
#include "web/run_control.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::web {

inline constexpr std::size_t kMaxListedRuns = 500;  // the newest

// Any thread: nothing is kept but the folder's name; files are replaced whole.
class RunFiles {
public:
    // Makes the folder; throws ConfigError{Refused} when it cannot be written.
    explicit RunFiles(std::filesystem::path folder);

    // False when it could not be written.
    [[nodiscard]] bool keep(const report::Result& result) const;
    // Oldest first, by id. What is no run is left out.
    [[nodiscard]] std::vector<RunRow> list() const;
    // The result file; empty when there is none, and for an id that is no name of a run.
    [[nodiscard]] std::optional<std::string> read(std::string_view id) const;

private:
    std::filesystem::path folder_;
};

}  // namespace boom::web
