// What decides whether and how often a step runs: `if`, `skip`, `enabled`, `loops`, `rendezvous`.

#include "base/text.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 5> kRendezvousKeys = {"name", "number", "percent", "timeout",
                                                             "scope"};
constexpr std::int64_t kMaxLoops = 1'000'000'000;

struct Operator {
    std::string_view text;
    expr::Comparator comparator;
};
// Longer ones first: `<=` is no `<`.
constexpr std::array kOperators{
    Operator{" == ", expr::Comparator::Equal},
    Operator{" != ", expr::Comparator::NotEqual},
    Operator{" <= ", expr::Comparator::LessOrEqual},
    Operator{" >= ", expr::Comparator::GreaterOrEqual},
    Operator{" < ", expr::Comparator::LessThan},
    Operator{" > ", expr::Comparator::GreaterThan},
    Operator{" contains ", expr::Comparator::Contains},
    Operator{" contained_by ", expr::Comparator::ContainedBy},
    Operator{" matches ", expr::Comparator::RegexMatch},
};

// The first place outside of quotes and braces that `is_meant` says yes to, else npos.
template <typename IsMeant>
std::size_t find_outside(std::string_view text, IsMeant is_meant) {
    char quote = '\0';
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '{' || c == '(' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ')' || c == ']') {
            --depth;
        } else if (depth == 0 && is_meant(text.substr(i))) {
            return i;
        }
    }
    return std::string_view::npos;
}

std::size_t find_operator(std::string_view text, const Operator*& found) {
    return find_outside(text, [&](std::string_view rest) {
        for (const Operator& one : kOperators) {
            if (rest.starts_with(one.text)) {
                found = &one;
                return true;
            }
        }
        return false;
    });
}

// What looks like an operator where none is known: `a==b`, `$a = 3`, `!$a`, `$a and $b`. Taken for
// a text it would always hold.
bool has_stray_operator(std::string_view text) {
    return find_outside(text, [](std::string_view rest) {
               const char c = rest.front();
               return c == '=' || c == '<' || c == '>' || c == '!' || rest.starts_with(" and ") ||
                      rest.starts_with(" or ") || rest.starts_with("&&") || rest.starts_with("||");
           }) != std::string_view::npos;
}

bool takes_any_text(expr::Comparator comparator) {
    return comparator == expr::Comparator::Contains ||
           comparator == expr::Comparator::ContainedBy ||
           comparator == expr::Comparator::RegexMatch;
}

// One side of a comparison: quoted it is a text, else a number, a flag or a template.
YamlNode side(const YamlNode& whole, std::string_view text) {
    YamlNode node = whole;
    text = base::trim(text);
    node.is_plain = true;
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
        text.back() == text.front()) {
        text = text.substr(1, text.size() - 2);
        node.is_plain = false;
    }
    node.text = std::string(text);
    return node;
}

}  // namespace

std::optional<Condition> CaseCompiler::read_condition(const YamlNode& node) {
    if (!node.is_scalar()) {
        mistakes_.add(node, fmt::format("a condition must be a text, not {}", kind_name(node)),
                      "such as \"$count > 3\"");
        return std::nullopt;
    }
    Condition condition;
    const Operator* found = nullptr;
    const std::size_t at = find_operator(node.text, found);
    const std::size_t before = mistakes_.count();
    const std::string_view left = std::string_view(node.text).substr(0, at);
    const std::string_view right =
        found == nullptr ? "" : std::string_view(node.text).substr(at + found->text.size());
    const bool is_right_free = found != nullptr && takes_any_text(found->comparator);
    if (has_stray_operator(left) || (!is_right_free && has_stray_operator(right))) {
        mistakes_.add(node, fmt::format("'{}' is neither one value nor one comparison", node.text),
                      "such as \"$count > 3\", with spaces; put texts in quotes");
        return std::nullopt;
    }
    if (found == nullptr) {
        condition.left = scope_.structure(node);
    } else {
        condition.comparator = found->comparator;
        condition.left = scope_.structure(side(node, left));
        condition.right = scope_.structure(side(node, right));
    }
    return mistakes_.count() == before ? std::optional(std::move(condition)) : std::nullopt;
}

void CaseCompiler::emit_conditions(const YamlNode& node, std::vector<std::size_t>& branches) {
    const std::array<std::pair<std::string_view, Branch::JumpsWhen>, 3> kinds{{
        {"enabled", Branch::JumpsWhen::False},
        {"skip", Branch::JumpsWhen::True},
        {"if", Branch::JumpsWhen::False},
    }};
    for (const auto& [key, jumps_when] : kinds) {
        const YamlNode* text = node.find(key);
        if (text == nullptr) {
            continue;
        }
        if (auto condition = read_condition(*text)) {
            branches.push_back(ops_->size());
            emit(OpKind::Branch, case_.branches.size());
            case_.branches.push_back({std::move(*condition), jumps_when, -1});
        }
    }
}

