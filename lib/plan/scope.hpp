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
#include <utility>
#include <vector>

namespace boom::plan {

// The names of one case and of the cases that it refers to. A name has one slot for each strength
// at which it is defined; the strongest that is defined at the place wins: step, then extracted,
// then those of the referring case, then config.
class Scope {
public:
    explicit Scope(Mistakes& mistakes) : mistakes_(mistakes) {}

    // A referenced case: sees all names of the referring one, which does not see its own.
    void enter_reference() { frames_.emplace_back(); }
    // `exports` are seen as extracted ones from now on. Pairs of slots that are to be copied for
    // that: from, to.
    [[nodiscard]] std::vector<std::pair<int, int>> leave_reference(
        const std::vector<std::string>& exports);
    // Whether what is extracted lives as long as the user, or as the iteration.
    enum class Life { User, Iteration };
    void set_life(Life life) { life_ = life; }
    void set_functions(const expr::UserFunctions* functions) { functions_ = functions; }
    [[nodiscard]] int define_hidden() { return add_slot(); }

    int define_config(const std::string& name);
    int define_step(const std::string& name);
    void alias_step(const std::string& name, int slot) { frames_.back().step[name] = slot; }
    int define_extracted(const std::string& name);
    void end_step() { frames_.back().step.clear(); }
    // What the slot always holds: texts that read it can be constant.
    void set_constant(int slot, expr::Value value);
    // Name and step of every extract of the case, for hints.
    void announce_extract(const std::string& name, const std::string& step);
    // While set, the name is looked up as if no step variable had it: `x: $x`.
    void hide_step_variable(std::string name) { hidden_ = std::move(name); }

    [[nodiscard]] int find(std::string_view name) const;
    // "did you mean", of the names that are known here.
    [[nodiscard]] std::string nearest(const std::string& name) const;
    [[nodiscard]] int slot_count() const { return static_cast<int>(values_.size()); }
    [[nodiscard]] std::vector<int> extracted_slots() const;
    // Of the case itself, by name.
    [[nodiscard]] std::vector<std::pair<std::string, int>> extracted() const;

    // Compile what stands at the node; mistakes are added there and the result is then empty.
    [[nodiscard]] expr::Template text(const YamlNode& node);
    [[nodiscard]] expr::ValueTemplate structure(const YamlNode& node);
    // The same without a place of its own: the text is none of the user's.
    [[nodiscard]] expr::ValueTemplate constant(const expr::Value& value);
    [[nodiscard]] expr::Template literal(std::string_view text);
    // Whose constant value is known now, else the text as written.
    [[nodiscard]] std::string name_text(const YamlNode& node);
    // The value of a slot.
    [[nodiscard]] static expr::ValueTemplate copy_of(int slot);
    [[nodiscard]] expr::SlotResolver resolver();
    // Adds the mistake with a hint on the unknown name.
    void explain(const YamlNode& scalar, const expr::CompileError& error);
    [[nodiscard]] Mistakes& mistakes() { return mistakes_; }

private:
    int add_slot();
    [[nodiscard]] bool is_foldable(const std::vector<int>& slots, std::string_view source) const;
    void explain_all(const YamlNode& node);
    [[nodiscard]] std::string hint(const std::string& name) const;

    using Names = std::map<std::string, int, std::less<>>;
    struct Frame {
        Names config, extracted, step;
    };

    Mistakes& mistakes_;
    std::vector<Frame> frames_ = std::vector<Frame>(1);
    const expr::UserFunctions* functions_ = nullptr;
    std::vector<int> iteration_slots_;
    Life life_ = Life::Iteration;
    std::map<std::string, std::string, std::less<>> announced_;
    std::vector<expr::Value> values_;
    std::vector<bool> is_constant_;
    std::string hidden_, unknown_;
};

// A text that means itself in a template.
[[nodiscard]] std::string escape_references(std::string_view text);

}  // namespace boom::plan
