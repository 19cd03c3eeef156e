#pragma once
// Splitting integers by weight, exactly: used twice, master → workers and worker → threads.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace boom::load {

// What one worker declared with --max-users; empty = nothing declared.
using Capacity = std::optional<std::int64_t>;

// Largest remainder by weight, sums exactly to `total`; ties by position. A weight of 0 gets 0.
// REQUIRES: total >= 0, weights >= 0. All weights 0: all shares 0.
[[nodiscard]] std::vector<std::int64_t> split(std::int64_t total,
                                              std::span<const std::int64_t> weights);

// Design D8: weights are the declared capacities; those that declare nothing count as the mean of
// the others, uncapped; nobody declares: equal weights. Nobody exceeds its declaration; what does
// not fit goes to the others. Empty when the total does not fit at all.
[[nodiscard]] std::optional<std::vector<std::int64_t>> split_by_capacity(
    std::int64_t total, std::span<const Capacity> capacities);

// Who owns the n-th of sum(shares) things, so that every owner's are spread evenly over the whole:
// the result has shares[i] entries of value i, and in every prefix each owner's number is within 1
// of its proportion. O(total · log owners).
[[nodiscard]] std::vector<std::int32_t> stripe(std::span<const std::int64_t> shares);

// The global ordinals of owner `index`, ascending.
[[nodiscard]] std::vector<std::int64_t> ordinals_of(std::span<const std::int64_t> shares,
                                                    std::size_t index);

}  // namespace boom::load
