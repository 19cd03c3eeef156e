#include "expr/jmespath_function_calls.hpp"

#include "expr/number.hpp"
#include "expr/unicode.hpp"

#include <algorithm>
#include <cmath>

namespace boom::expr::path_calls {
namespace {

using Kind = Value::Kind;

Value whole_or_same(const Value& number, double (*round)(double)) {
    if (number.kind() != Kind::Real) {
        return number;
    }
    return integer_from_real(round(number.as_real())).value_or(number);
}

// Exact as long as all are integers and the sum fits.
Value total(const List& numbers) {
    std::int64_t exact = 0;
    double approximate = 0;
    bool is_exact = true;
    for (const Value& number : numbers) {
        approximate += number.number();
        is_exact = is_exact && number.kind() == Kind::Integer &&
                   !__builtin_add_overflow(exact, number.as_integer(), &exact);
    }
    return is_exact ? Value(exact) : Value(approximate);
}

}  // namespace

Value abs(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& number = *arguments[0].value;
    if (number.kind() == Kind::Real) {
        return Value(std::fabs(number.as_real()));
    }
    const std::string digits = number.json();
    // Of the digits, because the smallest integer has no positive counterpart.
    return digits.starts_with('-') ? number_from_text(digits.substr(1)).value_or(number) : number;
}

Value avg(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const List& numbers = arguments[0].value->as_list();
    if (numbers.empty()) {
        return {};
    }
    return Value(total(numbers).number() / static_cast<double>(numbers.size()));
}

Value ceil(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return whole_or_same(*arguments[0].value, std::ceil);
}

Value contains(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    const Value& wanted = *arguments[1].value;
    if (subject.kind() == Kind::List) {
        const List& list = subject.as_list();
        return Value(std::find(list.begin(), list.end(), wanted) != list.end());
    }
    return Value(wanted.kind() == Kind::Text &&
                 subject.as_text().find(wanted.as_text()) != std::string::npos);
}

Value ends_with(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return Value(arguments[0].value->as_text().ends_with(arguments[1].value->as_text()));
}

Value floor(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return whole_or_same(*arguments[0].value, std::floor);
}

Value join(PathEvaluator& /*evaluator*/, Arguments arguments) {
    std::string result;
    bool is_first = true;
    for (const Value& item : arguments[1].value->as_list()) {
        if (!is_first) {
            result += arguments[0].value->as_text();
        }
        result += item.as_text();
        is_first = false;
    }
    return Value(std::move(result));
}

Value keys(PathEvaluator& /*evaluator*/, Arguments arguments) {
    List result;
    for (const auto& [name, value] : arguments[0].value->as_map()) {
        result.emplace_back(name);
    }
    return Value(std::move(result));
}

Value length(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    const std::size_t count = subject.kind() == Kind::Text  ? count_code_points(subject.as_text())
                              : subject.kind() == Kind::Map ? subject.as_map().size()
                                                            : subject.as_list().size();
    return Value(static_cast<std::int64_t>(count));
}

Value merge(PathEvaluator& /*evaluator*/, Arguments arguments) {
    Map result;
    for (const PathArgument& argument : arguments) {
        for (const auto& [name, value] : argument.value->as_map()) {
            const auto same = std::find_if(result.begin(), result.end(),
                                           [&key = name](const auto& m) { return m.first == key; });
            if (same != result.end()) {
                same->second = value;
            } else {
                result.emplace_back(name, value);
            }
        }
    }
    return Value(std::move(result));
}

Value not_null(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const auto found =
        std::find_if(arguments.begin(), arguments.end(),
                     [](const PathArgument& argument) { return !argument.value->is_null(); });
    return found == arguments.end() ? Value() : *found->value;
}

Value reverse(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    if (subject.kind() == Kind::Text) {
        return Value(reverse_code_points(subject.as_text()));
    }
    const List& list = subject.as_list();
    return Value(List(list.rbegin(), list.rend()));
}

Value starts_with(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return Value(arguments[0].value->as_text().starts_with(arguments[1].value->as_text()));
}

Value sum(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return total(arguments[0].value->as_list());
}

Value to_array(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    return subject.kind() == Kind::List ? subject : Value(List{subject});
}

Value to_number(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    if (subject.is_number()) {
        return subject;
    }
    return subject.kind() == Kind::Text ? number_from_text(subject.as_text()).value_or(Value())
                                        : Value();
}

Value to_string(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const Value& subject = *arguments[0].value;
    return subject.kind() == Kind::Text ? subject : Value(subject.json());
}

Value type(PathEvaluator& /*evaluator*/, Arguments arguments) {
    return Value(type_name(*arguments[0].value));
}

Value values(PathEvaluator& /*evaluator*/, Arguments arguments) {
    List result;
    for (const auto& [name, value] : arguments[0].value->as_map()) {
        result.push_back(value);
    }
    return Value(std::move(result));
}

}  // namespace boom::expr::path_calls
