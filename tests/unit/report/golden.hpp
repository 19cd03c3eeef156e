#pragma once
// Texts that were looked at and kept: tests/data/report. With BOOM_UPDATE_GOLDEN=1 in the
// environment the files are written anew, to be looked at again in the diff.

#include <string>

namespace boom::test {

// The kept text; what to compare with. Writes `now` first when asked to.
[[nodiscard]] std::string golden(const std::string& name, const std::string& now);

}  // namespace boom::test
