#pragma once
// Calls of functions of users that wait for the result: for the start of a program, where rows of
// parameters are made. Never on a generator thread.

#include "expr/function.hpp"
#include "script/native_library.hpp"
#include "script/python_host.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace boom::script {

class BlockingCalls final : public expr::UserCalls {
public:
    // Either may be empty. The library wins where both have the name.
    BlockingCalls(PythonSource source, std::shared_ptr<const std::string> library)
        : source_(std::move(source)), content_(std::move(library)) {}

    std::optional<expr::Value> call(expr::CallContext& context, std::string_view function,
                                    std::span<const expr::Value> arguments) override;

private:
    std::optional<expr::Value> call_python(expr::CallContext& context, std::string_view function,
                                           std::span<const expr::Value> arguments);

    PythonSource source_;
    std::shared_ptr<const std::string> content_;
    std::shared_ptr<const NativeLibrary> library_;
    std::unique_ptr<PythonHost> host_;
    std::uint64_t last_call_ = 0;
};

}  // namespace boom::script
