#pragma once
// Reading typed values out of a YAML tree, with every mistake collected. Private to this module.

#include "base/error.hpp"
#include "base/units.hpp"
#include "plan/yaml.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boom::plan {

// The mistakes of all files, in order.
class Mistakes {
public:
    void set_file(std::string file) { file_ = std::move(file); }
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::string& file_of(const YamlNode& node) const {
        return node.file != nullptr ? *node.file : file_;
    }
    void add(const YamlNode& at, std::string what, std::string hint = {});
    // `offset` in the text of the scalar.
    void add_inside(const YamlNode& scalar, std::size_t offset, std::string what,
                    std::string hint = {});
    // Whether something is wrong there already: its consequences need no second message.
    [[nodiscard]] bool is_known_at(const YamlNode& node) const;
    void add(base::Mistake mistake) { list_.push_back(std::move(mistake)); }
    [[nodiscard]] std::size_t count() const { return list_.size(); }
    [[nodiscard]] const std::vector<base::Mistake>& all() const { return list_; }
    // Adds those of another, except what is known already: the command line's come with every step.
    void take(const Mistakes& other);
    void throw_if_any();

private:
    std::string file_;
    std::vector<base::Mistake> list_;
};

struct KeyTable {
    std::span<const std::string_view> known;
    std::span<const std::string_view> planned;  // of the format, not built yet
};

// False, with a mistake, when it is no map. Names every unknown key.
[[nodiscard]] bool check_map(const YamlNode& node, std::string_view name, const KeyTable& keys,
                             Mistakes& mistakes);
// False, with a mistake, when it is anything else. Null pointer: false without one.
[[nodiscard]] bool is_map(const YamlNode* node, std::string_view name, Mistakes& mistakes);
[[nodiscard]] bool is_list(const YamlNode* node, std::string_view name, Mistakes& mistakes);

// All of these: empty when the node is absent (null pointer), or wrong (with a mistake).
[[nodiscard]] std::optional<std::string> read_text(const YamlNode* node, std::string_view name,
                                                   Mistakes& mistakes);
[[nodiscard]] std::optional<bool> read_flag(const YamlNode* node, std::string_view name,
                                            Mistakes& mistakes);
// Numbers may stand in quotes: where one is wanted, they can mean nothing else.
[[nodiscard]] std::optional<std::int64_t> read_integer(const YamlNode* node, std::string_view name,
                                                       Mistakes& mistakes);
[[nodiscard]] std::optional<double> read_number(const YamlNode* node, std::string_view name,
                                                Mistakes& mistakes);
// A number of seconds or "500ms".
[[nodiscard]] std::optional<base::Duration> read_duration(const YamlNode* node,
                                                          std::string_view name,
                                                          Mistakes& mistakes);
// The choice of workers, as load::parse_worker_choice reads it.
[[nodiscard]] std::string worker_choice_text(const YamlNode& node, Mistakes& mistakes);

}  // namespace boom::plan
