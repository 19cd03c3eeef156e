#include "load/split.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

namespace boom::load {
namespace {

// A product of two 63-bit numbers.
__extension__ typedef unsigned __int128 Wide;  // NOLINT(modernize-use-using)

Wide widen(std::int64_t value) {
    BOOM_ASSERT(value >= 0);
    return static_cast<Wide>(value);
}

// Weights in units of 1/(number of declarations), so that the mean is exact; halved until their
// sum fits.
std::vector<std::int64_t> capacity_weights(std::span<const Capacity> capacities) {
    Wide declared_sum = 0;
    Wide declarations = 0;
    for (const Capacity& capacity : capacities) {
        if (capacity) {
            declared_sum += widen(*capacity);
            ++declarations;
        }
    }
    const Wide undeclared = declared_sum == 0 ? Wide{1} : declared_sum;
    std::vector<Wide> exact;
    Wide sum = 0;
    for (const Capacity& capacity : capacities) {
        exact.push_back(capacity ? widen(*capacity) * declarations : undeclared);
        sum += exact.back();
    }
    int shift = 0;
    while ((sum >> shift) >> 63 != 0) {
        ++shift;
    }
    std::vector<std::int64_t> weights;
    weights.reserve(exact.size());
    for (const Wide weight : exact) {
        weights.push_back(static_cast<std::int64_t>(weight >> shift));
    }
    return weights;
}

bool fits(std::int64_t total, std::span<const Capacity> capacities) {
    Wide room = 0;
    for (const Capacity& capacity : capacities) {
        if (!capacity) {
            return true;
        }
        room += widen(*capacity);
    }
    return widen(total) <= room;
}

// The k-th thing of an owner has its place in [release, deadline): where the exact proportion
// passes k and k + 1.
struct Place {
    std::int64_t release = 0;
    std::int64_t deadline = 0;
    std::int32_t owner = 0;
    std::int64_t k = 0;
};

Place place_of(std::int32_t owner, std::int64_t k, std::int64_t share, std::int64_t total) {
    const Wide begin = widen(k) * widen(total) / widen(share);
    const Wide end = (widen(k + 1) * widen(total) + widen(share) - 1) / widen(share);
    return {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end), owner, k};
}

struct LaterRelease {
    bool operator()(const Place& a, const Place& b) const {
        return std::tie(a.release, a.owner) > std::tie(b.release, b.owner);
    }
};
struct LaterDeadline {
    bool operator()(const Place& a, const Place& b) const {
        return std::tie(a.deadline, a.owner) > std::tie(b.deadline, b.owner);
    }
};

}  // namespace

std::vector<std::int64_t> split(std::int64_t total, std::span<const std::int64_t> weights) {
    std::vector<std::int64_t> shares(weights.size(), 0);
    Wide weight_sum = 0;
    for (const std::int64_t weight : weights) {
        weight_sum += widen(weight);
    }
    if (weight_sum == 0) {
        return shares;
    }
    std::vector<Wide> remainders;
    remainders.reserve(weights.size());
    std::int64_t left = total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const Wide product = widen(total) * widen(weights[i]);
        shares[i] = static_cast<std::int64_t>(product / weight_sum);
        remainders.push_back(product % weight_sum);
        left -= shares[i];
    }
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
    for (std::size_t i = 0; left > 0; ++i, --left) {
        ++shares[order[i]];
    }
    return shares;
}

std::optional<std::vector<std::int64_t>> split_by_capacity(std::int64_t total,
                                                           std::span<const Capacity> capacities) {
    if (!fits(total, capacities)) {
        return std::nullopt;
    }
    std::vector<std::int64_t> weights = capacity_weights(capacities);
    std::vector<std::int64_t> pinned(capacities.size(), 0);
    std::vector<bool> is_pinned(capacities.size(), false);
    std::int64_t left = total;
    // Each round but the last pins at least one worker.
    while (true) {
        if (std::all_of(weights.begin(), weights.end(), [](auto w) { return w == 0; })) {
            for (std::size_t i = 0; i < weights.size(); ++i) {
                weights[i] = is_pinned[i] ? 0 : 1;
            }
        }
        std::vector<std::int64_t> shares = split(left, weights);
        const std::int64_t before = left;
        bool has_excess = false;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            if (!is_pinned[i] && capacities[i] && shares[i] > *capacities[i]) {
                has_excess = true;
                is_pinned[i] = true;
                pinned[i] = *capacities[i];
                weights[i] = 0;
                left -= pinned[i];
            }
        }
        BOOM_ASSERT(left >= 0 && left <= before);
        if (!has_excess) {
            for (std::size_t i = 0; i < shares.size(); ++i) {
                shares[i] += pinned[i];
            }
            return shares;
        }
    }
}

// Earliest deadline first. The windows of all owners can be met together, since the exact
// proportions meet them and the bounds are integers; so every prefix is within 1 of them.
std::vector<std::int32_t> stripe(std::span<const std::int64_t> shares) {
    const std::int64_t total = std::accumulate(shares.begin(), shares.end(), std::int64_t{0});
    std::priority_queue<Place, std::vector<Place>, LaterRelease> waiting;
    std::priority_queue<Place, std::vector<Place>, LaterDeadline> ready;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (shares[i] > 0) {
            waiting.push(place_of(static_cast<std::int32_t>(i), 0, shares[i], total));
        }
    }
    std::vector<std::int32_t> owners;
    owners.reserve(static_cast<std::size_t>(total));
    for (std::int64_t position = 0; position < total; ++position) {
        while (!waiting.empty() && waiting.top().release <= position) {
            ready.push(waiting.top());
            waiting.pop();
        }
        BOOM_ASSERT(!ready.empty());
        const Place place = ready.top();
        ready.pop();
        BOOM_ASSERT(position < place.deadline);
        owners.push_back(place.owner);
        const std::int64_t share = shares[static_cast<std::size_t>(place.owner)];
        if (place.k + 1 < share) {
            waiting.push(place_of(place.owner, place.k + 1, share, total));
        }
    }
    return owners;
}

std::vector<std::int64_t> ordinals_of(std::span<const std::int64_t> shares, std::size_t index) {
    BOOM_ASSERT(index < shares.size());
    const std::vector<std::int32_t> owners = stripe(shares);
    std::vector<std::int64_t> ordinals;
    ordinals.reserve(static_cast<std::size_t>(shares[index]));
    for (std::size_t i = 0; i < owners.size(); ++i) {
        if (static_cast<std::size_t>(owners[i]) == index) {
            ordinals.push_back(static_cast<std::int64_t>(i));
        }
    }
    return ordinals;
}

}  // namespace boom::load
