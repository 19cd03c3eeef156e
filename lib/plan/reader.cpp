#include "plan/reader.hpp"

#include "base/duration.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::plan {
namespace {

void add_type(const YamlNode& node, std::string_view name, std::string_view wanted,
              Mistakes& mistakes) {
    mistakes.add(node, fmt::format("'{}' must be {}, not {}", name, wanted, kind_name(node)));
}

}  // namespace

void Mistakes::add(const YamlNode& at, std::string what, std::string hint) {
    list_.push_back({{file_of(at), at.line, at.column}, std::move(what), std::move(hint)});
}

void Mistakes::add_inside(const YamlNode& scalar, std::size_t offset, std::string what,
                          std::string hint) {
    base::Location where{file_of(scalar), scalar.line, scalar.column};
    // Where lines are folded, the place in the file is not known.
    if (scalar.text.find('\n') == std::string::npos) {
        where.column += static_cast<int>(offset) + (scalar.is_plain ? 0 : 1);
    }
    list_.push_back({std::move(where), std::move(what), std::move(hint)});
}

bool Mistakes::is_known_at(const YamlNode& node) const {
    return std::any_of(list_.begin(), list_.end(), [this, &node](const base::Mistake& known) {
        return known.where.line == node.line && known.where.column == node.column &&
               known.where.file == file_of(node);
    });
}

void Mistakes::take(const Mistakes& other) {
    for (const base::Mistake& mistake : other.list_) {
        const bool is_known = std::any_of(
            list_.begin(), list_.end(),
            [&mistake](const base::Mistake& known) { return known.text() == mistake.text(); });
        if (!is_known) {
            list_.push_back(mistake);
        }
    }
}

void Mistakes::throw_if_any() {
    if (!list_.empty()) {
        throw base::ConfigError(std::move(list_));
    }
}

bool check_map(const YamlNode& node, std::string_view name, const KeyTable& keys,
               Mistakes& mistakes) {
    if (!is_map(&node, name, mistakes)) {
        return false;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        const YamlNode& key = node.keys[i];
        if (std::find(keys.known.begin(), keys.known.end(), key.text) != keys.known.end()) {
            continue;
        }
        if (std::find(keys.planned.begin(), keys.planned.end(), key.text) != keys.planned.end()) {
            mistakes.add(key, fmt::format("'{}' is not supported yet", key.text));
        } else {
            mistakes.add(key, fmt::format("unknown key '{}' in {}", key.text, name),
                         base::did_you_mean(key.text, keys.known));
        }
    }
    return true;
}

bool is_map(const YamlNode* node, std::string_view name, Mistakes& mistakes) {
    if (node != nullptr && !node->is_map()) {
        add_type(*node, name, "a map", mistakes);
    }
    return node != nullptr && node->is_map();
}

bool is_list(const YamlNode* node, std::string_view name, Mistakes& mistakes) {
    if (node != nullptr && !node->is_list()) {
        add_type(*node, name, "a list", mistakes);
    }
    return node != nullptr && node->is_list();
}

std::optional<std::string> read_text(const YamlNode* node, std::string_view name,
                                     Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_scalar()) {
        add_type(*node, name, "a text", mistakes);
        return std::nullopt;
    }
    return node->text;
}

std::optional<bool> read_flag(const YamlNode* node, std::string_view name, Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    const expr::Value value = value_of(*node);
    if (value.kind() != expr::Value::Kind::Bool) {
        add_type(*node, name, "true or false", mistakes);
        return std::nullopt;
    }
    return value.as_bool();
}

std::optional<std::int64_t> read_integer(const YamlNode* node, std::string_view name,
                                         Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    const expr::Value value = node->is_scalar() ? scalar_value(node->text) : value_of(*node);
    if (value.kind() != expr::Value::Kind::Integer) {
        add_type(*node, name, "a whole number", mistakes);
        return std::nullopt;
    }
    return value.as_integer();
}

std::optional<double> read_number(const YamlNode* node, std::string_view name, Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    const expr::Value value = node->is_scalar() ? scalar_value(node->text) : value_of(*node);
    if (!value.is_number()) {
        add_type(*node, name, "a number", mistakes);
        return std::nullopt;
    }
    return value.number();
}

std::optional<base::Duration> read_duration(const YamlNode* node, std::string_view name,
                                            Mistakes& mistakes) {
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto duration =
        node->is_scalar() ? base::parse_duration(node->text) : std::optional<base::Duration>();
    if (!duration) {
        mistakes.add(
            *node, fmt::format(
                       "'{}' must be a duration such as 2, 0.5 or 500ms, not {}", name,
                       node->is_scalar() ? "'" + node->text + "'" : std::string(kind_name(*node))));
    }
    return duration;
}

}  // namespace boom::plan
