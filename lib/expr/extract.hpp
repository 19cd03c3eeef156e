#pragma once
// What a variable is taken from: a query, and if asked for a regular expression on its text.

#include "expr/response.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace boom::expr {

class Pattern;

struct ExtractOptions {
    std::string regex;       // empty: the value of the query itself
    std::int64_t group = 1;  // 0: the whole match
    // From 1; 0: one by chance; -1: all of them, as a list. Empty: the first of a regular
    // expression, all of a JSONPath.
    std::optional<std::int64_t> match;
    enum class Missing { Null, Default, Fail } missing = Missing::Null;
    Value fallback;  // for Default
};

// Immutable after make(): any thread.
class Extract {
public:
    [[nodiscard]] static std::variant<Extract, CompileError> make(Query subject,
                                                                  ExtractOptions options);

    // std::nullopt: failed, `context.error` says why.
    [[nodiscard]] std::optional<Value> find(ResponseReader& response, Slots slots,
                                            CallContext& context) const;
    [[nodiscard]] const Query& subject() const { return subject_; }

private:
    [[nodiscard]] static Value pick(List found, std::int64_t match, CallContext& context);
    [[nodiscard]] Value match_in(const std::string& text, CallContext& context) const;

    Query subject_;
    ExtractOptions options_;
    std::shared_ptr<const Pattern> pattern_;
};

}  // namespace boom::expr
