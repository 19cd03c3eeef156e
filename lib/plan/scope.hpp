#pragma once
// Which variable a name means at a place of a case, and compiling texts there. Private to this
// module.

#include "expr/template.hpp"
#include "plan/reader.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boom::plan {

// The names of one case. A name has one slot for each strength at which it is defined; the
// strongest that is defined at the place wins: step, then extracted, then config.
class Scope {
public:
    explicit Scope(Mistakes& mistakes) : mistakes_(mistakes) {}

    int define_config(const std::string& name);
    int define_step(const std::string& name);
    int define_extracted(const std::string& name);
    void end_step() { step_.clear(); }
    // What the slot always holds: texts that read it can be constant.
    void set_constant(int slot, expr::Value value);
    // Name and step of every extract of the case, for hints.
    void announce_extract(const std::string& name, const std::string& step);
    // While set, the name is looked up as if no step variable had it: `x: $x`.
    void hide_step_variable(std::string name) { hidden_ = std::move(name); }

    [[nodiscard]] int find(std::string_view name) const;
    [[nodiscard]] int slot_count() const { return static_cast<int>(values_.size()); }
    [[nodiscard]] std::vector<int> extracted_slots() const;

    // Compile what stands at the node; mistakes are added there and the result is then empty.
    [[nodiscard]] expr::Template text(const YamlNode& node);
    [[nodiscard]] expr::ValueTemplate structure(const YamlNode& node);
    // The same without a place of its own: the text is none of the user's.
    [[nodiscard]] expr::Template literal(std::string_view text);
    // Whose constant value is known now, else the text as written.
    [[nodiscard]] std::string name_text(const YamlNode& node);
    [[nodiscard]] expr::SlotResolver resolver();
    // Adds the mistake with a hint on the unknown name.
    void explain(const YamlNode& scalar, const expr::CompileError& error);
    [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

private:
    int add_slot();
    [[nodiscard]] bool is_foldable(const std::vector<int>& slots, std::string_view source) const;
    void explain_all(const YamlNode& node);
    [[nodiscard]] std::string hint(const std::string& name) const;

    Mistakes& mistakes_;
    std::map<std::string, int, std::less<>> config_, extracted_, step_;
    std::map<std::string, std::string, std::less<>> announced_;
    std::vector<expr::Value> values_;
    std::vector<bool> is_constant_;
    std::string hidden_, unknown_;
};

// A text that means itself in a template.
[[nodiscard]] std::string escape_references(std::string_view text);

}  // namespace boom::plan
