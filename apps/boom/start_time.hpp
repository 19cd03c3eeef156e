#pragma once
// --start-at TIME as people type it.

#include <chrono>
#include <optional>
#include <string_view>

namespace boom::app {

using WallTime = std::chrono::system_clock::time_point;

// "14:30", "14:30:05" (local time, the next one), "2026-11-21T14:30:00Z", with or without seconds,
// zone and date's T; "+90s" from now. Empty for anything else.
[[nodiscard]] std::optional<WallTime> parse_start_time(std::string_view text, WallTime now);

}  // namespace boom::app
