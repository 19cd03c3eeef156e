// The built-in functions whose results depend on what other calls did: counters, shared variables.

#include "expr/function_table.hpp"

#include <fmt/format.h>

namespace boom::expr::calls {
namespace {

Result count(CallContext& context, Arguments arguments, SharedCalls::Reach reach) {
    if (context.shared_calls == nullptr) {
        return fail(context, "counters count only while the load runs");
    }
    const std::string name = arguments.empty() ? std::string() : arguments[0].text();
    const auto number = context.shared_calls->count(context, reach, name);
    return number ? Result(Value(*number)) : std::nullopt;
}

}  // namespace

Result counter(CallContext& context, Arguments arguments) {
    return count(context, arguments, SharedCalls::Reach::User);
}

Result fleet_counter(CallContext& context, Arguments arguments) {
    return count(context, arguments, SharedCalls::Reach::Fleet);
}

Result shared(CallContext& context, Arguments arguments) {
    const std::string name = arguments[0].text();
    const Value* value =
        context.shared_calls != nullptr ? context.shared_calls->find(name) : nullptr;
    if (value != nullptr) {
        return *value;
    }
    if (arguments.size() > 1) {
        return arguments[1];
    }
    return fail(context, fmt::format("shared(): nobody has set '{}' yet", name));
}

Result set_shared(CallContext& context, Arguments arguments) {
    if (context.shared_calls == nullptr) {
        return fail(context, "set_shared(): only while the load runs");
    }
    const std::string scope = arguments.size() > 2 ? arguments[2].text() : "worker";
    if (scope != "worker" && scope != "fleet") {
        return fail(context,
                    fmt::format("set_shared(): the scope is 'worker' or 'fleet', not '{}'", scope));
    }
    const auto reach = scope == "fleet" ? SharedCalls::Reach::Fleet : SharedCalls::Reach::Worker;
    if (!context.shared_calls->set(context, reach, arguments[0].text(), arguments[1])) {
        return std::nullopt;
    }
    return arguments[1];
}

}  // namespace boom::expr::calls
