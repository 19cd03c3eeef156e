#include "base/text.hpp"
#include "base/url.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

// Exactly `$name` or `${…}`: the value may be of any type.
bool is_single_reference(std::string_view text) {
    text = base::trim(text);
    if (text.starts_with("${")) {
        return text.find('}') == text.size() - 1;
    }
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return text.size() > 1 && text.front() == '$' &&
           std::all_of(text.begin() + 1, text.end(), is_name);
}

// Forms are sent with their names in order, as the reference does.
YamlNode sorted_by_key(const YamlNode& node) {
    std::vector<std::size_t> order(node.keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&node](std::size_t a, std::size_t b) {
        return node.keys[a].text < node.keys[b].text;
    });
    YamlNode sorted = node;
    for (std::size_t i = 0; i < order.size(); ++i) {
        sorted.keys[i] = node.keys[order[i]];
        sorted.items[i] = node.items[order[i]];
    }
    return sorted;
}

std::string form_text(const expr::Value& map) {
    std::string text;
    for (const auto& [key, value] : map.as_map()) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", base::form_encode(key),
                            value.is_null() ? std::string() : base::form_encode(value.text()));
    }
    return text;
}

void set_default_type(RequestStep& step, std::string_view type) {
    if (find_header(step.headers, "Content-Type") == nullptr) {
        step.headers.push_back({"Content-Type", expr::Template::constant(expr::Value(type))});
    }
}

void set_json(const YamlNode& node, Scope& scope, RequestStep& step) {
    step.body_kind = BodyKind::Json;
    step.body = scope.structure(node);
    set_default_type(step, kJsonType);
    if (const expr::Value* value = step.body.constant_value()) {
        step.constant_body = value->json();
    }
}

void set_form(const YamlNode& node, Scope& scope, RequestStep& step) {
    step.body_kind = BodyKind::Form;
    step.body = scope.structure(sorted_by_key(node));
    set_default_type(step, kFormType);
    if (const expr::Value* value = step.body.constant_value();
        value != nullptr && value->kind() == expr::Value::Kind::Map) {
        step.constant_body = form_text(*value);
    }
}

void set_text(const YamlNode& node, Scope& scope, RequestStep& step) {
    step.body_kind = BodyKind::Text;
    step.text_body = scope.text(node);
    step.constant_body = constant_text(step.text_body);
}

// Empty when there is none, or when it changes.
std::string content_type(const RequestStep& step) {
    const HeaderTemplate* header = find_header(step.headers, "Content-Type");
    const auto value = header != nullptr ? constant_text(header->value) : std::nullopt;
    return value ? base::to_lower(*value) : std::string();
}

void read_data(std::string_view key, const YamlNode& node, Scope& scope, RequestStep& step) {
    const std::string type = content_type(step);
    const bool has_type = find_header(step.headers, "Content-Type") != nullptr;
    if (node.is_map()) {
        if (type.starts_with(kFormType) || (!has_type && key == "data")) {
            set_form(node, scope, step);
        } else {
            set_json(node, scope, step);
        }
    } else if (node.is_list()) {
        set_json(node, scope, step);
    } else if (node.is_scalar() && value_of(node).kind() == expr::Value::Kind::Text) {
        set_text(node, scope, step);
    } else if (!value_of(node).is_null()) {
        scope.mistakes().add(
            node, fmt::format("'{}' must be a map, a list or a text, not {}", key, kind_name(node)),
            "quote it");
    }
}

}  // namespace

void read_body(const YamlNode& request, Scope& scope, RequestStep& step) {
    constexpr std::array<std::string_view, 3> kKeys = {"body", "json", "data"};
    std::string_view used;
    for (const std::string_view key : kKeys) {
        const YamlNode* node = request.find(key);
        if (node == nullptr) {
            continue;
        }
        if (!used.empty()) {
            scope.mistakes().add(*node, fmt::format("'{}' and '{}' exclude each other", used, key));
            return;
        }
        used = key;
        if (key != "json") {
            read_data(key, *node, scope, step);
        } else if (node->is_scalar() && value_of(*node).kind() == expr::Value::Kind::Text &&
                   !is_single_reference(node->text)) {
            set_default_type(step, kJsonType);
            set_text(*node, scope, step);
        } else if (!value_of(*node).is_null()) {
            set_json(*node, scope, step);
        }
    }
}

std::optional<std::string> constant_text(const expr::Template& text) {
    const expr::Value* value = text.constant_value();
    return value != nullptr ? std::optional(value->is_null() ? std::string() : value->text())
                            : std::nullopt;
}

std::optional<std::string> constant_form(
    const std::vector<std::pair<expr::Template, expr::Template>>& pairs) {
    std::string text;
    for (const auto& [key, value] : pairs) {
        const auto name = constant_text(key);
        const auto content = constant_text(value);
        if (!name || !content) {
            return std::nullopt;
        }
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", base::form_encode(*name),
                            base::form_encode(*content));
    }
    return text;
}

}  // namespace boom::plan
