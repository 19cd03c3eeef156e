#pragma once
// "did you mean": the nearest known name to a mistyped one.

#include <span>
#include <string>
#include <string_view>

namespace boom::base {

// Empty when nothing is near enough (edit distance above a third of the name's length, at least 2).
// Of equally near names that with the most of the same letters.
[[nodiscard]] std::string_view nearest_name(std::string_view name,
                                            std::span<const std::string_view> known);
// "did you mean 'url'?" or empty.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string_view> known);

}  // namespace boom::base
