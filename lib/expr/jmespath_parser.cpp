#include "expr/jmespath_parser.hpp"

#include "expr/jmespath_function.hpp"
#include "expr/jmespath_grammar.hpp"
#include "expr/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace boom::expr {
namespace {

using Node = JmesPath::Node;

// Tokens that bind less than this end a projection.
constexpr int kProjectionStop = 10;

bool is_name(TokenKind kind) {
    return kind == TokenKind::Identifier || kind == TokenKind::QuotedIdentifier;
}

// A top-down operator precedence parser. After an error (`error_`) every step returns at once and
// its result means nothing.
class Parser {
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    std::variant<Node, CompileError> run() {
        Node root = expression(0);
        if (!error_ && peek() != TokenKind::End) {
            fail_unexpected();
        }
        if (error_) {
            return std::move(*error_);
        }
        return root;
    }

private:
    [[nodiscard]] TokenKind peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)].kind;
    }
    const Token& advance() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }
    bool accept(TokenKind kind) {
        const bool is_next = !error_ && peek() == kind;
        at_ += is_next ? 1 : 0;
        return is_next;
    }
    bool expect(TokenKind kind) {
        if (!error_ && !accept(kind)) {
            fail(fmt::format("syntax: expected {}, found {}", describe(kind), describe(peek())));
        }
        return !error_;
    }
    Node fail(std::string what) {
        if (!error_) {
            error_ =
                CompileError{std::move(what), tokens_[std::min(at_, tokens_.size() - 1)].offset};
        }
        return {};
    }
    Node fail_unexpected() { return fail(fmt::format("syntax: unexpected {}", describe(peek()))); }

    // The tree's depth is limited too: "a.b.c…" is deep without nesting any parser call.
    Node make(NodeKind kind, std::vector<Node> children = {}) {
        Node node;
        node.kind = kind;
        for (const Node& child : children) {
            node.depth = std::max(node.depth, child.depth + 1);
        }
        if (node.depth > kMaxDepth) {
            return fail("syntax: nested too deeply");
        }
        node.children = std::move(children);
        return node;
    }
    Node make(NodeKind kind, Node first) {
        std::vector<Node> children;
        children.push_back(std::move(first));
        return make(kind, std::move(children));
    }
    Node make(NodeKind kind, Node first, Node second) {
        std::vector<Node> children;
        children.push_back(std::move(first));
        children.push_back(std::move(second));
        return make(kind, std::move(children));
    }

    Node expression(int power) {
        if (depth_ == kMaxDepth) {
            return fail("syntax: nested too deeply");
        }
        ++depth_;
        Node left = prefix();
        while (!error_ && power < binding_power(peek())) {
            left = infix(std::move(left));
        }
        --depth_;
        return left;
    }

    Node prefix() {
        if (peek() == TokenKind::Identifier && peek(1) == TokenKind::LeftParen) {
            return call();
        }
        if (is_name(peek())) {
            return field();
        }
        if (peek() == TokenKind::Literal) {
            Node node = make(NodeKind::Literal);
            node.value = advance().value;
            return node;
        }
        return symbol_prefix();
    }

    Node symbol_prefix() {
        if (accept(TokenKind::Current)) {
            return make(NodeKind::Current);
        }
        if (accept(TokenKind::Star)) {
            return value_projection(make(NodeKind::Current), TokenKind::Star);
        }
        if (accept(TokenKind::Filter)) {
            return filter(make(NodeKind::Current));
        }
        if (accept(TokenKind::Flatten)) {
            return flatten(make(NodeKind::Current));
        }
        if (accept(TokenKind::LeftBrace)) {
            return multi_select_map();
        }
        if (accept(TokenKind::LeftBracket)) {
            return bracket_prefix();
        }
        if (accept(TokenKind::Not)) {
            return make(NodeKind::Not, expression(binding_power(TokenKind::Not)));
        }
        if (accept(TokenKind::LeftParen)) {
            Node inner = expression(0);
            expect(TokenKind::RightParen);
            return inner;
        }
        return fail_unexpected();
    }

    Node field() {
        Node node = make(NodeKind::Field);
        node.name = advance().value.as_text();
        return node;
    }

    Node infix(Node left) {
        const TokenKind kind = peek();
        if (const auto comparison = comparison_of(kind)) {
            ++at_;
            Node node =
                make(NodeKind::Comparison, std::move(left), expression(binding_power(kind)));
            node.comparison = *comparison;
            return node;
        }
        if (kind == TokenKind::Pipe) {
            return binary(NodeKind::Pipe, std::move(left));
        }
        if (kind == TokenKind::Or) {
            return binary(NodeKind::Or, std::move(left));
        }
        if (kind == TokenKind::And) {
            return binary(NodeKind::And, std::move(left));
        }
        if (accept(TokenKind::Dot)) {
            return after_dot(std::move(left));
        }
        if (accept(TokenKind::Filter)) {
            return filter(std::move(left));
        }
        if (accept(TokenKind::Flatten)) {
            return flatten(std::move(left));
        }
        return accept(TokenKind::LeftBracket) ? bracket_infix(std::move(left)) : fail_unexpected();
    }

    Node binary(NodeKind kind, Node left) {
        const int power = binding_power(advance().kind);
        return make(kind, std::move(left), expression(power));
    }

    Node after_dot(Node left) {
        if (accept(TokenKind::Star)) {
            return value_projection(std::move(left), TokenKind::Dot);
        }
        return make(NodeKind::Subexpression, std::move(left),
                    dot_operand(binding_power(TokenKind::Dot)));
    }

    Node dot_operand(int power) {
        if (is_name(peek()) || peek() == TokenKind::Star) {
            return expression(power);
        }
        if (accept(TokenKind::LeftBracket)) {
            return multi_select_list();
        }
        return accept(TokenKind::LeftBrace) ? multi_select_map() : fail_unexpected();
    }

    // What a projection applies to each of its items.
    Node projected(TokenKind after) {
        const int power = binding_power(after);
        if (binding_power(peek()) < kProjectionStop) {
            return make(NodeKind::Current);
        }
        if (peek() == TokenKind::LeftBracket || peek() == TokenKind::Filter) {
            return expression(power);
        }
        if (accept(TokenKind::Dot)) {
            return dot_operand(power);
        }
        return fail_unexpected();
    }

    Node value_projection(Node left, TokenKind after) {
        return make(NodeKind::ValueProjection, std::move(left), projected(after));
    }
    Node flatten(Node left) {
        return make(NodeKind::Projection, make(NodeKind::Flatten, std::move(left)),
                    projected(TokenKind::Flatten));
    }
    Node filter(Node left) {
        std::vector<Node> children;
        children.push_back(std::move(left));
        children.push_back(expression(0));
        expect(TokenKind::RightBracket);
        children.push_back(peek() == TokenKind::Flatten ? make(NodeKind::Current)
                                                        : projected(TokenKind::Filter));
        return make(NodeKind::Filter, std::move(children));
    }

    Node bracket_prefix() {
        if (peek() == TokenKind::Number || peek() == TokenKind::Colon) {
            return index_or_slice(make(NodeKind::Current));
        }
        if (peek() == TokenKind::Star && peek(1) == TokenKind::RightBracket) {
            return bracket_infix(make(NodeKind::Current));
        }
        return multi_select_list();
    }

    Node bracket_infix(Node left) {
        if (peek() == TokenKind::Number || peek() == TokenKind::Colon) {
            return index_or_slice(std::move(left));
        }
        if (!accept(TokenKind::Star)) {
            return fail(fmt::format("syntax: expected an index, a slice or '*', found {}",
                                    describe(peek())));
        }
        expect(TokenKind::RightBracket);
        return make(NodeKind::Projection, std::move(left), projected(TokenKind::Star));
    }

    Node index_or_slice(Node left) {
        if (peek() == TokenKind::Number && peek(1) != TokenKind::Colon) {
            Node node = make(NodeKind::Index, std::move(left));
            node.index = advance().value.as_integer();
            expect(TokenKind::RightBracket);
            return node;
        }
        Node node = make(NodeKind::Slice, std::move(left));
        for (std::size_t part = 0; !error_ && peek() != TokenKind::RightBracket;) {
            if (peek() == TokenKind::Number && !node.slice[part]) {
                node.slice[part] = advance().value.as_integer();
            } else if (peek() == TokenKind::Colon && part < 2) {
                ++at_;
                ++part;
            } else {
                fail_unexpected();
            }
        }
        if (node.slice[2] == 0) {
            return fail("invalid-value: the step of a slice cannot be 0");
        }
        expect(TokenKind::RightBracket);
        return make(NodeKind::Projection, std::move(node), projected(TokenKind::Star));
    }

    Node multi_select_list() {
        std::vector<Node> items;
        do {
            items.push_back(expression(0));
        } while (accept(TokenKind::Comma));
        expect(TokenKind::RightBracket);
        return make(NodeKind::MultiSelectList, std::move(items));
    }

    Node multi_select_map() {
        std::vector<std::string> keys;
        std::vector<Node> items;
        do {
            if (!is_name(peek())) {
                return fail_unexpected();
            }
            keys.push_back(advance().value.as_text());
            expect(TokenKind::Colon);
            items.push_back(error_ ? Node{} : expression(0));
        } while (accept(TokenKind::Comma));
        expect(TokenKind::RightBrace);
        Node node = make(NodeKind::MultiSelectMap, std::move(items));
        node.keys = std::move(keys);
        return node;
    }

    Node call() {
        const std::string name = advance().value.as_text();
        const std::size_t name_at = at_ - 1;
        ++at_;
        std::vector<Node> arguments;
        if (peek() != TokenKind::RightParen) {
            do {
                arguments.push_back(argument());
            } while (accept(TokenKind::Comma));
        }
        expect(TokenKind::RightParen);
        if (error_) {
            return {};
        }
        const PathFunction* function = find_path_function(name);
        std::string problem = call_problem(function, name, arguments);
        if (!problem.empty()) {
            at_ = name_at;
            return fail(std::move(problem));
        }
        Node node = make(NodeKind::Call, std::move(arguments));
        node.function = function;
        return node;
    }

    Node argument() {
        if (accept(TokenKind::Ampersand)) {
            return make(NodeKind::ExpressionReference, expression(0));
        }
        return expression(0);
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::optional<CompileError> error_;
};

}  // namespace

std::variant<Node, CompileError> parse_path(std::vector<Token> tokens) {
    return Parser(std::move(tokens)).run();
}

}  // namespace boom::expr
