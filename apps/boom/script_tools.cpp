#include "boom/script_tools.hpp"

#include "plan/plan.hpp"
#include "script/native_build.hpp"
#include "script/native_library.hpp"

#include <fmt/format.h>

namespace boom::app {

std::optional<std::string> ScriptTools::build(const std::string& path, std::string& error) {
    return script::build_library(path, error);
}

std::optional<std::string> ScriptTools::describe(const std::string& library, std::string& error) {
    const auto functions = script::describe_library(library, error);
    if (!functions) {
        return std::nullopt;
    }
    std::string text;
    for (const script::NativeFunction& function : *functions) {
        text += fmt::format("{}\t{}\t{}\n", function.name, function.min_arguments,
                            function.max_arguments);
    }
    return text;
}

expr::UserCalls* ScriptTools::calls(const plan::Script& script) {
    if (use_ == Use::Check) {
        return nullptr;
    }
    std::unique_ptr<script::BlockingCalls>& calls = calls_[script.name()];
    if (calls == nullptr) {
        calls = std::make_unique<script::BlockingCalls>(
            script::PythonSource{script.path, script.source}, script.library);
    }
    return calls.get();
}

}  // namespace boom::app
