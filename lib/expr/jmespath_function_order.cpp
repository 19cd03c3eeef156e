// The functions of JMESPath that order values or apply an expression to each.

#include "expr/jmespath_evaluator.hpp"
#include "expr/jmespath_function_calls.hpp"
#include "expr/number.hpp"

#include <algorithm>
#include <optional>

namespace boom::expr::path_calls {
namespace {

using Kind = Value::Kind;

// REQUIRES: both numbers or both texts. Texts by code point, which is the order of UTF-8's bytes.
bool is_less(const Value& a, const Value& b) {
    return a.kind() == Kind::Text ? a.as_text() < b.as_text() : std::is_lt(compare_numbers(a, b));
}

struct Keyed {
    Value key;
    const Value* item = nullptr;
};

// The items with their keys. Empty when the keys cannot be compared; the evaluator then says why.
std::optional<std::vector<Keyed>> keyed_items(PathEvaluator& evaluator, Arguments arguments) {
    std::vector<Keyed> result;
    for (const Value& item : arguments[0].value->as_list()) {
        Value key = evaluator.evaluate(*arguments[1].expression, item).take();
        const bool is_text = key.kind() == Kind::Text;
        if (!evaluator.has_failed() && !is_text && !key.is_number()) {
            evaluator.fail("invalid-type: the key must be a number or a string, not " +
                           std::string(type_name(key)));
        }
        if (!result.empty() && (result.front().key.kind() == Kind::Text) != is_text) {
            evaluator.fail("invalid-type: the keys are numbers and strings");
        }
        if (evaluator.has_failed()) {
            return std::nullopt;
        }
        result.push_back({.key = std::move(key), .item = &item});
    }
    return result;
}

bool has_lesser_key(const Keyed& a, const Keyed& b) {
    return is_less(a.key, b.key);
}

}  // namespace

Value map(PathEvaluator& evaluator, Arguments arguments) {
    List result;
    for (const Value& item : arguments[1].value->as_list()) {
        result.push_back(evaluator.evaluate(*arguments[0].expression, item).take());
    }
    return Value(std::move(result));
}

Value max(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const List& list = arguments[0].value->as_list();
    return list.empty() ? Value() : *std::max_element(list.begin(), list.end(), is_less);
}

Value min(PathEvaluator& /*evaluator*/, Arguments arguments) {
    const List& list = arguments[0].value->as_list();
    return list.empty() ? Value() : *std::min_element(list.begin(), list.end(), is_less);
}

Value max_by(PathEvaluator& evaluator, Arguments arguments) {
    const auto items = keyed_items(evaluator, arguments);
    return !items || items->empty()
               ? Value()
               : *std::max_element(items->begin(), items->end(), has_lesser_key)->item;
}

Value min_by(PathEvaluator& evaluator, Arguments arguments) {
    const auto items = keyed_items(evaluator, arguments);
    return !items || items->empty()
               ? Value()
               : *std::min_element(items->begin(), items->end(), has_lesser_key)->item;
}

Value sort(PathEvaluator& /*evaluator*/, Arguments arguments) {
    List list = arguments[0].value->as_list();
    std::stable_sort(list.begin(), list.end(), is_less);
    return Value(std::move(list));
}

Value sort_by(PathEvaluator& evaluator, Arguments arguments) {
    auto items = keyed_items(evaluator, arguments);
    if (!items) {
        return {};
    }
    std::stable_sort(items->begin(), items->end(), has_lesser_key);
    List result;
    result.reserve(items->size());
    for (const Keyed& keyed : *items) {
        result.push_back(*keyed.item);
    }
    return Value(std::move(result));
}

}  // namespace boom::expr::path_calls
