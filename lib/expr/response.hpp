#pragma once
// What extracts and checks look into: one response, its body parsed at most once.

#include "base/units.hpp"
#include "expr/template.hpp"
#include "expr/value.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace boom::expr {

struct NameValue {
    std::string_view name;
    std::string_view value;
};

// Views into the exchange that finished; valid as long as it is.
struct ResponseView {
    int status_code = 0;
    std::string_view proto;  // "HTTP/1.1", "HTTP/2.0"
    std::span<const NameValue> headers;
    std::span<const NameValue> cookies;  // Set-Cookie of the final response
    std::string_view body;
    base::Duration elapsed{};
};

// Where a value of the response comes from, compiled: `status_code`, `proto`, `elapsed` (ms),
// `headers.NAME` (case-insensitive; `headers.Content-Type` without quotes as the reference),
// `cookies.NAME`, `body`, `body.…` and any other JMESPath over those members; a regular expression
// with a group (a text with "(…)" that is no JMESPath) on the body text, first group; a JSONPath
// (`$.a[0]`) in the body: its one value, or the list of what matches; a text with
// `$…` is a template whose value is the result. Immutable; any thread.
class Query {
public:
    [[nodiscard]] static std::variant<Query, CompileError> compile(std::string_view text,
                                                                   const SlotResolver& slot_of);
    Query();
    Query(const Query&);
    Query(Query&&) noexcept;
    Query& operator=(const Query&);
    Query& operator=(Query&&) noexcept;
    ~Query();

    [[nodiscard]] bool looks_at_status() const;
    [[nodiscard]] bool looks_at_body() const;
    [[nodiscard]] bool looks_at_headers() const;
    // A JSONPath that is no plain chain: its result is the list of all that matches.
    [[nodiscard]] bool may_give_several() const;
    [[nodiscard]] const std::string& source() const;

    struct Compiled;  // private to the .cpp files
    [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

private:
    std::shared_ptr<const Compiled> compiled_;
};

// Parses and searches responses, one after the other. One per generator thread; keeps its buffers.
class ResponseReader {
public:
    ResponseReader();
    ~ResponseReader();
    ResponseReader(const ResponseReader&) = delete;
    ResponseReader& operator=(const ResponseReader&) = delete;

    // Starts on another response; the view must stay valid until the next reset().
    void reset(const ResponseView& response);
    // Null value when nothing is there (as JMESPath). std::nullopt: failed, `context.error` says
    // why. A body that is no JSON is a text.
    [[nodiscard]] std::optional<Value> search(const Query& query, Slots slots,
                                              CallContext& context);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace boom::expr
