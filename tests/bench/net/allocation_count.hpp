#pragma once
// How often this process has asked for memory by `new` since its start. Any thread.

#include <cstdint>

namespace boom::bench {

[[nodiscard]] std::int64_t allocations();

}  // namespace boom::bench
