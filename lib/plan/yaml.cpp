#include "plan/yaml.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace boom::plan {
namespace {

// Aliases can make a small text a huge tree: this many nodes more than it has bytes.
constexpr std::size_t kMaxRepeatedNodes = 100'000;
constexpr std::size_t kMaxDepth = 100;

class Converter {
public:
    Converter(const std::string& file, std::size_t bytes)
        : file_(file), max_nodes_(bytes + kMaxRepeatedNodes) {}

    YamlNode convert(const YAML::Node& from, std::size_t depth) {
        YamlNode node;
        node.line = from.Mark().line + 1;
        node.column = from.Mark().column + 1;
        if (++count_ > max_nodes_ || depth > kMaxDepth) {
            fail(node, "the file is too large or nested too deeply");
            return node;
        }
        switch (from.Type()) {
            case YAML::NodeType::Scalar:
                node.kind = YamlNode::Kind::Scalar;
                node.text = from.Scalar();
                node.is_plain = from.Tag() == "?" || from.Tag().empty();
                break;
            case YAML::NodeType::Sequence:
                node.kind = YamlNode::Kind::List;
                for (const YAML::Node& item : from) {
                    node.items.push_back(convert(item, depth + 1));
                }
                break;
            case YAML::NodeType::Map:
                node.kind = YamlNode::Kind::Map;
                convert_map(from, node, depth);
                break;
            case YAML::NodeType::Undefined:
            case YAML::NodeType::Null:
                break;
        }
        return node;
    }
    [[nodiscard]] const std::optional<base::Mistake>& mistake() const { return mistake_; }

private:
    void convert_map(const YAML::Node& from, YamlNode& node, std::size_t depth) {
        std::vector<YamlNode> merged;
        for (const auto& member : from) {
            YamlNode key = convert(member.first, depth + 1);
            YamlNode value = convert(member.second, depth + 1);
            if (mistake_) {
                return;
            }
            if (key.kind == YamlNode::Kind::Null) {
                key.kind = YamlNode::Kind::Scalar;
                key.text = "null";
            }
            if (!key.is_scalar()) {
                fail(key, "a key must be a text, not " + std::string(kind_name(key)));
            } else if (key.is_plain && key.text == "<<") {
                merged.push_back(std::move(value));
            } else if (node.find(key.text) != nullptr) {
                fail(key, fmt::format("key '{}' stands here twice", key.text));
            } else {
                node.keys.push_back(std::move(key));
                node.items.push_back(std::move(value));
            }
        }
        for (const YamlNode& source : merged) {
            merge(source, node);
        }
    }
    void merge(const YamlNode& source, YamlNode& node) {
        if (source.is_list()) {
            for (const YamlNode& item : source.items) {
                merge(item, node);
            }
            return;
        }
        if (!source.is_map()) {
            fail(source, "'<<' needs a map, not " + std::string(kind_name(source)));
        }
        for (std::size_t i = 0; i < source.items.size(); ++i) {
            if (node.find(source.keys[i].text) == nullptr) {
                node.keys.push_back(source.keys[i]);
                node.items.push_back(source.items[i]);
            }
        }
    }
    void fail(const YamlNode& at, std::string what) {
        if (!mistake_) {
            mistake_ = base::Mistake{{file_, at.line, at.column}, std::move(what), {}};
        }
    }

    const std::string& file_;
    std::size_t max_nodes_;
    std::size_t count_ = 0;
    std::optional<base::Mistake> mistake_;
};

std::optional<unsigned> surrogate_at(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) != "\\u" || at + 6 > text.size()) {
        return std::nullopt;
    }
    unsigned unit = 0;
    for (const char c : text.substr(at + 2, 4)) {
        const std::size_t digit =
            std::string_view("0123456789abcdef").find(base::to_lower(std::string_view(&c, 1)));
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        unit = unit * 16 + static_cast<unsigned>(digit);
    }
    return unit;
}

