#include "user/fleet_counters.hpp"

#include "base/assert.hpp"

#include <memory>

namespace boom::user {

FleetCounters::FleetCounters(std::uint32_t part)
    : first_((static_cast<std::int64_t>(part) - 1) * kRange + 1) {
    BOOM_ASSERT(part > 0);
}

FleetCounters::~FleetCounters() {
    for (Entry& entry : entries_) {
        delete entry.name.load();
    }
}

std::optional<std::int64_t> FleetCounters::next(std::string_view name) {
    for (Entry& entry : entries_) {
        const std::string* known = entry.name.load(std::memory_order_acquire);
        if (known == nullptr) {
            auto added = std::make_unique<const std::string>(name);
            if (entry.name.compare_exchange_strong(known, added.get(), std::memory_order_acq_rel)) {
                known = added.release();
            }
        }
        if (*known == name) {
            const std::int64_t given = entry.given.fetch_add(1, std::memory_order_relaxed);
            return given < kRange ? std::optional(first_ + given) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace boom::user
