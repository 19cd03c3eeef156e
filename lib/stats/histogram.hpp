#pragma once
// A latency histogram with the HDR layout (http://hdrhistogram.org): 1 µs … 1 h, 3 significant
// digits. One writer thread. Counts are allocated by power-of-two block at first touch, so that an
// empty or narrow histogram is small (a full one has 188 KB).

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boom::stats {

class Histogram {
public:
    static constexpr std::int64_t kMaxValueUs = 3'600'000'000;  // above: recorded as this
    static constexpr int kSignificantDigits = 3;

    // What the buckets cannot say exactly. `min_us` and `max_us` are 0 when empty.
    struct Moments {
        std::int64_t min_us = 0;
        std::int64_t max_us = 0;
        double sum_us = 0;  // whole microseconds, exact up to 2^53 (285 years)
        double sum_of_squares_us = 0;
        // What the double above cannot hold (it passes 2^53 after 9000 samples of one second): with
        // it a histogram that is sent and decoded is the same to the last bit.
        double sum_of_squares_rest_us = 0;
        bool operator==(const Moments&) const = default;
    };

    Histogram() = default;
    Histogram(const Histogram& other);
    Histogram& operator=(const Histogram& other);
    Histogram(Histogram&&) noexcept = default;
    Histogram& operator=(Histogram&&) noexcept = default;
    ~Histogram() = default;

    // A value below 0 counts as 0. O(1); allocates only at the first touch of a block.
    void record(std::int64_t value_us, std::int64_t times = 1);
    // Afterwards every figure is that of the union of both sets of samples.
    void add(const Histogram& other);
    void clear();  // keeps its memory

    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] bool is_empty() const { return count_ == 0; }
    [[nodiscard]] Moments moments() const;  // exact, of the values as clamped
    [[nodiscard]] double mean_us() const;   // exact; 0 when empty
    [[nodiscard]] double stddev_us() const;
    // The highest value equivalent at 3 digits to the sample of that rank, capped at the exact
    // maximum; 0 when empty. REQUIRES: 0 <= percent <= 100.
    [[nodiscard]] std::int64_t percentile_us(double percent) const;
    // Samples with a value <= `value_us` (to bucket precision): for Prometheus buckets.
    [[nodiscard]] std::int64_t count_at_or_below(std::int64_t value_us) const;
    // Calls `visit(lowest, highest, count)` for every non-empty bucket in ascending order.
    void for_each_bucket(
        const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& visit) const;

    // The HdrHistogram V2 compressed format (zlib, not base64), as read by every HdrHistogram tool.
    [[nodiscard]] std::string encode() const;
    // Counts come from the payload, the moments from the caller (the payload has no exact sums).
    // Empty for anything malformed, oversized or of another layout.
    [[nodiscard]] static std::optional<Histogram> decode(std::string_view bytes,
                                                         const Moments& moments);

private:
    // Index of a count in the HDR layout: values below 2048 have one each, then 1024 for each
    // further power of two. A block is 1024 consecutive counts.
    static constexpr std::size_t kBlocks = 23;
    static constexpr std::size_t kBlockSize = 1024;
    using Block = std::array<std::int64_t, kBlockSize>;
    // Sums in integers: those of doubles would depend on the order of the samples.
    __extension__ using Wide = unsigned __int128;

    [[nodiscard]] static std::size_t index_of(std::int64_t value_us);
    [[nodiscard]] static std::int64_t lowest_of(std::size_t index);
    [[nodiscard]] static std::int64_t highest_of(std::size_t index);
    [[nodiscard]] static Wide to_wide(double value);
    // The count, which will not be 0.
    [[nodiscard]] std::int64_t& cell(std::size_t index);
    void mark(std::size_t index) {
        used_[index / kBlockSize] |= std::uint64_t{1} << (index % kBlockSize / kRunSize);
    }
    [[nodiscard]] std::string payload() const;
    [[nodiscard]] bool read_payload(std::string_view bytes);
    void set_moments(const Moments& moments);

    std::array<std::unique_ptr<Block>, kBlocks> blocks_;
    // Of each block, which of its 64 runs of counts have any: a second of few samples touches
    // little of it.
    static constexpr std::size_t kRunSize = kBlockSize / 64;
    std::array<std::uint64_t, kBlocks> used_{};
    std::int64_t count_ = 0;
    std::int64_t min_us_ = kMaxValueUs;
    std::int64_t max_us_ = 0;
    Wide sum_us_ = 0;
    Wide sum_of_squares_us_ = 0;
};

}  // namespace boom::stats
