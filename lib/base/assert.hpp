#pragma once
// BOOM_ASSERT: the program is wrong, not the user and not the world. On in release builds too.

namespace boom::base {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace boom::base

// The only macro of the project: it needs the text and the place of its argument.
#define BOOM_ASSERT(condition) \
    ((condition) ? void(0) : ::boom::base::assertion_failed(#condition, __FILE__, __LINE__))
