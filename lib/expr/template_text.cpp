#include "expr/template_text.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace boom::expr {
namespace {

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_character(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char closing(char open) {
    switch (open) {
        case '(':
            return ')';
        case '[':
            return ']';
        case '{':
            return '}';
        default:
            return '\0';
    }
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

// The offset of the quote that ends the one at `at`; npos: none.
std::size_t find_quote_end(std::string_view text, std::size_t at) {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == text[at]) {
            return i;
        }
    }
    return std::string_view::npos;
}

// Walks over the text of arguments and keeps track of brackets and quotes. A quote counts only
// where an argument or element starts, so that "it's" needs no escape; a closing bracket that
// nothing opened is a plain character.
class ArgumentScanner {
public:
    explicit ArgumentScanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] bool is_outside() const { return open_.empty(); }
    [[nodiscard]] char current() const { return text_[at_]; }

    // Steps over one character or one quoted text.
    void step() {
        const char c = text_[at_];
        if (is_element_start_ && (c == '"' || c == '\'')) {
            const std::size_t end = find_quote_end(text_, at_);
            if (end != std::string_view::npos) {
                at_ = end + 1;
                is_element_start_ = false;
                return;
            }
        }
        if (closing(c) != '\0') {
            open_ += c;
        } else if (!open_.empty() && c == closing(open_.back())) {
            open_.pop_back();
        }
        is_element_start_ =
            closing(c) != '\0' || c == ',' || c == ':' || (is_element_start_ && is_space(c));
        ++at_;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::string open_;
    bool is_element_start_ = true;
};

// The offset of the ")" that ends the arguments; npos: none.
std::size_t find_arguments_end(std::string_view text) {
    ArgumentScanner scanner(text);
    while (!scanner.is_at_end()) {
        if (scanner.is_outside() && scanner.current() == ')') {
            return scanner.at();
        }
        scanner.step();
    }
    return std::string_view::npos;
}

// `name` or `name(arguments)`, with `size` set to what was read.
std::optional<Reference> read_name_or_call(Excerpt text) {
    const std::size_t length = name_length(text.text);
    if (length == 0) {
        return std::nullopt;
    }
    Reference result{.kind = Reference::Kind::Variable,
                     .name = text.text.substr(0, length),
                     .arguments = {},
                     .size = length};
    if (length == text.text.size() || text.text[length] != '(') {
        return result;
    }
    const Excerpt inside = text.sub(length + 1);
    const std::size_t end = find_arguments_end(inside.text);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    result.kind = Reference::Kind::Call;
    result.arguments = inside.sub(0, end);
    result.size = length + 1 + end + 1;
    return result;
}

}  // namespace

Excerpt Excerpt::trimmed() const {
    const std::size_t start = skip_space(text, 0);
    return sub(start, base::trim(text.substr(start)).size());
}

std::size_t name_length(std::string_view text) {
    if (text.empty() || !is_name_start(text.front())) {
        return 0;
    }
    const auto end = std::find_if_not(text.begin(), text.end(), is_name_character);
    return static_cast<std::size_t>(end - text.begin());
}

std::optional<Reference> read_reference(Excerpt text) {
    if (text.text.starts_with("$$")) {
        return Reference{.kind = Reference::Kind::Dollar, .name = {}, .arguments = {}, .size = 2};
    }
    if (!text.text.starts_with("${")) {
        const std::size_t length = name_length(text.text.substr(1));
        if (length == 0) {
            return std::nullopt;
        }
        return Reference{.kind = Reference::Kind::Variable,
                         .name = text.text.substr(1, length),
                         .arguments = {},
                         .size = length + 1};
    }
    const std::size_t start = skip_space(text.text, 2);
    std::optional<Reference> inside = read_name_or_call(text.sub(start));
    if (!inside) {
        return std::nullopt;
    }
    const std::size_t end = skip_space(text.text, start + inside->size);
    if (end >= text.text.size() || text.text[end] != '}') {
        return std::nullopt;
    }
    inside->size = end + 1;
    return inside;
}

std::optional<Reference> read_bare_call(Excerpt text) {
    std::optional<Reference> result = read_name_or_call(text);
    const bool is_whole =
        result && result->kind == Reference::Kind::Call && result->size == text.text.size();
    return is_whole ? result : std::nullopt;
}

bool has_reference(std::string_view text) {
    std::size_t at = text.find('$');
    while (at != std::string_view::npos) {
        const std::optional<Reference> reference = read_reference({text.substr(at), at});
        if (reference && reference->kind != Reference::Kind::Dollar) {
            return true;
        }
        at = text.find('$', at + (reference ? reference->size : 1));
    }
    return false;
}

std::vector<Excerpt> split_arguments(Excerpt text, char separator) {
    std::vector<Excerpt> parts;
    ArgumentScanner scanner(text.text);
    std::size_t start = 0;
    while (!scanner.is_at_end()) {
        if (scanner.is_outside() && scanner.current() == separator) {
            parts.push_back(text.sub(start, scanner.at() - start));
            start = scanner.at() + 1;
        }
        scanner.step();
    }
    parts.push_back(text.sub(start));
    return parts;
}

std::optional<std::string> unquote(std::string_view text) {
    if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') ||
        find_quote_end(text, 0) != text.size() - 1) {
        return std::nullopt;
    }
    constexpr std::string_view kEscapes = "\\\"'ntr";
    constexpr std::string_view kMeanings = "\\\"'\n\t\r";
    std::string result;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        const std::size_t escape =
            text[i] == '\\' ? kEscapes.find(text[i + 1]) : std::string_view::npos;
        if (escape == std::string_view::npos) {
            result += text[i];
        } else {
            result += kMeanings[escape];
            ++i;
        }
    }
    return result;
}

}  // namespace boom::expr
