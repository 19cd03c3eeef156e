// Histogram::decode on hostile bytes: as they are, and compressed behind a valid outer header, so
// that mutations reach the counts. What is accepted must be whole and survive a round trip.
#include "base/assert.hpp"
#include "stats/histogram.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <zlib.h>

namespace {

using boom::stats::Histogram;

constexpr std::string_view kInnerHeader(
    "\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x01"
    "\x00\x00\x00\x00\xd6\x93\xa4\x00\x3f\xf0\x00\x00\x00\x00\x00\x00",
    32);

std::string big_endian32(std::size_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((value >> shift) & 0xffU);
    }
    return bytes;
}

std::string wrapped(const std::string& inner) {
    uLongf size = compressBound(inner.size());
    std::string data(size, '\0');
    const int result = compress2(reinterpret_cast<Bytef*>(data.data()), &size,
                                 reinterpret_cast<const Bytef*>(inner.data()), inner.size(), 1);
    BOOM_ASSERT(result == Z_OK);
    data.resize(size);
    return "\x1c\x84\x93\x14" + big_endian32(size) + data;
}

void check(std::string_view bytes) {
    const auto histogram = Histogram::decode(bytes, {.max_us = Histogram::kMaxValueUs});
    if (!histogram) {
        return;
    }
    std::int64_t sum = 0;
    std::int64_t previous = -1;
    histogram->for_each_bucket([&](std::int64_t lowest, std::int64_t highest, std::int64_t count) {
        BOOM_ASSERT(lowest > previous);
        BOOM_ASSERT(count > 0);
        previous = highest;
        sum += count;
    });
    BOOM_ASSERT(sum == histogram->count());
    BOOM_ASSERT(histogram->percentile_us(50) <= histogram->percentile_us(99.9));
    BOOM_ASSERT(histogram->count_at_or_below(Histogram::kMaxValueUs) == sum);
    BOOM_ASSERT(std::isfinite(histogram->stddev_us()));
    const std::string encoded = histogram->encode();
    const auto again = Histogram::decode(encoded, histogram->moments());
    BOOM_ASSERT(again.has_value());
    BOOM_ASSERT(again->encode() == encoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    check(wrapped(bytes));
    check(wrapped("\x1c\x84\x93\x13" + big_endian32(size) + std::string(kInnerHeader) + bytes));
    return 0;
}
