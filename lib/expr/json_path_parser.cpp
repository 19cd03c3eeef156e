#include "base/text.hpp"
#include "expr/json_path_parts.hpp"
#include "expr/limits.hpp"
#include "expr/number.hpp"

#include <array>
#include <utility>

namespace boom::expr {
namespace {

using Segments = std::vector<JsonPath::Segment>;
using Selector = JsonPathSelector;
using Filter = JsonPathFilter;
using Operand = JsonPathOperand;

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_part(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

// Recursive descent; after an error the results mean nothing.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Segments parse() {
        expect("$", "a JSONPath begins with '$'");
        Segments segments = read_segments();
        if (!error_ && at_ < text_.size()) {
            fail("something that is no part of a JSONPath");
        }
        return segments;
    }
    [[nodiscard]] const std::optional<CompileError>& error() const { return error_; }

private:
    void fail(std::string what) {
        if (!error_) {
            error_ = CompileError{"syntax: " + std::move(what), at_};
        }
    }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(std::string_view token) {
        if (!text_.substr(std::min(at_, text_.size())).starts_with(token)) {
            return false;
        }
        at_ += token.size();
        return true;
    }
    void expect(std::string_view token, std::string what) {
        if (!error_ && !take(token)) {
            fail(std::move(what));
        }
    }
    void skip_spaces() {
        while (peek() == ' ' || peek() == '\t') {
            ++at_;
        }
    }
    bool enter() {
        if (depth_ == kMaxDepth) {
            fail("nested too deeply");
        }
        ++depth_;
        return !error_;
    }

    Segments read_segments() {
        Segments segments;
        while (!error_) {
            JsonPath::Segment segment;
            if (take("..")) {
                segment.is_recursive = true;
                segment.selectors = peek() == '[' ? read_brackets() : std::vector{read_dotted()};
            } else if (take(".")) {
                segment.selectors.push_back(read_dotted());
            } else if (peek() == '[') {
                segment.selectors = read_brackets();
            } else {
                break;
            }
            segments.push_back(std::move(segment));
        }
        return segments;
    }
    Selector read_dotted() {
        Selector selector;
        if (take("*")) {
            return selector;
        }
        const std::size_t begin = at_;
        while (is_name_part(peek())) {
            ++at_;
        }
        if (at_ == begin) {
            fail("a name or '*' is missing behind '.'");
        }
        selector.kind = Selector::Kind::Name;
        selector.name = text_.substr(begin, at_ - begin);
        return selector;
    }
    std::vector<Selector> read_brackets() {
        std::vector<Selector> selectors;
        expect("[", "'['");
        do {
            skip_spaces();
            selectors.push_back(read_selector());
            skip_spaces();
        } while (!error_ && take(","));
        expect("]", "a ']' is missing");
        return selectors;
    }
    Selector read_selector() {
        Selector selector;
        if (take("*")) {
            return selector;
        }
        if (peek() == '\'' || peek() == '"') {
            selector.kind = Selector::Kind::Name;
            selector.name = read_quoted();
            return selector;
        }
        if (take("?")) {
            selector.kind = Selector::Kind::Filter;
            selector.filter = std::make_shared<const Filter>(read_or());
            return selector;
        }
        selector.begin = read_integer();
        skip_spaces();
        if (peek() != ':') {
            selector.kind = Selector::Kind::Index;
            if (!selector.begin) {
                fail("an index, a name in quotes, '*' or a filter is missing");
            }
            selector.index = selector.begin.value_or(0);
            return selector;
        }
        selector.kind = Selector::Kind::Slice;
        ++at_;
        skip_spaces();
        selector.end = read_integer();
        skip_spaces();
        if (take(":")) {
            skip_spaces();
            selector.step = read_integer().value_or(1);
        }
        if (selector.step == 0) {
            fail("the step of a slice cannot be 0");
        }
        return selector;
    }
    std::optional<std::int64_t> read_integer() {
        const std::size_t begin = at_;
        at_ += peek() == '-' ? 1U : 0U;
        while (peek() >= '0' && peek() <= '9') {
            ++at_;
        }
        if (at_ == begin) {
            return std::nullopt;
        }
        const auto number = base::parse_integer(text_.substr(begin, at_ - begin));
        if (!number) {
            fail("a number is too large");
        }
        return number;
    }
    std::string read_quoted() {
        const char quote = text_[at_++];
        std::string result;
        while (at_ < text_.size() && text_[at_] != quote) {
            at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 1U : 0U;
            result += text_[at_++];
        }
        const std::array<char, 1> end{quote};
        expect(std::string_view(end.data(), 1), "a quote is not closed");
        return result;
    }

