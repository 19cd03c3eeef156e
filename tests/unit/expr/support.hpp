#pragma once
// What several tests of expressions need.

#include "expr/template.hpp"
#include "expr/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::expr::test {

// JSON that the test's author knows to be well-formed.
[[nodiscard]] inline Value json(std::string_view text) {
    return parse_json(text).value();
}

// Named variables and their values.
class Variables {
public:
    explicit Variables(std::vector<std::pair<std::string, Value>> entries) {
        for (auto& [name, value] : entries) {
            names_.push_back(std::move(name));
            values_.push_back(std::move(value));
        }
    }
    [[nodiscard]] SlotResolver resolver() const {
        return [this](std::string_view name) {
            for (std::size_t i = 0; i < names_.size(); ++i) {
                if (names_[i] == name) {
                    return static_cast<int>(i);
                }
            }
            return -1;
        };
    }
    [[nodiscard]] Slots slots() const { return values_; }

private:
    std::vector<std::string> names_;
    std::vector<Value> values_;
};

// The value of a template, or the error of compiling or of a call as "error: …".
[[nodiscard]] inline Value render(std::string_view text, const Variables& variables) {
    auto compiled = Template::compile(text, variables.resolver());
    if (const auto* error = std::get_if<CompileError>(&compiled)) {
        return Value("error: " + error->what);
    }
    CallContext context;
    const auto value = std::get<Template>(compiled).evaluate(variables.slots(), context);
    return value ? *value : Value("error: " + context.error);
}

}  // namespace boom::expr::test
