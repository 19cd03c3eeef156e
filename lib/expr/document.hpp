#pragma once
// The body of a response, parsed when first looked into. Private to this module.

#include "expr/jmespath.hpp"
#include "expr/value.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace boom::expr {

// One thread. Keeps its buffers from one body to the next.
class Document {
public:
    Document();
    ~Document();
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    // The text must stay valid until the next reset().
    void reset(std::string_view text);
    // What the steps lead to; null when nothing is there. A text that is no JSON is itself.
    [[nodiscard]] Value find(std::span<const JmesPath::Step> steps);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace boom::expr
