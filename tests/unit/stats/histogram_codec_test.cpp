#include "base/rng.hpp"
#include "stats/histogram.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <zlib.h>

using boom::base::random_seed;
using boom::base::Rng;
using boom::stats::Histogram;

namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ') {
            continue;
        }
        digits += c;
        if (digits.size() == 2) {
            bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
            digits.clear();
        }
    }
    return bytes;
}

std::string big_endian32(std::size_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((value >> shift) & 0xffU);
    }
    return bytes;
}

std::string compressed(const std::string& inner) {
    std::string bytes(compressBound(inner.size()), '\0');
    uLongf size = bytes.size();
    REQUIRE(compress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                     reinterpret_cast<const Bytef*>(inner.data()), inner.size()) == Z_OK);
    bytes.resize(size);
    return bytes;
}

std::string wrapped(const std::string& inner) {
    const std::string data = compressed(inner);
    return from_hex("1c849314") + big_endian32(data.size()) + data;
}

std::string inflated(const std::string& outer) {
    std::string bytes(300'000, '\0');
    uLongf size = bytes.size();
    REQUIRE(uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                       reinterpret_cast<const Bytef*>(outer.data()) + 8, outer.size() - 8) == Z_OK);
    bytes.resize(size);
    return bytes;
}

// Header for 1 … 3,600,000,000 at three digits, then the payload.
std::string inner_with(const std::string& payload) {
    return from_hex("1c849313") + big_endian32(payload.size()) +
           from_hex("00000000 00000003 0000000000000001 00000000d693a400 3ff0000000000000") +
           payload;
}

std::optional<Histogram> decode(const std::string& bytes) {
    return Histogram::decode(bytes, {});
}

Histogram random_histogram(Rng& rng, std::uint64_t count) {
    Histogram histogram;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t limit = std::uint64_t{1} << (1 + rng.below(32));
        histogram.record(static_cast<std::int64_t>(rng.below(limit)),
                         static_cast<std::int64_t>(1 + rng.below(1 + rng.below(1 << 10))));
    }
    return histogram;
}

}  // namespace

TEST_CASE("Histogram codec: the bytes are those of the published V2 format", "[stats]") {
    Histogram histogram;
    histogram.record(0);          // 02
    histogram.record(2, 64);      // 00, 80 01: one zero is written as a count
    histogram.record(5);          // 03, 02: two zeros are -2
    histogram.record(1000, 300);  // -994, 300
    histogram.record(4097, 3);    // 2-wide from 2048 on: index 3072; 4096 on: 4 wide
    const std::string bytes = histogram.encode();
    CHECK(bytes.substr(0, 4) == from_hex("1c849314"));
    CHECK(bytes.substr(4, 4) == big_endian32(bytes.size() - 8));
    const std::string payload = from_hex("02 00 80 01 03 02 c3 0f d8 04 ad 20 06");
    CHECK(inflated(bytes) == inner_with(payload));
}

TEST_CASE("Histogram codec: an empty histogram has one zero count", "[stats]") {
    CHECK(inflated(Histogram{}.encode()) == inner_with(from_hex("00")));
    const auto decoded = Histogram::decode(Histogram{}.encode(), {.min_us = 5, .max_us = 9});
    REQUIRE(decoded);
    CHECK(decoded->is_empty());
    CHECK(decoded->moments() == Histogram::Moments{});
}

TEST_CASE("Histogram codec: what is encoded is decoded", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    for (int round = 0; round < 50; ++round) {
        const Histogram histogram = random_histogram(rng, rng.below(2000));
        const std::string bytes = histogram.encode();
        const auto decoded = Histogram::decode(bytes, histogram.moments());
        REQUIRE(decoded);
        REQUIRE(decoded->count() == histogram.count());
        REQUIRE(decoded->moments() == histogram.moments());
        REQUIRE(decoded->stddev_us() == histogram.stddev_us());
        REQUIRE(decoded->percentile_us(99) == histogram.percentile_us(99));
        REQUIRE(decoded->encode() == bytes);
    }
}

TEST_CASE("Histogram codec: the largest counts survive", "[stats]") {
    Histogram histogram;
    histogram.record(0, INT64_MAX);
    const std::string bytes = histogram.encode();
    CHECK(inflated(bytes) == inner_with(from_hex("fe ff ff ff ff ff ff ff ff")));
    const auto decoded = Histogram::decode(bytes, histogram.moments());
    REQUIRE(decoded);
    CHECK(decoded->count() == INT64_MAX);
    CHECK(decoded->percentile_us(50) == 0);
}

TEST_CASE("Histogram codec: the moments are the caller's", "[stats]") {
    Histogram histogram;
    histogram.record(1'000'001);
    const Histogram::Moments moments{.min_us = 1'000'000, .max_us = 1'000'050, .sum_us = 7};
    const auto decoded = Histogram::decode(histogram.encode(), moments);
    REQUIRE(decoded);
    CHECK(decoded->moments() == moments);
    CHECK(decoded->percentile_us(100) == 1'000'050);
}

