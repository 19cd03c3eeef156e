// Any text compiles to a template or is refused with a place inside of it; evaluating and appending
// agree; the names that were asked for are the names that referenced_names() lists.

#include "base/assert.hpp"
#include "expr/template.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace boom::expr;
    // The one place where bytes become characters.
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
    const std::vector<std::string> names = referenced_names(text);
    static const std::array<Value, 3> slots{Value("te$xt"), Value(7), Value(List{Value(1.5)})};
    const SlotResolver slot_of = [&names](std::string_view name) {
        BOOM_ASSERT(std::find(names.begin(), names.end(), name) != names.end());
        return static_cast<int>(name.size() % slots.size());
    };
    const auto compiled = Template::compile(text, slot_of);
    if (const auto* error = std::get_if<CompileError>(&compiled)) {
        BOOM_ASSERT(!error->what.empty());
        BOOM_ASSERT(error->offset <= text.size());
        return 0;
    }
    const auto& result = std::get<Template>(compiled);
    BOOM_ASSERT(result.slots_read().empty() == names.empty());
    CallContext context;
    CallContext same_context;
    const auto value = result.evaluate(slots, context);
    std::string appended;
    const bool is_appended = result.append(appended, slots, same_context);
    BOOM_ASSERT(is_appended == value.has_value());
    const bool is_constant = result.constant_value() != nullptr;
    BOOM_ASSERT(!is_constant || value->text() == appended);
    BOOM_ASSERT(is_appended || !context.error.empty());
    return 0;
}
