#pragma once
// Content codings of answers (RFC 9110 section 8.4.1). Any thread.

#include <string>
#include <string_view>

namespace boom::target {

[[nodiscard]] std::string to_gzip(std::string_view text);
// "deflate" means zlib's format, but some servers send it without zlib's frame.
[[nodiscard]] std::string to_deflate(std::string_view text);
[[nodiscard]] std::string to_raw_deflate(std::string_view text);
// Valid frames whose blocks are stored as they are: what tests decoders needs no encoder.
[[nodiscard]] std::string to_brotli(std::string_view text);
[[nodiscard]] std::string to_zstd(std::string_view text);

}  // namespace boom::target
