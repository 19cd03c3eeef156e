// A strict JSON parser (RFC 8259) that builds Values. simdjson, used for responses, refuses
// integers beyond 64 bits; this one keeps them, and is the meaning of both.

#include "base/text.hpp"
#include "expr/limits.hpp"
#include "expr/number.hpp"
#include "expr/unicode.hpp"
#include "expr/value.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace boom::expr {
namespace {

// Up to this many members a repeated key is found by searching.
constexpr std::size_t kSearchedMembers = 16;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Of repeated keys the last value wins, in the place of the first.
void drop_repeated_keys(Map& map) {
    std::unordered_map<std::string_view, std::size_t> first_at;
    std::vector<bool> is_repeated(map.size());
    bool has_repeated = false;
    for (std::size_t i = 0; i < map.size(); ++i) {
        const auto [entry, is_new] = first_at.try_emplace(map[i].first, i);
        if (!is_new) {
            map[entry->second].second = std::move(map[i].second);
            is_repeated[i] = true;
            has_repeated = true;
        }
    }
    if (!has_repeated) {
        return;
    }
    Map unique;
    unique.reserve(first_at.size());
    for (std::size_t i = 0; i < map.size(); ++i) {
        if (!is_repeated[i]) {
            unique.push_back(std::move(map[i]));
        }
    }
    map = std::move(unique);
}

class JsonParser {
public:
    explicit JsonParser(std::string_view text) : text_(text) {}

    std::optional<Value> parse_document() {
        std::optional<Value> value = parse_value(0);
        skip_space();
        return value && at_ == text_.size() ? std::move(value) : std::nullopt;
    }

private:
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    bool accept(char c) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }

    std::optional<Value> parse_word(std::string_view word, Value value) {
        if (!text_.substr(at_).starts_with(word)) {
            return std::nullopt;
        }
        at_ += word.size();
        return value;
    }

    std::optional<Value> parse_value(std::size_t depth) {
        skip_space();
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        switch (text_[at_]) {
            case '{':
                return parse_map(depth + 1);
            case '[':
                return parse_list(depth + 1);
            case '"': {
                std::optional<std::string> text = parse_text();
                return text ? std::optional<Value>(Value(std::move(*text))) : std::nullopt;
            }
            case 't':
                return parse_word("true", Value(true));
            case 'f':
                return parse_word("false", Value(false));
            case 'n':
                return parse_word("null", Value());
            default:
                return parse_number();
        }
    }

    std::optional<Value> parse_number() {
        const std::size_t end =
            std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
        const std::string_view token = text_.substr(at_, end - at_);
        at_ = end;
        return number_from_text(token);
    }

    std::optional<Value> parse_list(std::size_t depth) {
        ++at_;
        List list;
        if (accept(']')) {
            return Value(std::move(list));
        }
        // An empty list nests nothing, as in simdjson.
        if (depth > kMaxDepth) {
            return std::nullopt;
        }
        while (true) {
            std::optional<Value> item = parse_value(depth);
            if (!item) {
                return std::nullopt;
            }
            list.push_back(std::move(*item));
            if (accept(']')) {
                return Value(std::move(list));
            }
            if (!accept(',')) {
                return std::nullopt;
            }
        }
    }

    std::optional<Value> parse_map(std::size_t depth) {
        ++at_;
        Map map;
        if (accept('}')) {
            return Value(std::move(map));
        }
        if (depth > kMaxDepth) {
            return std::nullopt;
        }
        while (true) {
            skip_space();
            std::optional<std::string> key = parse_text();
            if (!key || !accept(':')) {
                return std::nullopt;
            }
            std::optional<Value> value = parse_value(depth);
            if (!value) {
                return std::nullopt;
            }
            add_member(map, std::move(*key), std::move(*value));
            if (accept('}')) {
                if (map.size() > kSearchedMembers) {
                    drop_repeated_keys(map);
                }
                return Value(std::move(map));
            }
            if (!accept(',')) {
                return std::nullopt;
            }
        }
    }

    static void add_member(Map& map, std::string key, Value value) {
        if (map.size() <= kSearchedMembers) {
            const auto same = std::find_if(map.begin(), map.end(),
                                           [&key](const auto& m) { return m.first == key; });
            if (same != map.end()) {
                same->second = std::move(value);
                return;
            }
        }
        map.emplace_back(std::move(key), std::move(value));
    }

    std::optional<std::string> parse_text() {
        if (at_ >= text_.size() || text_[at_] != '"') {
            return std::nullopt;
        }
        ++at_;
        std::string result;
        while (at_ < text_.size()) {
            const std::size_t start = at_;
            while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
                   static_cast<unsigned char>(text_[at_]) >= 0x20) {
                ++at_;
            }
            const std::string_view plain = text_.substr(start, at_ - start);
            if (at_ >= text_.size() || !is_utf8(plain)) {
                return std::nullopt;
            }
            result += plain;
            const char c = text_[at_++];
            if (c == '"') {
                return result;
            }
            if (c != '\\' || !append_escape(result)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    bool append_escape(std::string& out) {
        if (at_ >= text_.size()) {
            return false;
        }
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        const char c = text_[at_++];
        if (c == 'u') {
            return append_code_point(out);
        }
        const std::size_t index = kEscapes.find(c);
        if (index == std::string_view::npos) {
            return false;
        }
        out += kMeanings[index];
        return true;
    }

    std::optional<char32_t> parse_code_unit() {
        const std::optional<char32_t> unit = hexadecimal(text_.substr(at_, 4));
        at_ += unit ? 4U : 0U;
        return unit;
    }

    // Half a surrogate pair is no character: the text is malformed.
    bool append_code_point(std::string& out) {
        std::optional<char32_t> unit = parse_code_unit();
        if (!unit || is_low_surrogate(*unit)) {
            return false;
        }
        if (is_high_surrogate(*unit)) {
            if (text_.substr(at_, 2) != "\\u") {
                return false;
            }
            at_ += 2;
            const std::optional<char32_t> low = parse_code_unit();
            if (!low || !is_low_surrogate(*low)) {
                return false;
            }
            unit = 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00);
        }
        append_utf8(out, *unit);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<Value> parse_json(std::string_view text) {
    return JsonParser(text).parse_document();
}

}  // namespace boom::expr