    Filter read_or() {
        Filter left = read_and();
        skip_spaces();
        while (!error_ && take("||")) {
            left = join(Filter::Kind::Or, std::move(left), read_and());
            skip_spaces();
        }
        return left;
    }
    Filter read_and() {
        Filter left = read_not();
        skip_spaces();
        while (!error_ && take("&&")) {
            left = join(Filter::Kind::And, std::move(left), read_not());
            skip_spaces();
        }
        return left;
    }
    static Filter join(Filter::Kind kind, Filter left, Filter right) {
        Filter filter;
        filter.kind = kind;
        filter.children.push_back(std::move(left));
        filter.children.push_back(std::move(right));
        return filter;
    }
    Filter read_not() {
        Filter filter;
        if (!enter()) {
            return filter;
        }
        skip_spaces();
        if (peek() == '!' && !text_.substr(at_).starts_with("!=")) {
            ++at_;
            filter.kind = Filter::Kind::Not;
            filter.children.push_back(read_not());
        } else if (take("(")) {
            filter = read_or();
            expect(")", "a ')' is missing");
        } else {
            filter = read_comparison();
        }
        --depth_;
        return filter;
    }
    Filter read_comparison() {
        using Operator = Filter::Operator;
        constexpr std::array kOperators{
            std::pair{std::string_view("=="), Operator::Equal},
            std::pair{std::string_view("!="), Operator::NotEqual},
            std::pair{std::string_view("<="), Operator::LessOrEqual},
            std::pair{std::string_view(">="), Operator::GreaterOrEqual},
            std::pair{std::string_view("<"), Operator::Less},
            std::pair{std::string_view(">"), Operator::Greater},
        };
        Filter filter;
        filter.left = read_operand();
        skip_spaces();
        for (const auto& [token, comparison] : kOperators) {
            if (!error_ && take(token)) {
                skip_spaces();
                filter.kind = Filter::Kind::Compare;
                filter.comparison = comparison;
                filter.right = read_operand();
                return filter;
            }
        }
        if (filter.left.kind == Operand::Kind::Literal) {
            fail("a filter compares, or asks whether a path is there");
        }
        return filter;
    }
    Operand read_operand() {
        Operand operand;
        if (!enter()) {
            return operand;
        }
        if (peek() == '@' || peek() == '$') {
            operand.kind = peek() == '@' ? Operand::Kind::Current : Operand::Kind::Root;
            ++at_;
            operand.path = read_segments();
        } else if (peek() == '\'' || peek() == '"') {
            operand.literal = Value(read_quoted());
        } else {
            read_literal(operand);
        }
        --depth_;
        return operand;
    }
    void read_literal(Operand& operand) {
        const std::size_t begin = at_;
        while (is_name_part(peek()) || peek() == '.' || peek() == '+') {
            ++at_;
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        const auto value = word.empty() ? std::nullopt : parse_json(word);
        if (!value) {
            fail("a value is missing");
            return;
        }
        operand.literal = *value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::optional<CompileError> error_;
};

}  // namespace

std::variant<Segments, CompileError> parse_json_path(std::string_view text) {
    Parser parser(text);
    Segments segments = parser.parse();
    if (parser.error()) {
        return *parser.error();
    }
    return segments;
}

}  // namespace boom::expr