std::optional<std::size_t> CaseCompiler::emit_loop(const YamlNode& node) {
    const YamlNode* loops = node.find("loops");
    if (loops == nullptr) {
        return std::nullopt;
    }
    const std::size_t before = mistakes_.count();
    Loop loop;
    loop.count = scope_.structure(*loops);
    if (mistakes_.count() != before) {
        return std::nullopt;
    }
    if (const expr::Value* count = loop.count.constant_value()) {
        const expr::Value number =
            count->kind() == expr::Value::Kind::Text ? scalar_value(count->as_text()) : *count;
        const bool is_whole = number.kind() == expr::Value::Kind::Integer;
        if (!is_whole || number.as_integer() < 0 || number.as_integer() > kMaxLoops) {
            mistakes_.add(*loops,
                          fmt::format("'loops' must be a whole number, not {}", count->json()));
            return std::nullopt;
        }
    }
    loop.left = scope_.define_hidden();
    const std::size_t start = ops_->size();
    emit(OpKind::LoopStart, case_.loops.size());
    case_.loops.push_back(std::move(loop));
    return start;
}

void CaseCompiler::close_flow(const std::vector<std::size_t>& branches,
                              std::optional<std::size_t> loop, std::int32_t row) {
    if (loop) {
        const std::int32_t index = (*ops_)[*loop].index;
        emit(OpKind::LoopEnd, static_cast<std::size_t>(index)).target =
            static_cast<std::int32_t>(*loop) + 1;
        (*ops_)[*loop].target = position();
        case_.loops[static_cast<std::size_t>(index)].step = row;
    }
    for (const std::size_t branch : branches) {
        (*ops_)[branch].target = position();
        case_.branches[static_cast<std::size_t>((*ops_)[branch].index)].step = row;
    }
}

void CaseCompiler::read_rendezvous(const YamlNode& node) {
    if (!check_map(node, "rendezvous", {kRendezvousKeys, {}}, mistakes_)) {
        return;
    }
    Rendezvous point;
    point.name = read_text(node.find("name"), "name", mistakes_).value_or("");
    const YamlNode* number = node.find("number");
    const YamlNode* percent = node.find("percent");
    const YamlNode* timeout = node.find("timeout");
    point.number = read_integer(number, "number", mistakes_).value_or(0);
    point.percent = read_number(percent, "percent", mistakes_).value_or(0);
    const bool is_number_wrong = point.number < 0 || (point.number > 0 && percent != nullptr);
    const bool is_percent_wrong = percent != nullptr && (point.percent <= 0 || point.percent > 1);
    if (is_number_wrong || is_percent_wrong) {
        warn(
            fmt::format("rendezvous '{}' waits for all users: it needs a 'number' from 1 or a "
                        "'percent' above 0 up to 1, not both",
                        point.name));
    }
    if (is_number_wrong || is_percent_wrong || (point.number == 0 && percent == nullptr)) {
        point.number = 0;
        point.percent = 1;
    }
    // As the reference: a bare number is in milliseconds, and what makes no sense is the default.
    if (timeout != nullptr) {
        const expr::Value value = value_of(*timeout);
        if (value.is_number() && value.number() > 0) {
            point.timeout = base::from_seconds(value.number() / 1000);
        } else if (!value.is_number()) {
            point.timeout = read_duration(timeout, "timeout", mistakes_).value_or(point.timeout);
        }
    }
    const std::string scope = read_text(node.find("scope"), "scope", mistakes_).value_or("worker");
    if (scope == "global") {
        point.scope = Rendezvous::Scope::Fleet;
    } else if (scope != "worker") {
        mistakes_.add(*node.find("scope"), "'scope' must be worker or global");
    }
    if (!case_.rendezvous.empty() && case_.rendezvous.front().scope != point.scope) {
        mistakes_.add(node, "all rendezvous of a case must have the same 'scope'");
    }
    emit(OpKind::Rendezvous, case_.rendezvous.size());
    case_.rendezvous.push_back(std::move(point));
}

std::int64_t size_of(const Rendezvous& point, std::int64_t users) {
    users = std::max<std::int64_t>(users, 1);
    if (point.number > 0) {
        return std::min(point.number, users);
    }
    const double share = std::floor(point.percent * static_cast<double>(users));
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(share), 1, users);
}

}  // namespace boom::plan
