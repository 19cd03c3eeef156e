#include "user/row_supply.hpp"

#include "load/split.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

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

// Whether the rows of two cases are one table for `share: all`.
bool have_same_rows(const plan::Parameters& a, const plan::Parameters& b) {
    using RowShare = plan::Parameters::RowShare;
    return a.share == RowShare::All && b.share == RowShare::All && a.at_end == b.at_end &&
           a.limit == b.limit &&
           std::equal(a.sources.begin(), a.sources.end(), b.sources.begin(), b.sources.end(),
                      [](const ParameterSource& x, const ParameterSource& y) {
                          return x.key == y.key && x.order == y.order && x.split == y.split &&
                                 x.row_count() == y.row_count();
                      });
}

RowsLeft none(AtEnd end) {
    return end == AtEnd::Error ? RowsLeft::NoneIsError : RowsLeft::None;
}

}  // namespace

std::int64_t unique_rows(const plan::Parameters& parameters) {
    std::optional<std::int64_t> shortest;  // of the sources that end
    std::int64_t longest = 0;
    for (const ParameterSource& source : parameters.sources) {
        const std::int64_t count = source.row_count();
        if (source.order != plan::PickOrder::Unique) {
            continue;
        }
        longest = std::max(longest, count);
        if (source.at_end != AtEnd::Recycle || count == 0) {
            shortest = std::min(shortest.value_or(count), count);
        }
    }
    const std::int64_t rows = shortest.value_or(longest);
    return parameters.limit ? std::min(*parameters.limit, rows) : rows;
}

std::vector<load::RowRange> all_unique_rows(const plan::Plan& plan) {
    std::vector<load::RowRange> result;
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        if (const std::int64_t rows = unique_rows(plan.cases[i].parameters); rows > 0) {
            result.push_back({static_cast<std::int32_t>(i), 0, rows});
        }
    }
    return result;
}

RowSupply::RowSupply(const plan::Plan& plan, const Share& share) {
    for (const plan::CasePlan& test_case : plan.cases) {
        cases_.push_back(std::make_unique<Case>());
        plan_case(*cases_.back(), test_case.parameters, share);
    }
    for (std::size_t later = 1; later < cases_.size(); ++later) {
        for (std::size_t first = 0; first < later && cases_[later]->leader == nullptr; ++first) {
            if (have_same_rows(plan.cases[first].parameters, plan.cases[later].parameters)) {
                cases_[later]->leader = cases_[first].get();
            }
        }
    }
}

void RowSupply::plan_case(Case& one, const plan::Parameters& parameters, const Share& share) {
    one.product = 1;
    one.unique_count = unique_rows(parameters);
    one.walked = parameters.walked;
    for (const ParameterSource& source : parameters.sources) {
        Source part{&source, 0, source.row_count()};
        const bool is_unique = source.order == plan::PickOrder::Unique;
        if (source.split == ParameterSource::Split::ByWorker && !is_unique) {
            const Block block = block_of(part.count, share);
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
            one.unique_end = source.at_end == AtEnd::Recycle ? one.unique_end : source.at_end;
        }
    }
    one.product_end = parameters.at_end;
    if (parameters.at_end == AtEnd::Recycle) {
        one.product = parameters.limit ? std::min(*parameters.limit, one.product) : one.product;
    } else if (parameters.limit) {
        one.budget = one.walked >= 0 ? *parameters.limit : block_of(*parameters.limit, share).count;
    } else if (!one.sequential.empty()) {
        one.budget = one.product;
    }
    // Workers that hold the same rows do not all start with the first.
    const bool starts_apart = one.budget < 0 && one.product > 0 && one.walked < 0;
    one.first = starts_apart ? static_cast<std::int64_t>(share.index) % one.product : 0;
}

bool RowSupply::add(const load::RowRange& rows) {
    if (rows.case_index < 0 || static_cast<std::size_t>(rows.case_index) >= cases_.size()) {
        return false;
    }
    Case& one = *cases_[static_cast<std::size_t>(rows.case_index)];
    return rows.end <= one.unique_count && one.stock.add(rows.begin, rows.end);
}

std::vector<load::RowRange> RowSupply::give_back(load::Fraction fraction) {
    std::vector<load::RowRange> result;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
        load::RowStock& stock = cases_[i]->stock;
        const std::int64_t count = stock.left() / fraction.whole * fraction.part +
                                   stock.left() % fraction.whole * fraction.part / fraction.whole;
        for (load::RowRange& range : stock.give_back(count)) {
            range.case_index = static_cast<std::int32_t>(i);
            result.push_back(range);
        }
    }
    return result;
}

std::vector<std::int64_t> RowSupply::taken() const {
    std::vector<std::int64_t> result;
    for (const auto& one : cases_) {
        result.push_back(one->stock.taken());
    }
    return result;
}

// The number of the row: from 0, without a gap, for those who share it.
std::int64_t RowSupply::next_of(Case& one, std::vector<expr::Value>& slots) {
    if (one.walked < 0) {
        Case& counting = one.leader != nullptr ? *one.leader : one;
        return counting.next.fetch_add(1, std::memory_order_relaxed);
    }
    expr::Value& walked = slots[static_cast<std::size_t>(one.walked)];
    const std::int64_t n = walked.is_null() ? 0 : walked.as_integer();
    walked = expr::Value(n + 1);
    return n;
}

RowsLeft RowSupply::take(std::size_t case_index, std::vector<expr::Value>& slots, base::Rng& rng) {
    Case& one = *cases_[case_index];
    if (one.sequential.empty() && one.random.empty() && one.unique.empty()) {
        return RowsLeft::Some;
    }
    if (one.product == 0) {
        return RowsLeft::None;
    }
    std::int64_t line = 0;
    if (!one.unique.empty()) {
        const bool comes_again = one.unique_end == AtEnd::Recycle;
        const auto row = comes_again ? one.stock.take_again() : one.stock.take();
        if (!row) {
            return none(comes_again ? AtEnd::Stop : one.unique_end);
        }
        line = *row;
    }
    const std::int64_t n = next_of(one, slots);
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
        part.source->copy_row(line % part.count, slots);
    }
    return RowsLeft::Some;
}

}  // namespace boom::user
