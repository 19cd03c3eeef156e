// The built-in functions on time, identity and chance.

#include "base/assert.hpp"
#include "base/text.hpp"
#include "expr/function_table.hpp"
#include "expr/number.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <ctime>

namespace boom::expr::calls {
namespace {

// A longer random text is a mistake in the case, not a wish.
constexpr std::int64_t kMaxRandomText = 1 << 20;
// Of a formatted date.
constexpr std::size_t kMaxDateBytes = 256;
// Years 0 to 9999: what strftime and every reader of dates can do.
constexpr std::int64_t kEarliestSecond = -62'167'219'200;
constexpr std::int64_t kLatestSecond = 253'402'300'799;

template <typename Unit>
std::int64_t since_1970() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<Unit>(now).count();
}

// A whole number in 64 bits, or the text of one; a fraction is dropped.
std::optional<std::int64_t> whole_number(const Value& value) {
    std::optional<Value> number = number_of(value);
    if (number && number->kind() == Value::Kind::Real) {
        number = integer_from_real(number->as_real());
    }
    return number && number->kind() == Value::Kind::Integer ? std::optional(number->as_integer())
                                                            : std::nullopt;
}

}  // namespace

Result fail(CallContext& context, std::string what) {
    context.error = std::move(what);
    return std::nullopt;
}

std::optional<Value> number_of(const Value& value) {
    if (value.is_number()) {
        return value;
    }
    return value.kind() == Value::Kind::Text ? number_from_text(value.as_text()) : std::nullopt;
}

Result get_timestamp(CallContext& /*context*/, Arguments /*arguments*/) {
    return Value(since_1970<std::chrono::milliseconds>());
}

Result timestamp_s(CallContext& /*context*/, Arguments /*arguments*/) {
    return Value(since_1970<std::chrono::seconds>());
}

Result timestamp(CallContext& context, Arguments arguments) {
    const std::string unit =
        arguments.empty() || arguments[0].is_null() ? "s" : arguments[0].text();
    const std::int64_t per_second = unit == "s"    ? 1
                                    : unit == "ms" ? 1'000
                                    : unit == "us" ? 1'000'000
                                                   : 0;
    if (per_second == 0) {
        return fail(context, fmt::format("timestamp(): the unit is 's', 'ms' or 'us', not '{}'",
                                         base::shorten(unit, 40)));
    }
    std::int64_t time = since_1970<std::chrono::microseconds>() / (1'000'000 / per_second);
    if (arguments.size() > 1) {
        const std::optional<std::int64_t> offset = whole_number(arguments[1]);
        std::int64_t shift = 0;
        if (!offset || __builtin_mul_overflow(*offset, per_second, &shift) ||
            __builtin_add_overflow(time, shift, &time)) {
            return fail(context, "timestamp(): the offset must be a number of seconds");
        }
    }
    return Value(time);
}

Result date(CallContext& context, Arguments arguments) {
    const std::string format =
        arguments.empty() || arguments[0].is_null() ? "%Y-%m-%d %H:%M:%S" : arguments[0].text();
    std::int64_t second = since_1970<std::chrono::seconds>();
    if (arguments.size() > 1) {
        const std::optional<std::int64_t> offset = whole_number(arguments[1]);
        const bool is_valid = offset && !__builtin_add_overflow(second, *offset, &second);
        if (!is_valid || second < kEarliestSecond || second > kLatestSecond) {
            return fail(context,
                        "date(): the offset must be a number of seconds within the "
                        "years 0 to 9999");
        }
    }
    const std::time_t time = second;
    std::tm parts{};
    BOOM_ASSERT(gmtime_r(&time, &parts) != nullptr);
    std::array<char, kMaxDateBytes> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), format.c_str(), &parts);
    if (size == 0 && !format.empty()) {
        return fail(context, fmt::format("date(): '{}' gives nothing or too long a text", format));
    }
    return Value(std::string_view(buffer.data(), size));
}

Result environ(CallContext& context, Arguments arguments) {
    const std::string name = arguments[0].text();
    if (context.environment == nullptr || !*context.environment) {
        return Value("");
    }
    return Value((*context.environment)(name).value_or(""));
}

Result user_id(CallContext& context, Arguments /*arguments*/) {
    return Value(context.user);
}

Result iteration(CallContext& context, Arguments /*arguments*/) {
    return Value(context.iteration);
}

Result gen_random_string(CallContext& context, Arguments arguments) {
    const std::string alphabet =
        arguments.size() > 1 ? arguments[1].text()
                             : "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const std::optional<std::int64_t> size = whole_number(arguments[0]);
    if (!size || *size < 0 || *size > kMaxRandomText || alphabet.empty()) {
        return fail(context, fmt::format("gen_random_string(): the length must be 0 to {}, not {}, "
                                         "of at least one character",
                                         kMaxRandomText, arguments[0].json()));
    }
    std::string result(static_cast<std::size_t>(*size), ' ');
    for (char& c : result) {
        c = alphabet[context.rng.below(alphabet.size())];
    }
    return Value(std::move(result));
}

Result random_int(CallContext& context, Arguments arguments) {
    const std::optional<std::int64_t> first = whole_number(arguments[0]);
    if (arguments.size() == 1) {
        if (!first || *first <= 0) {
            return fail(context, fmt::format("random_int(): the bound must be at least 1, not {}",
                                             arguments[0].json()));
        }
        return Value(
            static_cast<std::int64_t>(context.rng.below(static_cast<std::uint64_t>(*first))));
    }
    const std::optional<std::int64_t> last = whole_number(arguments[1]);
    std::int64_t span = 0;
    if (!first || !last || *first > *last || __builtin_sub_overflow(*last, *first, &span) ||
        __builtin_add_overflow(span, 1, &span)) {
        return fail(context, fmt::format("random_int(): needs two integers, the smaller first, not "
                                         "{} and {}",
                                         arguments[0].json(), arguments[1].json()));
    }
    return Value(*first +
                 static_cast<std::int64_t>(context.rng.below(static_cast<std::uint64_t>(span))));
}

Result random_range(CallContext& context, Arguments arguments) {
    const std::optional<Value> low = number_of(arguments[0]);
    const std::optional<Value> high = number_of(arguments[1]);
    if (!low || !high || std::is_gt(compare_numbers(*low, *high))) {
        return fail(context, fmt::format("random_range(): needs two numbers, the smaller first, "
                                         "not {} and {}",
                                         arguments[0].json(), arguments[1].json()));
    }
    const double start = low->number();
    return Value(start + (high->number() - start) * context.rng.unit());
}

Result random_choice(CallContext& context, Arguments arguments) {
    const bool is_list = arguments.size() == 1 && arguments[0].kind() == Value::Kind::List;
    const Arguments choices = is_list ? Arguments(arguments[0].as_list()) : arguments;
    if (choices.empty()) {
        return fail(context, "random_choice(): the list is empty");
    }
    return choices[context.rng.below(choices.size())];
}

Result uuid(CallContext& context, Arguments /*arguments*/) {
    // RFC 9562 section 5.4: version 4 in bits 48 to 51, variant 10 in bits 64 and 65.
    const std::uint64_t high = (context.rng() & ~0xF000ULL) | 0x4000ULL;
    const std::uint64_t low = (context.rng() & ~(3ULL << 62U)) | (2ULL << 62U);
    return Value(fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U,
                             (high >> 16U) & 0xFFFFU, high & 0xFFFFU, low >> 48U,
                             low & 0xFFFFFFFFFFFFULL));
}

}  // namespace boom::expr::calls
