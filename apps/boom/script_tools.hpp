#pragma once
// Code of the user while cases are loaded: builds debugtalk.cpp, asks a debugtalk.so for its
// functions, calls those that give rows of parameters. Blocks; for the start of a run only.

#include "plan/bundle.hpp"
#include "script/blocking_calls.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace boom::app {

class ScriptTools final : public plan::ScriptTools {
public:
    // Check: no function of the user is called.
    enum class Use { Run, Check };
    explicit ScriptTools(Use use) : use_(use) {}

    std::optional<std::string> build(const std::string& path, std::string& error) override;
    std::optional<std::string> describe(const std::string& library, std::string& error) override;
    expr::UserCalls* calls(const plan::Script& script) override;

private:
    Use use_;
    std::map<std::string, std::unique_ptr<script::BlockingCalls>> calls_;  // by folder
};

}  // namespace boom::app
