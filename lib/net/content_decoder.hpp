#pragma once
// Undoes a Content-Encoding piece by piece: gzip, deflate (zlib or raw), br, zstd, or several of
// them. One thread. What a decoder holds is bounded by the formats' windows (zstd: 8 MB).

#include <memory>
#include <string>
#include <string_view>

namespace boom::net {

class ContentDecoder {
public:
    virtual ~ContentDecoder() = default;
    // Appends to `out`, at most up to `limit` bytes in all; false when the input is broken or that
    // is not enough.
    [[nodiscard]] virtual bool decode(std::string_view bytes, std::string& out,
                                      std::size_t limit) = 0;
    // The input may end here.
    [[nodiscard]] virtual bool is_complete() const = 0;
};

// For the value of a Content-Encoding header. Null with `is_identity` when there is nothing to
// undo, null without it when a coding is unknown.
struct MadeDecoder {
    std::unique_ptr<ContentDecoder> decoder;
    bool is_identity = false;
};
[[nodiscard]] MadeDecoder make_content_decoder(std::string_view encodings);

}  // namespace boom::net
