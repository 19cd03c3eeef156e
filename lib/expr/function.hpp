#pragma once
// Functions that expressions may call: the built-in ones, and the seam for user functions.

#include "base/rng.hpp"
#include "expr/value.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace boom::expr {

// Contents of the files that a case names, by that name.
using FileTable = std::map<std::string, std::shared_ptr<const std::string>, std::less<>>;

// What a call may know of who calls. One per generator thread; the generator fills in the user.
struct CallContext {
    base::Rng rng{0};
    std::int64_t user = 0;       // ordinal of the virtual user over the whole fleet, from 0
    std::int64_t iteration = 0;  // of that user, from 0
    std::string error;           // set by whatever fails; the caller clears it
    // Of the case's `.env` and the process: for ${ENV(NAME)}. Read once, at the start.
    const std::function<std::optional<std::string>(std::string_view)>* environment = nullptr;
    const FileTable* files = nullptr;  // of the case
};

struct Function {
    std::string_view name;
    std::size_t min_arguments = 0;
    std::size_t max_arguments = 0;
    // True when every call with the same arguments gives the same result.
    bool is_constant = false;
    // Null result pointer semantics: std::nullopt = failed, `context.error` says why.
    std::optional<Value> (*call)(CallContext& context, std::span<const Value> arguments) = nullptr;
    std::string_view help;  // one line, with the signature
};

// get_timestamp, sleep is refused here (use think_time), gen_random_string, random_int,
// random_range, max, md5, split_by_comma, environ/ENV and those that load tests need (uuid, …).
[[nodiscard]] std::span<const Function> built_in_functions();
// By exact name, else by HttpRunner's "common name" (lower case, without underscores). Null: none.
[[nodiscard]] const Function* find_built_in(std::string_view name);

}  // namespace boom::expr
