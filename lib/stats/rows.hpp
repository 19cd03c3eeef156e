#pragma once
// The rows of the results as people see them: a step whose name differs by value has one for each.

#include "stats/snapshot.hpp"

#include <vector>

namespace boom::stats {

struct Row {
    StepInfo info;
    const StepStats* stats = nullptr;  // of the main phase; null: nothing was recorded
};

// In the catalog's order, behind a step its values by name. `known` says which values have been
// seen, so that a row is there in intervals without any request, too. Valid as long as `values`.
[[nodiscard]] std::vector<Row> rows_of(const Catalog& catalog, const Snapshot& values,
                                       const Snapshot& known);
[[nodiscard]] inline std::vector<Row> rows_of(const Catalog& catalog, const Snapshot& values) {
    return rows_of(catalog, values, values);
}

}  // namespace boom::stats
