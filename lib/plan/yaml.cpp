#include "plan/yaml.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace boom::plan {
namespace {

// Aliases can make a small text a huge tree: this many nodes more than it has bytes.
constexpr std::size_t kMaxRepeatedNodes = 100'000;
constexpr std::size_t kMaxDepth = 100;

// What is wrong, thrown through the parser and caught in parse_yaml().
struct Refusal {
    base::Mistake mistake;
};

struct Extent {
    std::size_t nodes = 1;
    std::size_t depth = 1;
};

Extent extent_of(const YamlNode& node) {
    Extent extent;
    for (const std::vector<YamlNode>* children : {&node.keys, &node.items}) {
        for (const YamlNode& child : *children) {
            const Extent below = extent_of(child);
            extent.nodes += below.nodes;
            extent.depth = std::max(extent.depth, below.depth + 1);
        }
    }
    return extent;
}

// Makes the tree while the parser goes through the text, and stops it at the first mistake.
class Builder final : public YAML::EventHandler {
public:
    Builder(const std::string& file, std::string_view text)
        : file_(file), text_(text), max_nodes_(text.size() + kMaxRepeatedNodes) {}

    [[nodiscard]] YamlNode take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ == 1) {
            return;
        }
        if (begins_document(mark)) {
            refuse(mark, "only one document a file", "remove the line '---'");
        }
        // To the parser a bracket too many is the begin of a document, again and again.
        refuse(mark, "syntax error: what stands before is complete, this belongs to nothing",
               "look for a wrong bracket, brace, quote or indentation before it");
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        complete(make(mark, YamlNode::Kind::Null), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node = make(mark, YamlNode::Kind::Scalar);
        node.text = value;
        node.is_plain = tag == "?" || tag.empty();
        complete(std::move(node), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = named_.find(anchor);
        if (found == named_.end()) {
            refuse(mark, "an alias cannot stand inside what it names", {});
        }
        reserve(mark, extent_of(found->second));
        add(found->second);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open_.push_back({make(mark, YamlNode::Kind::List), anchor, {}, {}, {}});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open_.push_back({make(mark, YamlNode::Kind::Map), anchor, {}, {}, {}});
    }
    void OnMapEnd() override {
        for (const YamlNode& source : open_.back().merged) {
            merge(source, open_.back().node);
        }
        close();
    }

private:
    // A list or map whose end has not come.
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = YAML::NullAnchor;
        std::optional<YamlNode> key;  // whose value is next
        std::unordered_set<std::string> keys;
        std::vector<YamlNode> merged;
    };

    [[nodiscard]] bool begins_document(const YAML::Mark& mark) const {
        std::size_t begin = 0;
        for (int line = 0; line < mark.line && begin < text_.size(); ++line) {
            begin = std::min(text_.find('\n', begin), text_.size() - 1) + 1;
        }
        return text_.substr(begin, 3) == "---";
    }
    YamlNode make(const YAML::Mark& mark, YamlNode::Kind kind) {
        reserve(mark, {});
        YamlNode node;
        node.kind = kind;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }
    void reserve(const YAML::Mark& mark, const Extent& extent) {
        count_ += extent.nodes;
        if (count_ > max_nodes_ || open_.size() + extent.depth > kMaxDepth + 1) {
            refuse(mark, "the file is too large or nested too deeply", {});
        }
    }
    void close() {
        YamlNode node = std::move(open_.back().node);
        const YAML::anchor_t anchor = open_.back().anchor;
        open_.pop_back();
        complete(std::move(node), anchor);
    }
    void complete(YamlNode node, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            count_ += extent_of(node).nodes;
            named_[anchor] = node;
        }
        add(std::move(node));
    }
    void add(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = as_key(std::move(node));
        } else {
            add_member(parent, std::move(node));
        }
    }
    YamlNode as_key(YamlNode key) const {
        if (key.kind == YamlNode::Kind::Null) {
            key.kind = YamlNode::Kind::Scalar;
            key.text = "null";
        }
        if (!key.is_scalar()) {
            refuse(key, "a key must be a text, not " + std::string(kind_name(key)));
        }
        return key;
    }
    void add_member(Open& parent, YamlNode value) {
        YamlNode key = std::move(*parent.key);
        parent.key.reset();
        if (key.is_plain && key.text == "<<") {
            parent.merged.push_back(std::move(value));
            return;
        }
        if (!parent.keys.insert(key.text).second) {
            refuse(key, fmt::format("key '{}' stands here twice", key.text));
        }
        parent.node.keys.push_back(std::move(key));
        parent.node.items.push_back(std::move(value));
    }
    void merge(const YamlNode& source, YamlNode& node) const {
        if (source.is_list()) {
            for (const YamlNode& item : source.items) {
                merge(item, node);
            }
            return;
        }
        if (!source.is_map()) {
            refuse(source, "'<<' needs a map, not " + std::string(kind_name(source)));
        }
        for (std::size_t i = 0; i < source.items.size(); ++i) {
            if (node.find(source.keys[i].text) == nullptr) {
                node.keys.push_back(source.keys[i]);
                node.items.push_back(source.items[i]);
            }
        }
    }
    [[noreturn]] void refuse(const YamlNode& at, std::string what) const {
        throw Refusal{{{file_, at.line, at.column}, std::move(what), {}}};
    }
    [[noreturn]] void refuse(const YAML::Mark& at, std::string what, std::string hint) const {
        throw Refusal{{{file_, at.line + 1, at.column + 1}, std::move(what), std::move(hint)}};
    }

    const std::string& file_;
    std::string_view text_;
    std::size_t max_nodes_;
    std::size_t count_ = 0;  // of nodes made and copied
    int documents_ = 0;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, YamlNode> named_;
    YamlNode root_;
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
        std::istringstream stream(file.ends_with(".json") ? join_surrogates(text)
                                                          : std::string(text));
        Builder builder(file, text);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
        YamlNode root = builder.take_root();
        root.line = std::max(root.line, 1);
        root.column = std::max(root.column, 1);
        return root;
    } catch (const Refusal& refusal) {
        return refusal.mistake;
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
