#pragma once
// The test cases under a folder, for people who choose one in the browser. Never leaves the folder:
// neither by "..", nor by absolute paths, nor by links.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::web {

struct CaseFile {
    std::string path;  // relative to the folder, with "/"
    std::int64_t bytes = 0;
};

inline constexpr std::size_t kMaxCaseFiles = 500;          // listed
inline constexpr std::size_t kMaxVisitedFiles = 20'000;    // looked at
inline constexpr std::uintmax_t kMaxCaseBytes = 1U << 20;  // of one file
inline constexpr int kMaxCaseDepth = 8;                    // folders below the first

// Files that end in .yml, .yaml or .json and name `teststeps`, sorted by path. Hidden folders and
// links to folders are not entered; what cannot be read is left out.
[[nodiscard]] std::vector<CaseFile> list_cases(const std::filesystem::path& folder);
// The text of one of them; empty for anything that list_cases() could not have listed.
[[nodiscard]] std::optional<std::string> read_case(const std::filesystem::path& folder,
                                                   std::string_view path);

}  // namespace boom::web
