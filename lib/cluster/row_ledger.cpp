#include "cluster/row_ledger.hpp"

#include "load/split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace boom::cluster {
namespace {

using load::RowRange;

constexpr std::size_t kMaxRangesInText = 20;

}  // namespace

RowLedger::RowLedger(std::vector<RowRange> rows) : is_idle_(rows.empty()), pool_(std::move(rows)) {}

RowLedger::Part& RowLedger::at(std::size_t part) {
    if (part >= parts_.size()) {
        parts_.resize(part + 1);
    }
    return parts_[part];
}

void RowLedger::lease(std::size_t part, const RowRange& rows) {
    Part& one = at(part);
    one.leases.push_back(rows);
    one.held.push_back(rows);
}

void RowLedger::deal(const std::vector<Holder>& holders) {
    const std::vector<RowRange> pool = std::exchange(pool_, {});
    auto first = pool.begin();
    while (first != pool.end()) {
        const auto next = std::find_if(first, pool.end(), [first](const RowRange& one) {
            return one.case_index != first->case_index;
        });
        deal_case({first, next}, holders);
        first = next;
    }
}

void RowLedger::deal_case(std::vector<RowRange> rows, const std::vector<Holder>& holders) {
    const auto index = static_cast<std::size_t>(rows.front().case_index);
    std::int64_t total = 0;
    for (const RowRange& range : rows) {
        total += range.size();
    }
    std::vector<std::int64_t> users;
    for (const Holder& holder : holders) {
        users.push_back(index < holder.users.size() ? holder.users[index] : 0);
    }
    const std::vector<std::int64_t> parts = load::split(total, users);
    auto range = rows.begin();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::int64_t wanted = parts[i]; wanted > 0;) {
            const std::int64_t count = std::min(range->size(), wanted);
            lease(holders[i].part, {range->case_index, range->begin, range->begin + count});
            wanted -= count;
            range->begin += count;
            range += range->size() == 0 ? 1 : 0;
        }
    }
    // Nobody has users for them.
    pool_.insert(pool_.end(), range, rows.end());
}

std::vector<RowRange> RowLedger::remove(Part& part, const RowRange& rows) {
    std::vector<RowRange> removed;
    std::vector<RowRange> rest;
    for (const RowRange& held : part.held) {
        const RowRange both{held.case_index, std::max(held.begin, rows.begin),
                            std::min(held.end, rows.end)};
        if (held.case_index != rows.case_index || both.begin >= both.end) {
            rest.push_back(held);
            continue;
        }
        removed.push_back(both);
        if (held.begin < both.begin) {
            rest.push_back({held.case_index, held.begin, both.begin});
        }
        if (both.end < held.end) {
            rest.push_back({held.case_index, both.end, held.end});
        }
    }
    part.held = std::move(rest);
    return removed;
}

void RowLedger::put_back(const RowRange& rows) {
    const auto key = [](const RowRange& one) { return std::tuple(one.case_index, one.begin); };
    auto place =
        std::lower_bound(pool_.begin(), pool_.end(), rows,
                         [&](const RowRange& a, const RowRange& b) { return key(a) < key(b); });
    place = pool_.insert(place, rows);
    const auto follows = [](const RowRange& a, const RowRange& b) {
        return a.case_index == b.case_index && a.end == b.begin;
    };
    if (const auto after = std::next(place); after != pool_.end() && follows(*place, *after)) {
        place->end = after->end;
        pool_.erase(after);
    }
    if (place != pool_.begin() && follows(*std::prev(place), *place)) {
        std::prev(place)->end = place->end;
        pool_.erase(place);
    }
}

void RowLedger::pass_on(std::size_t from, const RowRange& rows, std::size_t to) {
    for (const RowRange& held : remove(at(from), rows)) {
        lease(to, held);
    }
}

void RowLedger::take_back(std::size_t part, const std::vector<RowRange>& rows) {
    for (const RowRange& range : rows) {
        for (const RowRange& held : remove(at(part), range)) {
            put_back(held);
        }
    }
}

void RowLedger::settle(std::size_t part, std::uint64_t last_lease,
                       const std::vector<RowRange>& unused) {
    Part& one = at(part);
    if (last_lease < one.leases.size()) {
        const auto first = one.leases.begin() + static_cast<std::ptrdiff_t>(last_lease);
        take_back(part, {first, one.leases.end()});
    }
    take_back(part, unused);
    one.held.clear();
}

void RowLedger::note_taken(std::size_t part, const std::vector<std::int64_t>& taken) {
    std::vector<std::int64_t>& known = at(part).taken;
    known.resize(std::max(known.size(), taken.size()));
    for (std::size_t i = 0; i < taken.size(); ++i) {
        known[i] = std::max(known[i], taken[i]);
    }
}

const std::vector<RowRange>& RowLedger::leases(std::size_t part) const {
    static const std::vector<RowRange> kNone;
    return part < parts_.size() ? parts_[part].leases : kNone;
}

std::vector<RowRange> RowLedger::open_rows(std::size_t part) const {
    std::vector<RowRange> result;
    if (part >= parts_.size()) {
        return result;
    }
    // A worker uses its rows in the order of the leases.
    std::vector<std::int64_t> taken = parts_[part].taken;
    for (RowRange rows : parts_[part].held) {
        const auto index = static_cast<std::size_t>(rows.case_index);
        if (index < taken.size()) {
            const std::int64_t used = std::clamp<std::int64_t>(taken[index], 0, rows.size());
            rows.begin += used;
            taken[index] -= used;
        }
        if (rows.size() > 0) {
            result.push_back(rows);
        }
    }
    return result;
}

std::string describe_rows(const std::vector<RowRange>& rows, std::int32_t case_index) {
    std::string text;
    std::size_t count = 0;
    for (const RowRange& range : rows) {
        if (range.case_index != case_index || range.size() == 0) {
            continue;
        }
        if (++count > kMaxRangesInText) {
            return text + ", …";
        }
        text += text.empty() ? "" : ", ";
        text += range.size() == 1 ? fmt::format("{}", range.end)
                                  : fmt::format("{}-{}", range.begin + 1, range.end);
    }
    return text;
}

}  // namespace boom::cluster
