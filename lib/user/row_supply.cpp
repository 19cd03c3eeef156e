#include "user/row_supply.hpp"

#include "load/split.hpp"

#include <algorithm>
#include <numeric>

namespace boom::user {
namespace {

using plan::AtEnd;
using plan::ParameterSource;

struct Block {
    std::int64_t begin = 0;
    std::int64_t count = 0;
};

// This worker's part of `total` things that follow each other.
Block block_of(std::int64_t total, const Share& share) {
    if (share.rows == Share::Rows::Nothing) {
        return {};
    }
    const std::vector<std::int64_t> counts = load::split(total, share.users);
    const auto mine = counts.begin() + static_cast<std::ptrdiff_t>(share.index);
    return {std::accumulate(counts.begin(), mine, std::int64_t{0}), *mine};
}

RowsLeft none(AtEnd end) {
    return end == AtEnd::Error ? RowsLeft::NoneIsError : RowsLeft::None;
}

}  // namespace

RowSupply::RowSupply(const plan::Plan& plan, const Share& share) {
    for (const plan::CasePlan& test_case : plan.cases) {
        cases_.push_back(std::make_unique<Case>());
        plan_case(*cases_.back(), test_case.parameters, share);
    }
}

void RowSupply::plan_case(Case& one, const plan::Parameters& parameters, const Share& share) {
    one.product = 1;
    one.unique_count = -1;
    for (const ParameterSource& source : parameters.sources) {
        Source part{&source, 0, source.row_count()};
        if (source.split == ParameterSource::Split::ByWorker) {
            const std::int64_t rows = source.order == plan::PickOrder::Unique && parameters.limit
                                          ? std::min(*parameters.limit, part.count)
                                          : part.count;
            const Block block = block_of(rows, share);
            part.begin = block.begin;
            part.count = block.count;
        }
        if (source.order == plan::PickOrder::Random) {
            one.random.push_back(part);
            one.product = part.count > 0 ? one.product : 0;
        } else if (source.order == plan::PickOrder::Sequential) {
            one.sequential.push_back(part);
            one.product *= part.count;
        } else {
            one.unique.push_back(part);
            const bool is_first = one.unique_count < 0;
            if (source.at_end != AtEnd::Recycle || part.count == 0) {
                one.unique_count = is_first ? part.count : std::min(one.unique_count, part.count);
                one.unique_end = source.at_end == AtEnd::Recycle ? AtEnd::Stop : source.at_end;
            }
        }
    }
    one.product_end = parameters.at_end;
    if (parameters.at_end == AtEnd::Recycle) {
        one.product = parameters.limit ? std::min(*parameters.limit, one.product) : one.product;
    } else if (parameters.limit) {
        one.budget = block_of(*parameters.limit, share).count;
    } else if (!one.sequential.empty()) {
        one.budget = one.product;
    }
    // Workers that hold the same rows do not all start with the first.
    const bool starts_apart = one.budget < 0 && one.product > 0;
    one.first = starts_apart ? static_cast<std::int64_t>(share.index) % one.product : 0;
}

RowsLeft RowSupply::take(std::size_t case_index, std::vector<expr::Value>& slots, base::Rng& rng) {
    Case& one = *cases_[case_index];
    if (one.sequential.empty() && one.random.empty() && one.unique.empty()) {
        return RowsLeft::Some;
    }
    if (one.product == 0) {
        return RowsLeft::None;
    }
    const std::int64_t n = one.next.fetch_add(1, std::memory_order_relaxed);
    if (one.unique_count >= 0 && n >= one.unique_count) {
        return none(one.unique_end);
    }
    if (one.budget >= 0 && n >= one.budget) {
        return none(one.product_end);
    }
    std::int64_t rest = (n + one.first) % one.product;
    for (auto part = one.sequential.rbegin(); part != one.sequential.rend(); ++part) {
        part->source->copy_row(part->begin + rest % part->count, slots);
        rest /= part->count;
    }
    for (const Source& part : one.random) {
        const auto row =
            static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(part.count)));
        part.source->copy_row(part.begin + row, slots);
    }
    for (const Source& part : one.unique) {
        part.source->copy_row(part.begin + n % part.count, slots);
    }
    return RowsLeft::Some;
}

}  // namespace boom::user
