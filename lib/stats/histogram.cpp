#include "stats/histogram.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace boom::stats {

namespace {

constexpr unsigned kBlockBits = 10;
// Values below this (11 bits) are counted one by one.
constexpr std::uint64_t kUnitMask = 2047;
constexpr int kUnitBits = 11;

// The rank, from 1, that a percentile asks for. As HdrHistogram: the percent is taken one step
// lower, so that the rounding of the product can never lift it above an exact result.
std::int64_t rank_of(double percent, std::int64_t count) {
    const double exact = std::nextafter(percent, 0.0) * static_cast<double>(count) / 100.0;
    if (percent >= 100.0 || exact >= static_cast<double>(count)) {
        return count;
    }
    return std::clamp(static_cast<std::int64_t>(std::ceil(exact)), std::int64_t{1}, count);
}

}  // namespace

std::size_t Histogram::index_of(std::int64_t value_us) {
    const auto value = static_cast<std::uint64_t>(value_us);
    const auto power = static_cast<unsigned>(std::bit_width(value | kUnitMask) - kUnitBits);
    return (std::size_t{power} << kBlockBits) + static_cast<std::size_t>(value >> power);
}

std::int64_t Histogram::lowest_of(std::size_t index) {
    const std::size_t block_index = index >> kBlockBits;
    if (block_index < 2) {
        return static_cast<std::int64_t>(index);
    }
    const std::size_t sub_bucket = (index & (kBlockSize - 1)) + kBlockSize;
    return static_cast<std::int64_t>(sub_bucket << (block_index - 1));
}

std::int64_t Histogram::highest_of(std::size_t index) {
    return lowest_of(index + 1) - 1;
}

Histogram::Wide Histogram::to_wide(double value) {
    // A decoded double may be anything; 2^126 is far above every sum of samples.
    constexpr double kLimit = 0x1p126;
    if (!(value >= 1.0)) {
        return 0;
    }
    return static_cast<Wide>(std::min(value, kLimit));
}

Histogram::Histogram(const Histogram& other) {
    *this = other;
}

Histogram& Histogram::operator=(const Histogram& other) {
    if (this == &other) {
        return *this;
    }
    for (std::size_t i = 0; i < kBlocks; ++i) {
        blocks_[i] = other.used_[i] != 0 ? std::make_unique<Block>(*other.blocks_[i]) : nullptr;
    }
    used_ = other.used_;
    count_ = other.count_;
    min_us_ = other.min_us_;
    max_us_ = other.max_us_;
    sum_us_ = other.sum_us_;
    sum_of_squares_us_ = other.sum_of_squares_us_;
    return *this;
}

std::int64_t& Histogram::cell(std::size_t index) {
    std::unique_ptr<Block>& block = blocks_[index >> kBlockBits];
    if (!block) {
        block = std::make_unique<Block>();
    }
    mark(index);
    return (*block)[index & (kBlockSize - 1)];
}

void Histogram::record(std::int64_t value_us, std::int64_t times) {
    BOOM_ASSERT(times > 0);
    const std::int64_t value = std::clamp(value_us, std::int64_t{0}, kMaxValueUs);
    const std::size_t index = index_of(value);
    if (Block* cells = blocks_[index >> kBlockBits].get()) [[likely]] {
        mark(index);
        (*cells)[index & (kBlockSize - 1)] += times;
    } else {
        cell(index) = times;
    }
    count_ += times;
    min_us_ = std::min(min_us_, value);
    max_us_ = std::max(max_us_, value);
    const auto unsigned_value = static_cast<std::uint64_t>(value);
    const auto unsigned_times = static_cast<std::uint64_t>(times);
    // The square of an hour in microseconds fits into 64 bits.
    const std::uint64_t square = unsigned_value * unsigned_value;
    sum_us_ += Wide{unsigned_value} * unsigned_times;
    sum_of_squares_us_ += Wide{square} * unsigned_times;
}

void Histogram::add(const Histogram& other) {
    if (other.is_empty()) {
        return;
    }
    for (std::size_t i = 0; i < kBlocks; ++i) {
        std::uint64_t runs = other.used_[i];
        if (runs == 0) {
            continue;
        }
        if (!blocks_[i]) {
            blocks_[i] = std::make_unique<Block>();
        }
        used_[i] |= runs;
        for (; runs != 0; runs &= runs - 1) {
            const std::size_t first = static_cast<std::size_t>(std::countr_zero(runs)) * kRunSize;
            // Restricted, so that the compiler adds several at once.
            auto* __restrict to = blocks_[i]->data() + first;
            const auto* __restrict from = other.blocks_[i]->data() + first;
            for (std::size_t k = 0; k < kRunSize; ++k) {
                to[k] += from[k];
            }
        }
    }
    count_ += other.count_;
    min_us_ = std::min(min_us_, other.min_us_);
    max_us_ = std::max(max_us_, other.max_us_);
    sum_us_ += other.sum_us_;
    sum_of_squares_us_ += other.sum_of_squares_us_;
}

