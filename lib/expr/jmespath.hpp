#pragma once
// JMESPath (https://jmespath.org/specification.html), complete: compiled once, searched often.

#include "expr/value.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace boom::expr {

struct CompileError {
    std::string what;
    std::size_t offset = 0;  // in the text, from 0
};

// Immutable after compile(): any thread may search.
class JmesPath {
public:
    [[nodiscard]] static std::variant<JmesPath, CompileError> compile(std::string_view text);

    struct Error {
        std::string what;  // "invalid-type: …", as the specification's error classes
    };
    [[nodiscard]] std::variant<Value, Error> search(const Value& root) const;
    // A plain chain of names and indices ("body.args.a[-1]"), whose steps can be followed without
    // building a Value of the whole document. Null when it is anything else.
    struct Step {
        std::string name;        // used when `is_index` is false
        std::int64_t index = 0;  // may be negative
        bool is_index = false;
    };
    [[nodiscard]] const std::vector<Step>* as_chain() const;

    struct Node;  // the syntax tree, private to the .cpp files
    [[nodiscard]] const Node& root() const { return *root_; }

private:
    std::shared_ptr<const Node> root_;  // shared by copies of a compiled query; never written
    std::vector<Step> chain_;
    bool is_chain_ = false;
};

}  // namespace boom::expr
