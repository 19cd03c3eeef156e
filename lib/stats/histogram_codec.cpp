// The HdrHistogram V2 format: a big-endian cookie and length, then zlib data; inside a 40 byte
// header and the counts in ascending order up to the last one, as ZigZag LEB128 of at most 9 bytes
// where -n stands for n zeros. Public description: AbstractHistogram.java of HdrHistogram 2.1.
#include "base/assert.hpp"
#include "stats/histogram.hpp"

#include <bit>
#include <limits>
#include <memory>
#include <zlib.h>

namespace boom::stats {

namespace {

constexpr std::uint32_t kEncodingCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
// The word size, which V2 does not use; readers ignore it.
constexpr std::uint32_t kCookieMask = ~0xf0U;
constexpr std::size_t kOuterHeaderSize = 8;
constexpr std::size_t kInnerHeaderSize = 40;
constexpr std::uint64_t kLowestValue = 1;
constexpr double kConversionRatio = 1.0;
constexpr std::size_t kMaxWordSize = 9;

void put_big_endian(std::string& out, std::uint64_t value, unsigned size) {
    for (unsigned i = size; i-- > 0;) {
        out += static_cast<char>((value >> (8 * i)) & 0xffU);
    }
}

void put_zigzag(std::string& out, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    std::uint64_t rest = (bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0U);
    for (std::size_t size = 1; size < kMaxWordSize && rest > 0x7fU; ++size) {
        out += static_cast<char>((rest & 0x7fU) | 0x80U);
        rest >>= 7U;
    }
    out += static_cast<char>(rest);
}

// Reads from the front of untrusted bytes; once something was missing, `is_good` stays false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool is_good() const { return is_good_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

    std::uint64_t big_endian(std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = (value << 8U) | byte();
        }
        return value;
    }

    std::uint64_t little_endian_base128() {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i + 1 < kMaxWordSize; ++i) {
            const std::uint64_t next = byte();
            value |= (next & 0x7fU) << (7 * i);
            if ((next & 0x80U) == 0) {
                return value;
            }
        }
        // The ninth byte carries eight bits.
        return value | (byte() << (7 * (kMaxWordSize - 1)));
    }

private:
    std::uint64_t byte() {
        if (rest_.empty()) {
            is_good_ = false;
            return 0;
        }
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }

    std::string_view rest_;
    bool is_good_ = true;
};

// The payload behind an inner header of our layout; empty for anything else (a payload has at
// least one byte).
std::string_view payload_of(std::string_view inner) {
    Reader reader(inner);
    const std::uint64_t cookie = reader.big_endian(4);
    const std::uint64_t length = reader.big_endian(4);
    const std::uint64_t normalizing_offset = reader.big_endian(4);
    const std::uint64_t digits = reader.big_endian(4);
    const std::uint64_t lowest = reader.big_endian(8);
    const std::uint64_t highest = reader.big_endian(8);
    const std::uint64_t ratio = reader.big_endian(8);
    const bool is_ours = (cookie & kCookieMask) == (kEncodingCookie & kCookieMask) &&
                         normalizing_offset == 0 && digits == Histogram::kSignificantDigits &&
                         lowest == kLowestValue && highest == Histogram::kMaxValueUs &&
                         ratio == std::bit_cast<std::uint64_t>(kConversionRatio);
    if (!reader.is_good() || !is_ours || length != reader.rest().size()) {
        return {};
    }
    return reader.rest();
}

// Unpacks zlib streams of at most so many bytes, in memory of its own. One thread.
template <std::size_t kMaxBytes>
class Inflater {
public:
    Inflater() { BOOM_ASSERT(inflateInit(&stream_) == Z_OK); }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    // Until the next call. Empty: malformed, too large, or something follows.
    [[nodiscard]] std::string_view inflate(std::string_view bytes) {
        inflateReset(&stream_);
        // zlib does not write there.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        stream_.next_out = reinterpret_cast<Bytef*>(buffer_.get());
        stream_.avail_out = kMaxBytes;
        if (::inflate(&stream_, Z_FINISH) != Z_STREAM_END || stream_.avail_in != 0) {
            return {};
        }
        return {buffer_.get(), kMaxBytes - stream_.avail_out};
    }

private:
    z_stream stream_{};
    std::unique_ptr<char[]> buffer_ = std::make_unique_for_overwrite<char[]>(kMaxBytes);
};

}  // namespace

