#pragma once
// Small text operations that the standard library lacks.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::base {

[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);                        // ASCII
[[nodiscard]] std::string to_upper(std::string_view text);                        // ASCII
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII
// Parts between separators; "" gives one empty part.
[[nodiscard]] std::vector<std::string_view> split_text(std::string_view text, char separator);
// The whole text must be the number; no sign "+", no spaces.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
[[nodiscard]] std::optional<double> parse_real(std::string_view text);
// The inside of a JSON string literal, without the quotes. Control characters are escaped.
[[nodiscard]] std::string escape_json(std::string_view text);
// At most `limit` bytes, cut at a UTF-8 boundary, "…" added when cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t limit);
[[nodiscard]] std::string encode_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace boom::base
