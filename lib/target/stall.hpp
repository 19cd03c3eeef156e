#pragma once
// The pause in which nobody is answered. Any thread; the last one that was asked for counts.

#include "base/units.hpp"

#include <atomic>
#include <cstdint>

namespace boom::target {

class Stall {
public:
    void set(base::TimePoint from, base::Duration length);
    // When something that is due at `due` may happen: then, or at the end of the pause.
    [[nodiscard]] base::TimePoint release(base::TimePoint due) const;

private:
    std::atomic<std::int64_t> from_ns_{0};
    std::atomic<std::int64_t> until_ns_{0};
};

}  // namespace boom::target
