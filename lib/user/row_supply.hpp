#pragma once
// Hands out the rows of the parameters of one worker. Shared by its generator threads: the rows of
// a source go out in the order of the file, from one atomic cursor, whichever thread asks.

#include "base/rng.hpp"
#include "expr/value.hpp"
#include "plan/plan.hpp"
#include "user/load.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace boom::user {

enum class RowsLeft { Some, None, NoneIsError };

// Any generator thread. No lock; one fetch_add per iteration and kind of source.
class RowSupply {
public:
    // The plan outlives it. Split rows fall to workers in contiguous blocks, by their users.
    RowSupply(const plan::Plan& plan, const Share& share);

    // Puts the next row into the slots of a user. None: its rows are used up.
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
        std::int64_t unique_count = 0;  // unique rows
        plan::AtEnd product_end = plan::AtEnd::Recycle;
        plan::AtEnd unique_end = plan::AtEnd::Recycle;
        std::atomic<std::int64_t> next{0};
    };
    static void plan_case(Case& one, const plan::Parameters& parameters, const Share& share);

    std::vector<std::unique_ptr<Case>> cases_;
};

}  // namespace boom::user
