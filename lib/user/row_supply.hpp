#pragma once
// Hands out the rows of the parameters of one worker. Shared by its generator threads: the rows of
// a source go out in the order of the file, from one atomic cursor, whichever thread asks.

#include "base/rng.hpp"
#include "expr/value.hpp"
#include "load/row_stock.hpp"
#include "plan/plan.hpp"
#include "user/load.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace boom::user {

enum class RowsLeft { Some, None, NoneIsError };

// How many unique rows a case has: those that the master leases. 0: no source is unique.
[[nodiscard]] std::int64_t unique_rows(const plan::Parameters& parameters);
// All of a plan: what a worker gets that is alone.
[[nodiscard]] std::vector<load::RowRange> all_unique_rows(const plan::Plan& plan);

// No lock; one atomic step per iteration and kind of source.
class RowSupply {
public:
    // The plan outlives it. Split rows fall to workers in contiguous blocks, by their users; unique
    // ones are leased.
    RowSupply(const plan::Plan& plan, const Share& share);

    // Control thread. False: no such rows; nothing has changed.
    [[nodiscard]] bool add(const load::RowRange& rows);
    // Control thread: of every case this fraction of what is left.
    [[nodiscard]] std::vector<load::RowRange> give_back(load::Fraction fraction);
    // By case: unique rows that went out.
    [[nodiscard]] std::vector<std::int64_t> taken() const;

    // Any generator thread. Puts the next row into the slots of a user. None: its rows are used up.
    [[nodiscard]] RowsLeft take(std::size_t case_index, std::vector<expr::Value>& slots,
                                base::Rng& rng);

private:
    struct Source {
        const plan::ParameterSource* source = nullptr;
        std::int64_t begin = 0;  // this worker's rows
        std::int64_t count = 0;
    };
    struct Case {
        std::vector<Source> sequential, random, unique;
        std::int64_t product = 0;       // rows of the product; 0: one of the sources has none here
        std::int64_t budget = -1;       // rows that may be taken; -1: without end
        std::int64_t first = 0;         // where this worker starts in the product
        std::int64_t unique_count = 0;  // unique rows of the case; 0: none
        load::RowStock stock;           // those that this worker holds
        plan::AtEnd product_end = plan::AtEnd::Recycle;
        plan::AtEnd unique_end = plan::AtEnd::Recycle;
        std::atomic<std::int64_t> next{0};
        Case* leader = nullptr;  // whose `next` counts for this one too; null: its own
        plan::Slot walked = -1;  // where each user counts for itself; -1: they do not
    };
    [[nodiscard]] static std::int64_t next_of(Case& one, std::vector<expr::Value>& slots);
    static void plan_case(Case& one, const plan::Parameters& parameters, const Share& share);

    std::vector<std::unique_ptr<Case>> cases_;
};

}  // namespace boom::user
