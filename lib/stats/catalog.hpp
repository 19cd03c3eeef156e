#pragma once
// The rows of a run, known before it starts: the same on master and workers, because both compile
// the same bundle. A StepId is an index into it.

#include "base/units.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace boom::stats {

using base::StepId;

enum class StepKind { Request, Transaction, Testcase, WebSocket };
// As the result file spells it: "request", "transaction", "testcase", "websocket".
[[nodiscard]] std::string_view name(StepKind kind);

// Whether a step's name is the one written, or differs by the values in it: a row for each.
enum class NameUse { AsWritten, PerValue };

struct StepInfo {
    std::string name;       // as written in the case, `$var` not rendered
    std::string case_name;  // of the case that it stands in
    StepKind kind = StepKind::Request;
    std::string method;  // upper case; empty for anything but requests
    NameUse name_use = NameUse::AsWritten;
};

struct Catalog {
    std::vector<StepInfo> steps;
    [[nodiscard]] const StepInfo& at(StepId id) const {
        return steps.at(static_cast<std::size_t>(id.value));
    }
};

}  // namespace boom::stats
