#include "expr/jmespath_grammar.hpp"

#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {

int binding_power(TokenKind kind) {
    switch (kind) {
        case TokenKind::Pipe:
            return 1;
        case TokenKind::Or:
            return 2;
        case TokenKind::And:
            return 3;
        case TokenKind::Equal:
        case TokenKind::NotEqual:
        case TokenKind::Less:
        case TokenKind::LessOrEqual:
        case TokenKind::Greater:
        case TokenKind::GreaterOrEqual:
            return 5;
        case TokenKind::Flatten:
            return 9;
        case TokenKind::Star:
            return 20;
        case TokenKind::Filter:
            return 21;
        case TokenKind::Dot:
            return 40;
        case TokenKind::Not:
            return 45;
        case TokenKind::LeftBrace:
            return 50;
        case TokenKind::LeftBracket:
            return 55;
        case TokenKind::LeftParen:
            return 60;
        case TokenKind::End:
        case TokenKind::Identifier:
        case TokenKind::QuotedIdentifier:
        case TokenKind::Literal:
        case TokenKind::Number:
        case TokenKind::Comma:
        case TokenKind::Colon:
        case TokenKind::Current:
        case TokenKind::Ampersand:
        case TokenKind::RightBracket:
        case TokenKind::RightBrace:
        case TokenKind::RightParen:
            return 0;
    }
    return 0;
}

std::optional<PathComparison> comparison_of(TokenKind kind) {
    constexpr std::array kComparisons{
        std::pair{TokenKind::Equal, PathComparison::Equal},
        std::pair{TokenKind::NotEqual, PathComparison::NotEqual},
        std::pair{TokenKind::Less, PathComparison::Less},
        std::pair{TokenKind::LessOrEqual, PathComparison::LessOrEqual},
        std::pair{TokenKind::Greater, PathComparison::Greater},
        std::pair{TokenKind::GreaterOrEqual, PathComparison::GreaterOrEqual},
    };
    const auto* found = std::find_if(kComparisons.begin(), kComparisons.end(),
                                     [kind](const auto& pair) { return pair.first == kind; });
    return found == kComparisons.end() ? std::nullopt : std::optional(found->second);
}

std::string call_problem(const PathFunction* function, std::string_view name,
                         const std::vector<JmesPath::Node>& arguments) {
    if (function == nullptr) {
        std::vector<std::string_view> known;
        for (const PathFunction& candidate : path_functions()) {
            known.push_back(candidate.name);
        }
        const std::string hint = base::did_you_mean(name, known);
        return fmt::format("unknown-function: {}(){}{}", name, hint.empty() ? "" : ", ", hint);
    }
    const std::size_t wanted = function->argument_count;
    if (function->is_variadic ? arguments.size() < wanted : arguments.size() != wanted) {
        return fmt::format("invalid-arity: {}() takes {}{} argument{}, not {}", name,
                           function->is_variadic ? "at least " : "", wanted, wanted == 1 ? "" : "s",
                           arguments.size());
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const PathTypes types = allowed_types(*function, i);
        const bool is_reference = arguments[i].kind == NodeKind::ExpressionReference;
        if (is_reference != ((types & kPathExpression) != 0)) {
            return fmt::format("invalid-type: argument {} of {}() must be {}", i + 1, name,
                               type_names(types));
        }
    }
    return {};
}

}  // namespace boom::expr
