#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace boom::base {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "boom: internal error: %s does not hold (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace boom::base
