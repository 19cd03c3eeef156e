#pragma once
// The content policy of a page whose scripts and styles stand inside it.

#include <string>
#include <string_view>

namespace boom::web {

// Allows what `html` holds now, by its SHA-256, and nothing else: what a text of the page smuggles
// in does not run. Pure.
[[nodiscard]] std::string policy_by_hash(std::string_view html);

}  // namespace boom::web