void Histogram::clear() {
    for (std::unique_ptr<Block>& cell : blocks_) {
        if (cell) {
            cell->fill(0);
        }
    }
    used_ = {};
    count_ = 0;
    min_us_ = kMaxValueUs;
    max_us_ = 0;
    sum_us_ = 0;
    sum_of_squares_us_ = 0;
}

Histogram::Moments Histogram::moments() const {
    if (count_ == 0) {
        return {};
    }
    Moments result{.min_us = min_us_,
                   .max_us = max_us_,
                   .sum_us = static_cast<double>(sum_us_),
                   .sum_of_squares_us = static_cast<double>(sum_of_squares_us_)};
    const Wide held = to_wide(result.sum_of_squares_us);
    result.sum_of_squares_rest_us = held <= sum_of_squares_us_
                                        ? static_cast<double>(sum_of_squares_us_ - held)
                                        : -static_cast<double>(held - sum_of_squares_us_);
    return result;
}

void Histogram::set_moments(const Moments& moments) {
    min_us_ = moments.min_us;
    max_us_ = moments.max_us;
    sum_us_ = to_wide(moments.sum_us);
    sum_of_squares_us_ =
        to_wide(moments.sum_of_squares_us) + to_wide(moments.sum_of_squares_rest_us);
    sum_of_squares_us_ -= std::min(sum_of_squares_us_, to_wide(-moments.sum_of_squares_rest_us));
}

double Histogram::mean_us() const {
    return count_ == 0 ? 0.0 : static_cast<double>(sum_us_) / static_cast<double>(count_);
}

double Histogram::stddev_us() const {
    if (count_ == 0) {
        return 0.0;
    }
    // Around the whole part of the mean, in integers: nothing cancels, however far from zero the
    // values lie.
    const auto count = static_cast<Wide>(count_);
    const Wide center = sum_us_ / count;
    const Wide squares = sum_of_squares_us_ - 2 * center * sum_us_ + count * center * center;
    if ((squares >> 127U) != 0) {
        return 0.0;  // Moments that no samples can have: below zero.
    }
    const double offset = static_cast<double>(sum_us_ % count) / static_cast<double>(count_);
    const double variance =
        static_cast<double>(squares) / static_cast<double>(count_) - offset * offset;
    return std::sqrt(std::max(variance, 0.0));
}

std::int64_t Histogram::percentile_us(double percent) const {
    BOOM_ASSERT(percent >= 0.0);
    BOOM_ASSERT(percent <= 100.0);
    if (count_ == 0) {
        return 0;
    }
    const std::int64_t rank = rank_of(percent, count_);
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < kBlocks; ++i) {
        if (!blocks_[i]) {
            continue;
        }
        for (std::size_t k = 0; k < kBlockSize; ++k) {
            seen += (*blocks_[i])[k];
            if (seen >= rank) {
                return std::min(highest_of((i << kBlockBits) + k), max_us_);
            }
        }
    }
    return max_us_;
}

std::int64_t Histogram::count_at_or_below(std::int64_t value_us) const {
    if (value_us < 0) {
        return 0;
    }
    const std::size_t last = index_of(std::min(value_us, kMaxValueUs));
    std::int64_t sum = 0;
    for (std::size_t i = 0; i <= last >> kBlockBits; ++i) {
        if (blocks_[i]) {
            const std::size_t end = std::min(last + 1 - (i << kBlockBits), kBlockSize);
            sum += std::accumulate(blocks_[i]->begin(),
                                   blocks_[i]->begin() + static_cast<std::ptrdiff_t>(end),
                                   std::int64_t{0});
        }
    }
    return sum;
}

void Histogram::for_each_bucket(
    const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& visit) const {
    for (std::size_t i = 0; i < kBlocks; ++i) {
        if (!blocks_[i]) {
            continue;
        }
        for (std::size_t k = 0; k < kBlockSize; ++k) {
            const std::int64_t count = (*blocks_[i])[k];
            if (count > 0) {
                const std::size_t index = (i << kBlockBits) + k;
                visit(lowest_of(index), highest_of(index), count);
            }
        }
    }
}

}  // namespace boom::stats
