#pragma once
// The words of a JMESPath expression. Private to this module.

#include "expr/jmespath.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace boom::expr {

enum class TokenKind {
    End,
    Identifier,
    QuotedIdentifier,
    Literal,
    Number,
    Dot,
    Star,
    Comma,
    Colon,
    Current,
    Ampersand,
    Not,
    Flatten,
    Filter,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Pipe,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
};

struct Token {
    TokenKind kind = TokenKind::End;
    Value value;  // text of an identifier, value of a literal or number
    std::size_t offset = 0;
};

// The last token is always End.
[[nodiscard]] std::variant<std::vector<Token>, CompileError> tokenize(std::string_view text);
// As it stands in an error message: "']'", "end of the expression".
[[nodiscard]] std::string describe(TokenKind kind);

}  // namespace boom::expr
