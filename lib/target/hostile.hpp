#pragma once
// Answers that a client meets rarely: legal but unusual ones, and broken ones that it must refuse.
// Pure functions; any thread.

#include "target/answer.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace boom::target {

// Empty for a kind that does not exist.
[[nodiscard]] std::optional<Answer> hostile_answer(std::string_view kind);
// {"kind": true, …}: true for the legal ones.
[[nodiscard]] std::string hostile_kinds_json();

}  // namespace boom::target
