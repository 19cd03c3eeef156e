#include "expr/value.hpp"

#include "base/assert.hpp"
#include "base/text.hpp"
#include "expr/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace boom::expr {
namespace {

// Up to this many members two maps are compared by searching, above it by sorting.
constexpr std::size_t kSearchedMembers = 16;

using Member = Map::value_type;

std::vector<const Member*> sorted_members(const Map& map) {
    std::vector<const Member*> members;
    members.reserve(map.size());
    for (const Member& member : map) {
        members.push_back(&member);
    }
    std::sort(members.begin(), members.end(),
              [](const Member* a, const Member* b) { return a->first < b->first; });
    return members;
}

bool equal_maps(const Map& a, const Map& b) {
    if (a.size() != b.size()) {
        return false;
    }
    if (a.size() <= kSearchedMembers) {
        return std::all_of(a.begin(), a.end(), [&b](const Member& member) {
            const auto found = std::find_if(b.begin(), b.end(), [&member](const Member& other) {
                return other.first == member.first;
            });
            return found != b.end() && found->second == member.second;
        });
    }
    const auto left = sorted_members(a);
    const auto right = sorted_members(b);
    return std::equal(left.begin(), left.end(), right.begin(),
                      [](const Member* x, const Member* y) { return *x == *y; });
}

void append_quoted(std::string& out, std::string_view text) {
    const auto needs_escape = [](char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    };
    out += '"';
    if (std::none_of(text.begin(), text.end(), needs_escape)) {
        out += text;
    } else {
        out += base::escape_json(text);
    }
    out += '"';
}

// A Real keeps its kind when the text is parsed again: 12.0, not 12. JSON has no infinity.
void append_json_real(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    const std::size_t start = out.size();
    append_real(out, value);
    if (out.find_first_of(".e", start) == std::string::npos) {
        out += ".0";
    }
}

}  // namespace

Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

double Value::number() const {
    switch (kind()) {
        case Kind::Integer:
            return static_cast<double>(as_integer());
        case Kind::BigInteger:
            // Beyond the range of a double a big integer counts as infinite.
            return base::parse_real(as_big_integer().digits)
                .value_or(as_big_integer().digits.starts_with('-') ? -HUGE_VAL : HUGE_VAL);
        case Kind::Real:
            return as_real();
        case Kind::Null:
        case Kind::Bool:
        case Kind::Text:
        case Kind::List:
        case Kind::Map:
            break;
    }
    BOOM_ASSERT(is_number());
    return 0;
}

const Value* Value::member(std::string_view key) const {
    if (kind() != Kind::Map) {
        return nullptr;
    }
    for (const auto& [name, value] : as_map()) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

void Value::append_text(std::string& out) const {
    switch (kind()) {
        case Kind::Text:
            out += as_text();
            return;
        case Kind::Real:
            append_real(out, as_real());
            return;
        case Kind::Null:
        case Kind::Bool:
        case Kind::Integer:
        case Kind::BigInteger:
        case Kind::List:
        case Kind::Map:
            append_json(out);
            return;
    }
}

std::string Value::text() const {
    std::string result;
    append_text(result);
    return result;
}

void Value::append_json(std::string& out) const {
    switch (kind()) {
        case Kind::Null:
            out += "null";
            return;
        case Kind::Bool:
            out += as_bool() ? "true" : "false";
            return;
        case Kind::Integer:
            fmt::format_to(std::back_inserter(out), "{}", as_integer());
            return;
        case Kind::BigInteger:
            out += as_big_integer().digits;
            return;
        case Kind::Real:
            append_json_real(out, as_real());
            return;
        case Kind::Text:
            append_quoted(out, as_text());
            return;
        case Kind::List: {
            char separator = '[';
            for (const Value& item : as_list()) {
                out += separator;
                item.append_json(out);
                separator = ',';
            }
            out += as_list().empty() ? "[]" : "]";
            return;
        }
        case Kind::Map: {
            char separator = '{';
            for (const auto& [name, value] : as_map()) {
                out += separator;
                append_quoted(out, name);
                out += ':';
                value.append_json(out);
                separator = ',';
            }
            out += as_map().empty() ? "{}" : "}";
            return;
        }
    }
}

std::string Value::json() const {
    std::string result;
    append_json(result);
    return result;
}

bool Value::operator==(const Value& other) const {
    if (is_number() && other.is_number()) {
        return compare_numbers(*this, other) == std::partial_ordering::equivalent;
    }
    if (kind() != other.kind()) {
        return false;
    }
    return kind() == Kind::Map ? equal_maps(as_map(), other.as_map()) : data_ == other.data_;
}

std::string_view type_name(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Null:
            return "null";
        case Value::Kind::Bool:
            return "boolean";
        case Value::Kind::Integer:
        case Value::Kind::BigInteger:
        case Value::Kind::Real:
            return "number";
        case Value::Kind::Text:
            return "string";
        case Value::Kind::List:
            return "array";
        case Value::Kind::Map:
            return "object";
    }
    return "null";
}

}  // namespace boom::expr
