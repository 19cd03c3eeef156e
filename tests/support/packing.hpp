#pragma once
// Packs bodies as a server would, for the tests of what unpacks them.

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <zlib.h>

namespace boom::test {

// zlib's window bits: 15 zlib, -15 raw deflate, 31 gzip.
inline std::string pack_zlib(std::string_view text, int window) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8,
                         Z_DEFAULT_STRATEGY) == Z_OK);
    std::string source(text);
    std::string packed(source.size() + 128, '\0');
    stream.next_in = static_cast<Bytef*>(static_cast<void*>(source.data()));
    stream.avail_in = static_cast<uInt>(source.size());
    stream.next_out = static_cast<Bytef*>(static_cast<void*>(packed.data()));
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

inline std::string gzip(std::string_view text) {
    constexpr int kGzipWindow = 15 + 16;
    return pack_zlib(text, kGzipWindow);
}

}  // namespace boom::test