TEST_CASE("Histogram codec: impossible moments do no harm", "[stats]") {
    Histogram histogram;
    histogram.record(1000, 5);
    const double bad = GENERATE(-1.0, 1e300, -1e300, std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN());
    auto decoded = Histogram::decode(histogram.encode(), {.min_us = INT64_MAX,
                                                          .max_us = INT64_MIN,
                                                          .sum_us = bad,
                                                          .sum_of_squares_us = bad,
                                                          .sum_of_squares_rest_us = bad});
    REQUIRE(decoded);
    for (int i = 0; i < 10; ++i) {
        decoded->add(Histogram(*decoded));
        CHECK(std::isfinite(decoded->moments().sum_of_squares_us));
        CHECK(std::isfinite(decoded->stddev_us()));
        CHECK(std::isfinite(decoded->mean_us()));
    }
}

TEST_CASE("Histogram codec: our own layout is read, with and without the word size", "[stats]") {
    const std::string payload = from_hex("03 02");
    std::string inner = inner_with(payload);
    REQUIRE(decode(wrapped(inner)));
    inner[3] = '\x03';
    std::string outer = wrapped(inner);
    outer[3] = '\x04';
    const auto decoded = decode(outer);
    REQUIRE(decoded);
    CHECK(decoded->count() == 1);
    CHECK(decoded->count_at_or_below(1) == 0);
    CHECK(decoded->count_at_or_below(2) == 1);
}

TEST_CASE("Histogram codec: any other header is refused", "[stats]") {
    const std::string inner = inner_with(from_hex("02"));
    REQUIRE(decode(wrapped(inner)));
    // Every byte of the header means something, but the word size (high half of byte 3).
    for (std::size_t i = 0; i < 40; ++i) {
        CAPTURE(i);
        std::string other = inner;
        other[i] = static_cast<char>(other[i] ^ 0x01);
        CHECK_FALSE(decode(wrapped(other)));
    }
    const std::string outer = wrapped(inner);
    for (std::size_t i = 0; i < 8; ++i) {
        CAPTURE(i);
        std::string other = outer;
        other[i] = static_cast<char>(other[i] ^ 0x01);
        CHECK_FALSE(decode(other));
    }
}

TEST_CASE("Histogram codec: malformed counts are refused", "[stats]") {
    const auto payload =
        GENERATE("",                                        // not even a count
                 "80", "02 80", "ff ff ff ff ff ff ff ff",  // a word that does not end
                 "fe ff ff ff ff ff ff ff ff 02",           // more samples than 64 bits
                 "ff ff ff ff ff ff ff ff ff",              // 2^63 zeros
                 "eb ea 02 02",      // 23222 zeros: behind the bucket of an hour
                 "e9 ea 02 02 02");  // 23221 zeros and one count too many
    CAPTURE(payload);
    CHECK_FALSE(decode(wrapped(inner_with(from_hex(payload)))));
}

TEST_CASE("Histogram codec: the last bucket is the one of an hour", "[stats]") {
    Histogram histogram;
    histogram.record(Histogram::kMaxValueUs);
    // 23220 zeros.
    CHECK(inflated(histogram.encode()) == inner_with(from_hex("e7 ea 02 02")));
    CHECK(decode(histogram.encode()));
}

TEST_CASE("Histogram codec: every truncation and every surplus byte is refused", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    const std::string bytes = random_histogram(rng, 300).encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(decode(bytes.substr(0, size)));
        if (size >= 8) {
            const std::string corrected =
                bytes.substr(0, 4) + big_endian32(size - 8) + bytes.substr(8, size - 8);
            REQUIRE_FALSE(decode(corrected));
        }
    }
    CHECK_FALSE(decode(bytes + '\0'));
    const std::string longer =
        bytes.substr(0, 4) + big_endian32(bytes.size() - 7) + bytes.substr(8) + '\0';
    CHECK_FALSE(decode(longer));
}

TEST_CASE("Histogram codec: a decompression bomb is refused", "[stats]") {
    CHECK_FALSE(decode(wrapped(inner_with(std::string(50'000'000, '\0')))));
    CHECK_FALSE(decode(wrapped(std::string(50'000'000, '\0'))));
}

TEST_CASE("Histogram codec: changed bytes are refused or give a whole histogram", "[stats]") {
    const std::uint64_t seed = random_seed();
    CAPTURE(seed);
    Rng rng(seed);
    const Histogram histogram = random_histogram(rng, 200);
    const std::string inner = inflated(histogram.encode());
    int accepted = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string other = inner;
        for (std::uint64_t flips = 1 + rng.below(4); flips > 0; --flips) {
            // Behind the header, or nothing would ever be accepted.
            other[40 + rng.below(other.size() - 40)] = static_cast<char>(rng.below(256));
        }
        const auto decoded = decode(wrapped(other));
        if (!decoded) {
            continue;
        }
        ++accepted;
        std::int64_t sum = 0;
        decoded->for_each_bucket([&](std::int64_t, std::int64_t, std::int64_t n) { sum += n; });
        REQUIRE(sum == decoded->count());
        const auto again = decode(decoded->encode());
        REQUIRE(again);
        REQUIRE(again->encode() == decoded->encode());
    }
    CHECK(accepted > 0);
}
