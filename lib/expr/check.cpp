#include "expr/check.hpp"

#include "base/text.hpp"
#include "expr/pattern.hpp"
#include "expr/query.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::expr {
namespace {

// Of an actual or expected value in the text of a failure.
constexpr std::size_t kShownBytes = 60;

std::string shown(const Value& value) {
    return base::shorten(value.json(), kShownBytes);
}

bool is_pattern(Comparator comparator) {
    return comparator == Comparator::RegexMatch || comparator == Comparator::NotRegexMatch;
}

bool is_length(Comparator comparator) {
    return comparator >= Comparator::LengthEqual && comparator <= Comparator::LengthGreaterOrEqual;
}

bool wants_text(Comparator comparator) {
    return comparator == Comparator::StartsWith || comparator == Comparator::EndsWith ||
           comparator == Comparator::EqualFold;
}

// What the subject, the comparator and the expectation of a check say, alike for all requests: an
// expectation with variables is shown as written.
std::string claim(const Check& check) {
    const Value* constant = check.expected.constant_value();
    return fmt::format("{}{}{} {} {}", check.message, check.message.empty() ? "" : ": ",
                       check.subject.source(), name(check.comparator),
                       constant != nullptr ? shown(*constant)
                                           : base::shorten(check.expected.source(), kShownBytes));
}

// Failures are counted by their text, so a value that differs with each request, such as a time or
// an id that is compared with a variable, is not in it.
std::string found(const Check& check, const Value& actual) {
    const bool varies = check.expected.constant_value() == nullptr ||
                        check.subject.compiled().kind == Query::Compiled::Kind::Elapsed;
    if (!varies || actual.is_null() || actual.kind() == Value::Kind::Bool) {
        return "got " + shown(actual);
    }
    return fmt::format("got another {}", type_name(actual));
}

}  // namespace

std::variant<Check, CompileError> Check::make(Query subject, Comparator comparator,
                                              ValueTemplate expected, std::string message) {
    Check check;
    if (const Value* constant = expected.constant_value()) {
        const bool is_text = constant->kind() == Value::Kind::Text;
        if (is_length(comparator) && !constant->is_number()) {
            return CompileError{
                fmt::format("{} needs a number, not {}", name(comparator), shown(*constant)), 0};
        }
        if ((wants_text(comparator) || is_pattern(comparator)) && !is_text) {
            return CompileError{
                fmt::format("{} needs a text, not {}", name(comparator), shown(*constant)), 0};
        }
        if (is_pattern(comparator)) {
            auto pattern = Pattern::compile(constant->as_text());
            if (auto* error = std::get_if<CompileError>(&pattern)) {
                return std::move(*error);
            }
            check.pattern = std::make_shared<const Pattern>(std::move(std::get<Pattern>(pattern)));
        }
    }
    check.subject = std::move(subject);
    check.comparator = comparator;
    check.expected = std::move(expected);
    check.message = std::move(message);
    return check;
}

std::optional<std::string> Check::failure(ResponseReader& response, Slots slots,
                                          CallContext& context) const {
    const std::optional<Value> actual = response.search(subject, slots, context);
    if (!actual) {
        return fmt::format("{}: {}", claim(*this), context.error);
    }
    std::string why;
    bool is_met = false;
    if (pattern != nullptr) {
        const bool is_found = actual->kind() == Value::Kind::Text
                                  ? pattern->is_found_in(actual->as_text())
                                  : pattern->is_found_in(actual->text());
        is_met = is_found == (comparator == Comparator::RegexMatch);
    } else if (const Value* constant = expected.constant_value()) {
        is_met = holds(comparator, *actual, *constant, &why);
    } else {
        const std::optional<Value> wanted = expected.evaluate(slots, context);
        if (!wanted) {
            return fmt::format("{}: {}", claim(*this), context.error);
        }
        is_met = holds(comparator, *actual, *wanted, &why);
    }
    if (is_met) {
        return std::nullopt;
    }
    return fmt::format("{}: {}{}{}", claim(*this), found(*this, *actual), why.empty() ? "" : ", ",
                       why);
}

}  // namespace boom::expr
