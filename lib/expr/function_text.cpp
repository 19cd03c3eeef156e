// The built-in functions on texts, and conversions.

#include "base/text.hpp"
#include "base/url.hpp"
#include "expr/function_table.hpp"
#include "expr/number.hpp"

#include <fmt/format.h>

namespace boom::expr::calls {
namespace {

using Kind = Value::Kind;

std::string first_bytes(const Value& value) {
    return base::shorten(value.json(), 40);
}

// The larger, or smaller, of two numbers or more.
enum class Pick { Smallest, Largest };

Result pick(CallContext& context, Arguments arguments, Pick which) {
    std::optional<Value> best;
    for (const Value& argument : arguments) {
        std::optional<Value> number = number_of(argument);
        if (!number) {
            return fail(context,
                        fmt::format("{}(): {} is no number", which == Pick::Largest ? "max" : "min",
                                    first_bytes(argument)));
        }
        const bool is_better =
            !best || (which == Pick::Largest ? std::is_lt(compare_numbers(*best, *number))
                                             : std::is_gt(compare_numbers(*best, *number)));
        best = is_better ? std::move(number) : std::move(best);
    }
    return best;
}

}  // namespace

Result base64_encode(CallContext& /*context*/, Arguments arguments) {
    return Value(base::encode_base64(arguments[0].text()));
}

Result base64_decode(CallContext& context, Arguments arguments) {
    std::optional<std::string> bytes = base::decode_base64(arguments[0].text());
    return bytes ? Result(Value(std::move(*bytes)))
                 : fail(context, fmt::format("base64_decode(): '{}' is not base64",
                                             base::shorten(arguments[0].text(), 40)));
}

Result url_encode(CallContext& /*context*/, Arguments arguments) {
    return Value(base::percent_encode(arguments[0].text()));
}

Result url_decode(CallContext& /*context*/, Arguments arguments) {
    return Value(base::percent_decode(arguments[0].text(), base::PlusSign::Space));
}

Result upper(CallContext& /*context*/, Arguments arguments) {
    return Value(base::to_upper(arguments[0].text()));
}

Result lower(CallContext& /*context*/, Arguments arguments) {
    return Value(base::to_lower(arguments[0].text()));
}

Result split_by_comma(CallContext& /*context*/, Arguments arguments) {
    const std::string text = arguments[0].text();
    List parts;
    for (const std::string_view part : base::split_text(text, ',')) {
        parts.emplace_back(part);
    }
    return Value(std::move(parts));
}

Result len(CallContext& context, Arguments arguments) {
    const Value& subject = arguments[0];
    if (subject.kind() == Kind::List) {
        return Value(static_cast<std::int64_t>(subject.as_list().size()));
    }
    if (subject.kind() == Kind::Map) {
        return Value(static_cast<std::int64_t>(subject.as_map().size()));
    }
    if (subject.is_null()) {
        return fail(context, "len(): null has no length");
    }
    return Value(static_cast<std::int64_t>(subject.text().size()));
}

Result to_int(CallContext& context, Arguments arguments) {
    if (arguments[0].kind() == Kind::Bool) {
        return Value(arguments[0].as_bool() ? 1 : 0);
    }
    std::optional<Value> number = number_of(arguments[0]);
    if (number && number->kind() == Kind::Real) {
        number = integer_from_real(number->as_real());
    }
    return number ? number
                  : fail(context, fmt::format("int(): {} is no number", first_bytes(arguments[0])));
}

Result to_float(CallContext& context, Arguments arguments) {
    if (arguments[0].kind() == Kind::Bool) {
        return Value(arguments[0].as_bool() ? 1.0 : 0.0);
    }
    const std::optional<Value> number = number_of(arguments[0]);
    return number
               ? Result(Value(number->number()))
               : fail(context, fmt::format("float(): {} is no number", first_bytes(arguments[0])));
}

Result to_str(CallContext& /*context*/, Arguments arguments) {
    return Value(arguments[0].text());
}

Result max(CallContext& context, Arguments arguments) {
    return pick(context, arguments, Pick::Largest);
}

Result min(CallContext& context, Arguments arguments) {
    return pick(context, arguments, Pick::Smallest);
}

}  // namespace boom::expr::calls
