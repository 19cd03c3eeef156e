#include "target/encodings.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <zlib.h>

namespace boom::target {
namespace {

std::string inflate_with(std::string bytes, int window_bits) {
    z_stream stream{};
    REQUIRE(::inflateInit2(&stream, window_bits) == Z_OK);
    std::string out(std::size_t{1} << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
    CHECK(stream.avail_in == 0);
    out.resize(stream.total_out);
    ::inflateEnd(&stream);
    return out;
}

TEST_CASE("encodings: zlib reads back what is packed in its three formats", "[target]") {
    for (const std::string& text :
         {std::string(), std::string("hello"), std::string(300'000, 'a')}) {
        CHECK(inflate_with(to_gzip(text), 15 + 16) == text);
        CHECK(inflate_with(to_deflate(text), 15) == text);
        CHECK(inflate_with(to_raw_deflate(text), -15) == text);
    }
}

// Bit by bit as RFC 7932 section 9 describes it; the end-to-end test asks a real decoder.
TEST_CASE("encodings: brotli stores blocks of at most 64 KiB", "[target]") {
    CHECK(to_brotli("") == "\x06");
    // 0 (window) 0 (not last) 00 (nibbles) 0000000000000100 (5 - 1) 1 (stored), low bit first.
    CHECK(to_brotli("hello") == std::string("\x40\x00\x10hello\x03", 9));
    CHECK(to_brotli(std::string(65536, 'a')).size() == 3 + 65536 + 1);
    CHECK(to_brotli(std::string(65537, 'a')).size() == 3 + 65536 + 3 + 1 + 1);
}

TEST_CASE("encodings: zstd stores blocks of at most 128 KiB", "[target]") {
    const std::string head("\x28\xb5\x2f\xfd\xa0", 5);
    CHECK(to_zstd("") == head + std::string("\0\0\0\0\x01\0\0", 7));
    CHECK(to_zstd("hello") == head + std::string("\x05\0\0\0\x29\0\0hello", 12));
    CHECK(to_zstd(std::string(131073, 'a')).size() == 9 + 3 + 131072 + 3 + 1);
}

}  // namespace
}  // namespace boom::target
