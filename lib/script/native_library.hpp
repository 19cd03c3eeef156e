#pragma once
// The functions of a debugtalk.so (the C interface of include/boom/debugtalk.h), called in this
// process. Loaded from memory: nothing is written to a disk. Any thread may call.

#include "expr/function.hpp"
#include "expr/value.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace boom::script {

struct NativeFunction {
    std::string name;
    std::size_t min_arguments = 0;
    std::size_t max_arguments = 0;
};

class NativeLibrary {
public:
    // Runs code of the library. The same content is loaded once, and stays until the process ends.
    // Null: `error` says why.
    [[nodiscard]] static std::shared_ptr<const NativeLibrary> load(const std::string& content,
                                                                   std::string& error);

    [[nodiscard]] bool has(std::string_view function) const;
    // std::nullopt: failed, `context.error` says why. REQUIRES: has(function).
    [[nodiscard]] std::optional<expr::Value> call(expr::CallContext& context,
                                                  std::string_view function,
                                                  std::span<const expr::Value> arguments) const;
    [[nodiscard]] std::vector<NativeFunction> functions() const;

private:
    NativeLibrary() = default;
    struct Table;
    std::shared_ptr<const Table> table_;
};

// What a library holds, asked for in a process of its own: one that crashes or hangs while it is
// loaded harms nobody. Empty: `error` says why.
[[nodiscard]] std::optional<std::vector<NativeFunction>> describe_library(
    const std::string& content, std::string& error);

}  // namespace boom::script
