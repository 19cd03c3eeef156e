#pragma once
// Builds a debugtalk.cpp to a shared object. Blocks; for the start of a program only.

#include <optional>
#include <string>
#include <string_view>

namespace boom::script {

// include/boom/debugtalk.h
extern const std::string_view kNativeHeader;

// With $CXX, else c++, and the flags of $CXXFLAGS. `path`: for messages, and its folder for its
// own includes. Empty: `error` has the compiler's first words.
[[nodiscard]] std::optional<std::string> build_library(const std::string& path, std::string& error);

}  // namespace boom::script
