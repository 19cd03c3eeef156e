#pragma once
// Whole files, written so that one that hangs (a pipe that nobody reads, a dead network disk) holds
// nobody up for longer than a deadline.

#include "base/units.hpp"

#include <string>
#include <vector>

namespace boom::app {

struct FileText {
    std::string path, text;
};
// All at once, each on a thread of its own, which is left behind when it does not come to an end.
// What went wrong, one text for each such file: "a.csv: No space left on device".
[[nodiscard]] std::vector<std::string> write_texts(std::vector<FileText> files,
                                                   base::Duration deadline);

// Empty, or why a file could not be written now. Never waits; makes the file where there is none.
[[nodiscard]] std::string why_not_writable(const std::string& path);

}  // namespace boom::app
