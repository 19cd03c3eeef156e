#pragma once
// The value of a variable, an argument, a JSON node: a small variant with exact integers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace boom::expr {

// An integer outside of 64 bits, kept as its decimal text so that ids survive exactly.
struct BigInteger {
    std::string digits;  // canonical: optional "-", no leading zeros
    bool operator==(const BigInteger&) const = default;
};

class Value {
public:
    // In the order of the text; keys are unique. Compared without regard to order.
    using Members = std::vector<std::pair<std::string, Value>>;
    enum class Kind { Null, Bool, Integer, BigInteger, Real, Text, List, Map };

    Value() = default;  // null
    // Not inline: g++ 12 warns of uninitialized members wherever it inlines the variant's.
    Value(const Value&);
    Value(Value&&) noexcept;
    Value& operator=(const Value&);
    Value& operator=(Value&&) noexcept;
    ~Value();
    explicit Value(bool v) : data_(v) {}
    explicit Value(std::int64_t v) : data_(v) {}
    explicit Value(int v) : data_(std::int64_t{v}) {}
    explicit Value(BigInteger v) : data_(std::move(v)) {}
    explicit Value(double v) : data_(v) {}
    explicit Value(std::string v) : data_(std::move(v)) {}
    explicit Value(std::string_view v) : data_(std::string(v)) {}
    explicit Value(const char* v) : data_(std::string(v)) {}
    explicit Value(std::vector<Value> v) : data_(std::move(v)) {}
    explicit Value(Members v) : data_(std::move(v)) {}

    [[nodiscard]] Kind kind() const { return static_cast<Kind>(data_.index()); }
    [[nodiscard]] bool is_null() const { return kind() == Kind::Null; }
    [[nodiscard]] bool is_number() const {
        return kind() == Kind::Integer || kind() == Kind::BigInteger || kind() == Kind::Real;
    }
    // REQUIRES: the kind of that name.
    [[nodiscard]] bool as_bool() const { return std::get<bool>(data_); }
    [[nodiscard]] std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }
    [[nodiscard]] const BigInteger& as_big_integer() const { return std::get<BigInteger>(data_); }
    [[nodiscard]] double as_real() const { return std::get<double>(data_); }
    [[nodiscard]] const std::string& as_text() const { return std::get<std::string>(data_); }
    [[nodiscard]] const std::vector<Value>& as_list() const {
        return std::get<std::vector<Value>>(data_);
    }
    [[nodiscard]] const Members& as_map() const { return std::get<Members>(data_); }
    [[nodiscard]] std::vector<Value>& as_list() { return std::get<std::vector<Value>>(data_); }
    [[nodiscard]] Members& as_map() { return std::get<Members>(data_); }

    // Any number as a double. REQUIRES: is_number().
    [[nodiscard]] double number() const;
    // The member of a map; null pointer when absent or not a map.
    [[nodiscard]] const Value* member(std::string_view key) const;
    // As it stands in a rendered string: text as is, numbers without exponent where exact, true,
    // null, lists and maps as JSON.
    void append_text(std::string& out) const;
    [[nodiscard]] std::string text() const;
    void append_json(std::string& out) const;
    [[nodiscard]] std::string json() const;

    // Exact JSON equality: numbers by value (1 == 1.0), maps without order.
    bool operator==(const Value& other) const;

private:
    std::variant<std::monostate, bool, std::int64_t, BigInteger, double, std::string,
                 std::vector<Value>, Members>
        data_;
};

// Declared before, they would be shadowed by Kind::List and Kind::Map.
using List = std::vector<Value>;
using Map = Value::Members;

// "null", "boolean", "number", "string", "array", "object", as JMESPath's type().
[[nodiscard]] std::string_view type_name(const Value& value);

// Strict JSON. Empty for malformed text. Integers stay exact whatever their size.
[[nodiscard]] std::optional<Value> parse_json(std::string_view text);

}  // namespace boom::expr
