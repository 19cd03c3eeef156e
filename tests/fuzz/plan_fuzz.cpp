// Any text is a test case that compiles to a plan whose jumps and indices stay inside, or is
// refused with mistakes that say what and where; twice the same. Nothing is read from the disk.

#include "base/assert.hpp"
#include "plan/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace boom;

void check_ops(const plan::CasePlan& test_case, const std::vector<plan::Op>& ops) {
    for (const plan::Op& op : ops) {
        const auto index = static_cast<std::size_t>(op.index);
        BOOM_ASSERT(op.index >= 0);
        BOOM_ASSERT(op.target >= 0 && static_cast<std::size_t>(op.target) <= ops.size());
        BOOM_ASSERT(op.kind != plan::OpKind::Request || index < test_case.requests.size());
        BOOM_ASSERT(op.kind != plan::OpKind::Branch || index < test_case.branches.size());
        BOOM_ASSERT(op.kind != plan::OpKind::LoopStart || index < test_case.loops.size());
    }
}

void check_slots(const plan::CasePlan& test_case) {
    for (const plan::Assignment& assignment : test_case.variables) {
        BOOM_ASSERT(assignment.slot >= 0 && assignment.slot < test_case.slot_count);
    }
    for (const plan::Slot slot : test_case.iteration_slots) {
        BOOM_ASSERT(slot >= 0 && slot < test_case.slot_count);
    }
}

std::string compiled(const plan::Bundle& bundle) {
    try {
        const plan::Plan plan = plan::compile(bundle, {});
        for (const plan::CasePlan& test_case : plan.cases) {
            check_ops(test_case, test_case.setup);
            check_ops(test_case, test_case.ops);
            check_ops(test_case, test_case.teardown);
            check_slots(test_case);
        }
        return "steps " + std::to_string(plan.steps.size());
    } catch (const base::ConfigError& error) {
        BOOM_ASSERT(!error.mistakes().empty());
        for (const base::Mistake& mistake : error.mistakes()) {
            BOOM_ASSERT(!mistake.what.empty());
        }
        return error.what();
    }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The one place where bytes become characters.
    std::string text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const plan::Bundle bundle{{"case.yml"}, {{"case.yml", std::move(text)}}};
    BOOM_ASSERT(compiled(bundle) == compiled(bundle));
    return 0;
}
