#pragma once
// Who holds which unique rows in a run: the master's book. A row is in the pool or with one part;
// what a part does not give back is given to nobody else. Pure data, one thread.

#include "load/row_stock.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace boom::cluster {

class RowLedger {
public:
    // All rows are in the pool.
    explicit RowLedger(std::vector<load::RowRange> rows);

    // No case has unique rows: nothing to do.
    [[nodiscard]] bool is_idle() const { return is_idle_; }
    [[nodiscard]] bool has_pool() const { return !pool_.empty(); }
    [[nodiscard]] const std::vector<load::RowRange>& pool() const { return pool_; }

    // Parts are indices, counted as the tallies of the run.
    struct Holder {
        std::size_t part = 0;
        std::vector<std::int64_t> users;  // by case
    };
    // The pool in contiguous blocks, by users. What nobody has users for stays.
    void deal(const std::vector<Holder>& holders);
    // From one part to another; what the first does not hold is left out.
    void pass_on(std::size_t from, const load::RowRange& rows, std::size_t to);
    void take_back(std::size_t part, const std::vector<load::RowRange>& rows);
    // The part is over: it got leases up to this number, and did not use these rows.
    void settle(std::size_t part, std::uint64_t last_lease,
                const std::vector<load::RowRange>& unused);
    // It got nothing of what it was leased.
    void cancel(std::size_t part) { settle(part, 0, {}); }
    // By case: what went out for sure.
    void note_taken(std::size_t part, const std::vector<std::int64_t>& taken);

    // Every lease of the part, numbered from 1.
    [[nodiscard]] const std::vector<load::RowRange>& leases(std::size_t part) const;
    // With the part and not known to have gone out.
    [[nodiscard]] std::vector<load::RowRange> open_rows(std::size_t part) const;

private:
    struct Part {
        std::vector<load::RowRange> leases;  // as they were given
        std::vector<load::RowRange> held;    // in that order, without what came back
        std::vector<std::int64_t> taken;     // by case
    };
    Part& at(std::size_t part);
    void lease(std::size_t part, const load::RowRange& rows);
    // Those rows that the part held and now holds no more.
    [[nodiscard]] static std::vector<load::RowRange> remove(Part& part, const load::RowRange& rows);
    void deal_case(std::vector<load::RowRange> rows, const std::vector<Holder>& holders);
    void put_back(const load::RowRange& rows);

    bool is_idle_;
    std::vector<load::RowRange> pool_;  // sorted, without neighbours that could be one
    std::vector<Part> parts_;
};

// "23-50, 61" as people count them, from 1; at most so many ranges.
[[nodiscard]] std::string describe_rows(const std::vector<load::RowRange>& rows,
                                        std::int32_t case_index);

}  // namespace boom::cluster
