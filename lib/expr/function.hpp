#pragma once
// Functions that expressions may call: the built-in ones, and the seam for user functions.

#include "base/content.hpp"
#include "base/rng.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace boom::expr {

struct CallContext;

// Contents of the files that a case names, by that name. More than kMaxWholeBytes of one are only
// there for rows that are read one by one.
inline constexpr std::size_t kMaxWholeBytes = std::size_t{512} << 20U;
using FileTable = std::map<std::string, base::Content, std::less<>>;

// Runs functions that users wrote. One per generator thread.
class UserCalls {
public:
    virtual ~UserCalls() = default;
    // std::nullopt: failed, `context.error` says why; or `context.is_pending`: the result is not
    // there yet, the whole evaluation is to be done again when it is.
    virtual std::optional<Value> call(CallContext& context, std::string_view function,
                                      std::span<const Value> arguments) = 0;
};

// Counters, and variables that users share. One per generator thread.
class SharedCalls {
public:
    enum class Reach { User, Worker, Fleet };
    virtual ~SharedCalls() = default;
    // The next number of that counter. std::nullopt: `context.error` says why.
    virtual std::optional<std::int64_t> count(CallContext& context, Reach reach,
                                              std::string_view name) = 0;
    // Null: nobody has set it.
    [[nodiscard]] virtual const Value* find(std::string_view name) const = 0;
    // False: `context.error` says why.
    virtual bool set(CallContext& context, Reach reach, std::string_view name,
                     const Value& value) = 0;
};

// What a call may know of who calls. One per generator thread; the generator fills in the user.
struct CallContext {
    base::Rng rng{0};
    std::int64_t user = 0;       // ordinal of the virtual user over the whole fleet, from 0
    std::int64_t iteration = 0;  // of that user, from 0
    std::string error;           // set by whatever fails; the caller clears it
    // Of the case's `.env` and the process: for ${ENV(NAME)}. Read once, at the start.
    const std::function<std::optional<std::string>(std::string_view)>* environment = nullptr;
    const FileTable* files = nullptr;     // of the case
    UserCalls* user_calls = nullptr;      // null: no functions of users here
    SharedCalls* shared_calls = nullptr;  // null: before the load runs
    bool is_pending = false;              // set by user_calls; the caller clears it
    bool has_called_user = false;         // set by user_calls when it gave a result
    bool is_hook = false;                 // a function without result gives its first argument
};

struct Function {
    std::string_view name;
    std::size_t min_arguments = 0;
    std::size_t max_arguments = 0;
    // True when every call with the same arguments gives the same result.
    bool is_constant = false;
    // Null result pointer semantics: std::nullopt = failed, `context.error` says why.
    std::optional<Value> (*call)(CallContext& context, std::span<const Value> arguments) = nullptr;
    std::string_view help;    // one line, with the signature
    bool is_of_user = false;  // called by name through CallContext::user_calls
};

// Functions that users wrote, by name. Not changed after the case is compiled.
class UserFunctions {
public:
    void add(std::string name, std::size_t min_arguments, std::size_t max_arguments);
    // By exact name, else by "common name". Null: none.
    [[nodiscard]] const Function* find(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> names() const;

private:
    struct Entry {
        std::string name;
        Function function;
    };
    std::deque<Entry> entries_;  // functions refer to names and are referred to
};

// Those of the reference, and those that load tests need: testcases/README.md lists them.
[[nodiscard]] std::span<const Function> built_in_functions();
// By exact name, else by HttpRunner's "common name" (lower case, without underscores). Null: none.
[[nodiscard]] const Function* find_built_in(std::string_view name);

}  // namespace boom::expr
