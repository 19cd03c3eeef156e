#include "expr/jmespath_function.hpp"

#include "expr/jmespath_function_calls.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {
namespace {

using Kind = Value::Kind;

constexpr std::array kFunctions{
    PathFunction{"abs", 1, false, {kPathNumber}, path_calls::abs},
    PathFunction{"avg", 1, false, {kPathNumberArray}, path_calls::avg},
    PathFunction{"ceil", 1, false, {kPathNumber}, path_calls::ceil},
    PathFunction{"contains", 2, false, {kPathString | kPathArray, kPathAny}, path_calls::contains},
    PathFunction{"ends_with", 2, false, {kPathString, kPathString}, path_calls::ends_with},
    PathFunction{"floor", 1, false, {kPathNumber}, path_calls::floor},
    PathFunction{"join", 2, false, {kPathString, kPathStringArray}, path_calls::join},
    PathFunction{"keys", 1, false, {kPathObject}, path_calls::keys},
    PathFunction{"length", 1, false, {kPathString | kPathArray | kPathObject}, path_calls::length},
    PathFunction{"map", 2, false, {kPathExpression, kPathArray}, path_calls::map},
    PathFunction{"max", 1, false, {kPathNumberArray | kPathStringArray}, path_calls::max},
    PathFunction{"max_by", 2, false, {kPathArray, kPathExpression}, path_calls::max_by},
    PathFunction{"merge", 1, true, {kPathObject}, path_calls::merge},
    PathFunction{"min", 1, false, {kPathNumberArray | kPathStringArray}, path_calls::min},
    PathFunction{"min_by", 2, false, {kPathArray, kPathExpression}, path_calls::min_by},
    PathFunction{"not_null", 1, true, {kPathAny}, path_calls::not_null},
    PathFunction{"reverse", 1, false, {kPathString | kPathArray}, path_calls::reverse},
    PathFunction{"sort", 1, false, {kPathNumberArray | kPathStringArray}, path_calls::sort},
    PathFunction{"sort_by", 2, false, {kPathArray, kPathExpression}, path_calls::sort_by},
    PathFunction{"starts_with", 2, false, {kPathString, kPathString}, path_calls::starts_with},
    PathFunction{"sum", 1, false, {kPathNumberArray}, path_calls::sum},
    PathFunction{"to_array", 1, false, {kPathAny}, path_calls::to_array},
    PathFunction{"to_number", 1, false, {kPathAny}, path_calls::to_number},
    PathFunction{"to_string", 1, false, {kPathAny}, path_calls::to_string},
    PathFunction{"type", 1, false, {kPathAny}, path_calls::type},
    PathFunction{"values", 1, false, {kPathObject}, path_calls::values},
};

constexpr std::array kTypeNames{
    std::pair{kPathNumber, std::string_view("number")},
    std::pair{kPathString, std::string_view("string")},
    std::pair{kPathBoolean, std::string_view("boolean")},
    std::pair{kPathArray, std::string_view("array")},
    std::pair{kPathObject, std::string_view("object")},
    std::pair{kPathNull, std::string_view("null")},
    std::pair{kPathNumberArray, std::string_view("array of numbers")},
    std::pair{kPathStringArray, std::string_view("array of strings")},
    std::pair{kPathExpression, std::string_view("an expression (&name)")},
};

PathTypes type_of(const Value& value) {
    switch (value.kind()) {
        case Kind::Null:
            return kPathNull;
        case Kind::Bool:
            return kPathBoolean;
        case Kind::Integer:
        case Kind::BigInteger:
        case Kind::Real:
            return kPathNumber;
        case Kind::Text:
            return kPathString;
        case Kind::Map:
            return kPathObject;
        case Kind::List:
            break;
    }
    const List& list = value.as_list();
    const auto is_text = [](const Value& item) { return item.kind() == Kind::Text; };
    const auto is_number = [](const Value& item) { return item.is_number(); };
    return kPathArray | (std::all_of(list.begin(), list.end(), is_text) ? kPathStringArray : 0U) |
           (std::all_of(list.begin(), list.end(), is_number) ? kPathNumberArray : 0U);
}

}  // namespace

std::span<const PathFunction> path_functions() {
    return kFunctions;
}

const PathFunction* find_path_function(std::string_view name) {
    const auto* found =
        std::find_if(kFunctions.begin(), kFunctions.end(),
                     [name](const PathFunction& function) { return function.name == name; });
    return found == kFunctions.end() ? nullptr : found;
}

PathTypes allowed_types(const PathFunction& function, std::size_t index) {
    return function.types.at(std::min(index, function.argument_count - 1));
}

bool is_allowed(const Value& value, PathTypes types) {
    // Looking at each item of a list only where the items matter.
    if ((types & kPathArray) != 0 && value.kind() == Kind::List) {
        return true;
    }
    return (type_of(value) & types) != 0;
}

std::string type_names(PathTypes types) {
    if (types == kPathAny) {
        return "any value";
    }
    std::string names;
    for (const auto& [type, name] : kTypeNames) {
        if ((types & type) != 0) {
            names += names.empty() ? "" : " or ";
            names += name;
        }
    }
    return names;
}

}  // namespace boom::expr
