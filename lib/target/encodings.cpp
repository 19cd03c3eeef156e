#include "target/encodings.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstdint>
#include <zlib.h>

namespace boom::target {
namespace {

// Window bits as zlib codes the three formats.
constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

constexpr std::size_t kBrotliBlock = std::size_t{1} << 16;
constexpr std::size_t kZstdBlock = std::size_t{128} << 10;

std::string deflate_with(std::string_view text, int window_bits) {
    z_stream stream{};
    int result =
        ::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
    BOOM_ASSERT(result == Z_OK);
    std::string out(::deflateBound(&stream, text.size()), '\0');
    std::string in(text);
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    result = ::deflate(&stream, Z_FINISH);
    BOOM_ASSERT(result == Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

// `count` lowest bytes, the least significant one first.
void append_bytes(std::string& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
        out += static_cast<char>((value >> (8 * i)) & 0xff);
    }
}

}  // namespace

std::string to_gzip(std::string_view text) {
    return deflate_with(text, kGzip);
}
std::string to_deflate(std::string_view text) {
    return deflate_with(text, kZlib);
}
std::string to_raw_deflate(std::string_view text) {
    return deflate_with(text, kRaw);
}

// RFC 7932 section 9: one bit for a window of 16 bits, then meta-blocks: not the last (one bit),
// four nibbles of length (two bits of 0), the length less one, "uncompressed" (one bit), padding.
std::string to_brotli(std::string_view text) {
    constexpr std::string_view kLastAndEmpty = "\x03";
    constexpr std::string_view kWindowLastAndEmpty = "\x06";
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += kBrotliBlock) {
        const std::string_view block = text.substr(at, kBrotliBlock);
        const unsigned window_bits = at == 0 ? 1 : 0;
        const std::uint64_t length_and_flag = (block.size() - 1) | (std::uint64_t{1} << 16);
        append_bytes(out, length_and_flag << (window_bits + 3), 3);
        out += block;
    }
    return out += text.empty() ? kWindowLastAndEmpty : kLastAndEmpty;
}

// RFC 8878 section 3.1.1: magic number, descriptor (single segment, four bytes of size), raw blocks
// whose header is "last" (one bit), type 0 (two bits) and the size.
std::string to_zstd(std::string_view text) {
    std::string out;
    append_bytes(out, 0xFD2FB528, 4);
    append_bytes(out, 0xA0, 1);
    append_bytes(out, text.size(), 4);
    std::size_t at = 0;
    do {
        const std::string_view block = text.substr(at, kZstdBlock);
        at += block.size();
        append_bytes(out, (block.size() << 3) | (at == text.size() ? 1 : 0), 3);
        out += block;
    } while (at < text.size());
    return out;
}

}  // namespace boom::target
