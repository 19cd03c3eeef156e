#pragma once
// Duration text as users type it: "30", "30s", "1m30s", "500ms", "1h". A bare number is seconds.

#include "base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace boom::base {

// Empty for anything that is not a duration, for negative ones and for those above 10 years.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
// The shortest exact text that parse_duration() reads back: "1m30s", "500ms", "0s".
[[nodiscard]] std::string format_duration(Duration d);

}  // namespace boom::base
