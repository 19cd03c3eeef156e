#include "stats/rows.hpp"

#include <utility>

namespace boom::stats {

std::vector<Row> rows_of(const Catalog& catalog, const Snapshot& values, const Snapshot& known) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < catalog.steps.size(); ++i) {
        const StepId step{static_cast<std::int32_t>(i)};
        auto value = known.named.lower_bound(NameKeyView{step, {}});
        if (value == known.named.end() || value->first.step != step) {
            rows.push_back({catalog.steps[i], values.find(kMainPhase, step)});
            continue;
        }
        for (; value != known.named.end() && value->first.step == step; ++value) {
            Row row{catalog.steps[i], nullptr};
            row.info.name = value->first.name;
            const auto found = values.named.find(NameOrder::view(value->first));
            row.stats = found == values.named.end() ? nullptr : &found->second;
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

}  // namespace boom::stats