std::string Histogram::payload() const {
    std::string bytes;
    std::int64_t zeros = 0;
    const auto put = [&](std::int64_t count) {
        if (count == 0) {
            ++zeros;
            return;
        }
        if (zeros > 0) {
            put_zigzag(bytes, zeros == 1 ? 0 : -zeros);
        }
        put_zigzag(bytes, count);
        zeros = 0;
    };
    for (const std::unique_ptr<Block>& cell : blocks_) {
        if (!cell) {
            zeros += std::int64_t{kBlockSize};
            continue;
        }
        for (const std::int64_t count : *cell) {
            put(count);
        }
    }
    if (bytes.empty()) {
        put_zigzag(bytes, 0);
    }
    return bytes;
}

std::string Histogram::encode() const {
    const std::string counts = payload();
    std::string inner;
    inner.reserve(kInnerHeaderSize + counts.size());
    put_big_endian(inner, kEncodingCookie, 4);
    put_big_endian(inner, counts.size(), 4);
    put_big_endian(inner, 0, 4);  // normalizing index offset
    put_big_endian(inner, kSignificantDigits, 4);
    put_big_endian(inner, kLowestValue, 8);
    put_big_endian(inner, kMaxValueUs, 8);
    put_big_endian(inner, std::bit_cast<std::uint64_t>(kConversionRatio), 8);
    inner += counts;

    uLongf size = compressBound(inner.size());
    const auto compressed = std::make_unique_for_overwrite<Bytef[]>(size);
    const int result =
        compress2(compressed.get(), &size, reinterpret_cast<const Bytef*>(inner.data()),
                  inner.size(), Z_DEFAULT_COMPRESSION);
    BOOM_ASSERT(result == Z_OK);
    std::string outer;
    outer.reserve(kOuterHeaderSize + size);
    put_big_endian(outer, kCompressedCookie, 4);
    put_big_endian(outer, size, 4);
    outer.append(reinterpret_cast<const char*>(compressed.get()), size);
    return outer;
}

bool Histogram::read_payload(std::string_view bytes) {
    const std::size_t limit = index_of(kMaxValueUs) + 1;
    std::size_t index = 0;
    Reader reader(bytes);
    while (!reader.rest().empty()) {
        const std::uint64_t word = reader.little_endian_base128();
        if (!reader.is_good()) {
            return false;
        }
        if ((word & 1U) != 0) {
            const std::uint64_t zeros = (word >> 1U) + 1;
            if (zeros > limit - index) {
                return false;
            }
            index += zeros;
            continue;
        }
        const auto count = static_cast<std::int64_t>(word >> 1U);
        if (index >= limit || count > std::numeric_limits<std::int64_t>::max() - count_) {
            return false;
        }
        if (count > 0) {
            cell(index) = count;
            count_ += count;
        }
        ++index;
    }
    return true;
}

std::optional<Histogram> Histogram::decode(std::string_view bytes, const Moments& moments) {
    Reader reader(bytes);
    const std::uint64_t cookie = reader.big_endian(4);
    const std::uint64_t length = reader.big_endian(4);
    const std::string_view compressed = reader.rest();
    if (!reader.is_good() || (cookie & kCookieMask) != (kCompressedCookie & kCookieMask) ||
        length != compressed.size()) {
        return std::nullopt;
    }
    // What a payload with a full word for every count needs: a bomb stops here.
    constexpr std::size_t kMaxInflated = kInnerHeaderSize + kBlocks * kBlockSize * kMaxWordSize;
    // A master unpacks 100 000 of them a second, and its memory would be taken and given back.
    thread_local Inflater<kMaxInflated> inflater;
    const std::string_view counts = payload_of(inflater.inflate(compressed));
    Histogram histogram;
    if (counts.empty() || !histogram.read_payload(counts)) {
        return std::nullopt;
    }
    if (histogram.count_ > 0) {
        histogram.set_moments(moments);
    }
    return histogram;
}

}  // namespace boom::stats
