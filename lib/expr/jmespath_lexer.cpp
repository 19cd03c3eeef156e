#include "expr/jmespath_lexer.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace boom::expr {
namespace {

bool is_identifier_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

struct Symbol {
    std::string_view text;
    TokenKind kind;
};

// Longer ones first.
constexpr std::array kSymbols{
    Symbol{"[?", TokenKind::Filter},      Symbol{"[]", TokenKind::Flatten},
    Symbol{"||", TokenKind::Or},          Symbol{"&&", TokenKind::And},
    Symbol{"==", TokenKind::Equal},       Symbol{"!=", TokenKind::NotEqual},
    Symbol{"<=", TokenKind::LessOrEqual}, Symbol{">=", TokenKind::GreaterOrEqual},
    Symbol{"<", TokenKind::Less},         Symbol{">", TokenKind::Greater},
    Symbol{"[", TokenKind::LeftBracket},  Symbol{"]", TokenKind::RightBracket},
    Symbol{"{", TokenKind::LeftBrace},    Symbol{"}", TokenKind::RightBrace},
    Symbol{"(", TokenKind::LeftParen},    Symbol{")", TokenKind::RightParen},
    Symbol{".", TokenKind::Dot},          Symbol{"*", TokenKind::Star},
    Symbol{",", TokenKind::Comma},        Symbol{":", TokenKind::Colon},
    Symbol{"@", TokenKind::Current},      Symbol{"&", TokenKind::Ampersand},
    Symbol{"|", TokenKind::Pipe},         Symbol{"!", TokenKind::Not},
};

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::variant<std::vector<Token>, CompileError> run() {
        std::vector<Token> tokens;
        while (true) {
            at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
            Token token;
            token.offset = at_;
            if (at_ < text_.size() && !read(token)) {
                return CompileError{error_, token.offset};
            }
            tokens.push_back(std::move(token));
            if (tokens.back().kind == TokenKind::End) {
                return tokens;
            }
        }
    }

private:
    bool fail(std::string what) {
        error_ = "syntax: " + std::move(what);
        return false;
    }

    bool read(Token& token) {
        const char c = text_[at_];
        if (is_identifier_start(c)) {
            std::size_t end = at_ + 1;
            while (end < text_.size() &&
                   (is_identifier_start(text_[end]) || is_digit(text_[end]))) {
                ++end;
            }
            token.kind = TokenKind::Identifier;
            token.value = Value(text_.substr(at_, end - at_));
            at_ = end;
            return true;
        }
        switch (c) {
            case '"':
                return read_quoted_identifier(token);
            case '\'':
                return read_raw_string(token);
            case '`':
                return read_literal(token);
            default:
                break;
        }
        return c == '-' || is_digit(c) ? read_number(token) : read_symbol(token);
    }

    bool read_symbol(Token& token) {
        for (const Symbol& symbol : kSymbols) {
            if (text_.substr(at_).starts_with(symbol.text)) {
                token.kind = symbol.kind;
                at_ += symbol.text.size();
                return true;
            }
        }
        return fail(fmt::format("unexpected character '{}'", text_[at_]));
    }

    bool read_number(Token& token) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && is_digit(text_[end])) {
            ++end;
        }
        const auto number = base::parse_integer(text_.substr(at_, end - at_));
        if (!number) {
            return fail(end == at_ + 1 ? "'-' without a number" : "number out of range");
        }
        token.kind = TokenKind::Number;
        token.value = Value(*number);
        at_ = end;
        return true;
    }

    // The offset of the closing delimiter; npos when there is none. A backslash hides the next.
    [[nodiscard]] std::size_t find_end(char delimiter) const {
        for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
            if (text_[end] == delimiter) {
                return end;
            }
            end += text_[end] == '\\' ? 1U : 0U;
        }
        return std::string_view::npos;
    }

    bool read_quoted_identifier(Token& token) {
        const std::size_t end = find_end('"');
        if (end == std::string_view::npos) {
            return fail("'\"' is never closed");
        }
        std::optional<Value> name = parse_json(text_.substr(at_, end + 1 - at_));
        if (!name) {
            return fail("malformed text in '\"'");
        }
        token.kind = TokenKind::QuotedIdentifier;
        token.value = std::move(*name);
        at_ = end + 1;
        return true;
    }

    // The inside of '…' or `…`, with `\'` or `\`` standing for the delimiter alone.
    std::optional<std::string> read_delimited(char delimiter) {
        const std::size_t end = find_end(delimiter);
        if (end == std::string_view::npos) {
            fail(fmt::format("{} is never closed", delimiter));
            return std::nullopt;
        }
        std::string inside;
        for (std::size_t i = at_ + 1; i < end; ++i) {
            if (text_[i] != '\\' || text_[i + 1] != delimiter) {
                inside += text_[i];
                if (text_[i] == '\\' && i + 1 < end) {
                    inside += text_[++i];
                }
            }
        }
        at_ = end + 1;
        return inside;
    }

    bool read_raw_string(Token& token) {
        std::optional<std::string> inside = read_delimited('\'');
        if (!inside) {
            return false;
        }
        token.kind = TokenKind::Literal;
        token.value = Value(std::move(*inside));
        return true;
    }

    bool read_literal(Token& token) {
        const std::optional<std::string> inside = read_delimited('`');
        if (!inside) {
            return false;
        }
        std::optional<Value> value = parse_json(*inside);
        if (!value) {
            return fail(fmt::format("`{}` is not JSON", base::shorten(*inside, 40)));
        }
        token.kind = TokenKind::Literal;
        token.value = std::move(*value);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string error_;
};

}  // namespace

std::variant<std::vector<Token>, CompileError> tokenize(std::string_view text) {
    return Lexer(text).run();
}

std::string describe(TokenKind kind) {
    const auto* symbol = std::find_if(kSymbols.begin(), kSymbols.end(),
                                      [kind](const Symbol& entry) { return entry.kind == kind; });
    if (symbol != kSymbols.end()) {
        return fmt::format("'{}'", symbol->text);
    }
    if (kind == TokenKind::Literal) {
        return "literal";
    }
    if (kind == TokenKind::Number) {
        return "number";
    }
    return kind == TokenKind::End ? "end of the expression" : "name";
}

}  // namespace boom::expr
