#pragma once
// JSONPath (RFC 9535 without its functions) for those who come from JMeter: names, indices, slices,
// `*`, lists of them, `..` and filters. Compiled once, searched often.

#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <memory>
#include <string_view>
#include <variant>

namespace boom::expr {

// Immutable after compile(): any thread may search.
class JsonPath {
public:
    // Whether a text is meant as one: no variable can begin so.
    [[nodiscard]] static bool is_meant(std::string_view text);
    [[nodiscard]] static std::variant<JsonPath, CompileError> compile(std::string_view text);

    // All that matches, in the order of the document.
    [[nodiscard]] List search(const Value& root) const;
    // At most one value can match.
    [[nodiscard]] bool is_single() const;

    struct Segment;  // private to the .cpp files

private:
    std::shared_ptr<const std::vector<Segment>> segments_;
};

}  // namespace boom::expr
