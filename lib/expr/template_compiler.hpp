#pragma once
// Compiles the texts of templates. Private to this module.

#include "expr/template_parts.hpp"
#include "expr/template_text.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::expr {

// One compilation. After an error the results mean nothing.
class TemplateCompiler {
public:
    // What to do with names that nobody defined.
    enum class Unknown { Refuse, Accept };

    TemplateCompiler(const SlotResolver& slot_of, Unknown unknown)
        : slot_of_(slot_of), unknown_(unknown) {}

    [[nodiscard]] std::vector<Template::Part> compile_text(Excerpt text);
    [[nodiscard]] const std::optional<CompileError>& error() const { return error_; }

private:
    void fail(std::string what, std::size_t offset);
    bool can_nest(std::size_t offset);
    void add_reference(std::vector<Template::Part>& parts, const Reference& reference,
                       std::size_t offset);
    Template::Part compile_call(const Reference& call, std::size_t offset);
    // Replaces a call that always gives the same result by that result.
    void fold(Template::Part& call, std::size_t offset);
    ValueTemplate::Node compile_argument(Excerpt text);
    ValueTemplate::Node compile_template(Excerpt text, ValueTemplate::Node::Kind kind);
    std::optional<ValueTemplate::Node> compile_list(Excerpt text);
    std::optional<ValueTemplate::Node> compile_map(Excerpt text);
    ValueTemplate::Node compile_element(Excerpt text);
    const Function* find_function(const Reference& call, std::size_t offset);

    const SlotResolver& slot_of_;
    Unknown unknown_;
    std::size_t depth_ = 0;
    std::optional<CompileError> error_;
};

}  // namespace boom::expr
