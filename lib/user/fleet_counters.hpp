#pragma once
// Counters whose numbers no other worker gives out: each part of a run has a range of its own.
// Shared by the generator threads of a worker; no lock, and no allocation but for a new name.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace boom::user {

class FleetCounters {
public:
    // Numbers of one part. The first part of a run counts from 1, the next from 10'000'000'001.
    static constexpr std::int64_t kRange = 10'000'000'000;
    // A case that names its counters by data would never end.
    static constexpr std::size_t kMaxNames = 256;

    // REQUIRES: part > 0; parts of a run are numbered over the whole fleet.
    explicit FleetCounters(std::uint32_t part);
    ~FleetCounters();
    FleetCounters(const FleetCounters&) = delete;
    FleetCounters& operator=(const FleetCounters&) = delete;

    // Any thread. Empty: too many names, or the range is used up.
    [[nodiscard]] std::optional<std::int64_t> next(std::string_view name);

private:
    struct Entry {
        std::atomic<const std::string*> name{nullptr};
        std::atomic<std::int64_t> given{0};
    };
    std::int64_t first_;
    std::array<Entry, kMaxNames> entries_;
};

}  // namespace boom::user