// JSON writes characters above U+FFFF as two escapes, which YAML does not know.
std::string join_surrogates(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '\\') {
            result += text[i++];
            continue;
        }
        const std::optional<unsigned> high = surrogate_at(text, i);
        const std::optional<unsigned> low = surrogate_at(text, i + 6 <= text.size() ? i + 6 : i);
        if (high && low && *high >= 0xD800 && *high < 0xDC00 && *low >= 0xDC00 && *low < 0xE000) {
            result +=
                fmt::format("\\U{:08x}", 0x10000U + ((*high - 0xD800U) << 10U) + (*low - 0xDC00U));
            i += 12;
        } else {
            result += text.substr(i, 2);
            i += 2;
        }
    }
    return result;
}

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<expr::Value> integer_value(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    std::string_view digits = text;
    if (is_negative || text.starts_with('+')) {
        digits.remove_prefix(1);
    }
    if (!is_digits(digits) || (digits.size() > 1 && digits.front() == '0')) {
        return std::nullopt;
    }
    const std::string canonical = (is_negative ? "-" : "") + std::string(digits);
    if (const auto number = base::parse_integer(canonical)) {
        return expr::Value(*number);
    }
    return expr::Value(expr::BigInteger{canonical});
}

std::optional<expr::Value> real_value(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with('+') || digits.starts_with('-')) {
        digits.remove_prefix(1);
    }
    const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
    const bool is_number = digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos &&
                           digits.find_first_of("0123456789") != std::string_view::npos;
    const bool has_leading_zero = whole > 1 && digits.front() == '0';
    if (!is_number || whole == digits.size() || has_leading_zero) {
        return std::nullopt;
    }
    std::string sound(text.starts_with('+') ? text.substr(1) : text);
    if (digits.front() == '.') {
        sound.insert(sound.starts_with('-') ? 1 : 0, "0");
    }
    if (sound.back() == '.') {
        sound += '0';
    }
    const auto number = base::parse_real(sound);
    return number ? std::optional(expr::Value(*number)) : std::nullopt;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].text == key) {
            return &items[i];
        }
    }
    return nullptr;
}

std::variant<YamlNode, base::Mistake> parse_yaml(std::string_view text, const std::string& file) {
    try {
        const std::vector<YAML::Node> documents =
            YAML::LoadAll(file.ends_with(".json") ? join_surrogates(text) : std::string(text));
        if (documents.size() > 1) {
            return base::Mistake{{file, documents[1].Mark().line + 1, 1},
                                 "only one document a file",
                                 "remove the line '---'"};
        }
        Converter converter(file, text.size());
        YamlNode root = documents.empty() ? YamlNode{} : converter.convert(documents.front(), 0);
        if (converter.mistake()) {
            return *converter.mistake();
        }
        root.line = std::max(root.line, 1);
        root.column = std::max(root.column, 1);
        return root;
    } catch (const YAML::Exception& error) {
        return base::Mistake{
            {file, std::max(error.mark.line + 1, 1), std::max(error.mark.column + 1, 1)},
            "syntax error: " + error.msg,
            {}};
    }
}

void set_file(YamlNode& node, const std::shared_ptr<const std::string>& file) {
    node.file = file;
    for (YamlNode& key : node.keys) {
        set_file(key, file);
    }
    for (YamlNode& item : node.items) {
        set_file(item, file);
    }
}

std::string_view kind_name(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::Null:
            return "nothing";
        case YamlNode::Kind::Scalar:
            break;
        case YamlNode::Kind::List:
            return "a list";
        case YamlNode::Kind::Map:
            return "a map";
    }
    const expr::Value value = value_of(node);
    if (value.is_number()) {
        return "a number";
    }
    return value.kind() == expr::Value::Kind::Bool ? "true or false" : "a text";
}

expr::Value scalar_value(std::string_view text) {
    const std::string lower = base::to_lower(text);
    if (text.empty() || text == "~" || lower == "null") {
        return {};
    }
    if (lower == "true" || lower == "false") {
        return expr::Value(lower == "true");
    }
    if (auto integer = integer_value(text)) {
        return std::move(*integer);
    }
    if (auto real = real_value(text)) {
        return std::move(*real);
    }
    return expr::Value(text);
}

expr::Value value_of(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::Null:
            break;
        case YamlNode::Kind::Scalar:
            return node.is_plain ? scalar_value(node.text) : expr::Value(node.text);
        case YamlNode::Kind::List: {
            expr::List list;
            for (const YamlNode& item : node.items) {
                list.push_back(value_of(item));
            }
            return expr::Value(std::move(list));
        }
        case YamlNode::Kind::Map: {
            expr::Map map;
            for (std::size_t i = 0; i < node.items.size(); ++i) {
                map.emplace_back(node.keys[i].text, value_of(node.items[i]));
            }
            return expr::Value(std::move(map));
        }
    }
    return {};
}

}  // namespace boom::plan
