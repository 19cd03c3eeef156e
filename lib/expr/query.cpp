#include "expr/query.hpp"

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "expr/jmespath_function.hpp"
#include "expr/jmespath_node.hpp"
#include "expr/template_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::expr {
namespace {

using Compiled = Query::Compiled;
using Kind = Compiled::Kind;

constexpr std::array<std::string_view, 6> kRoots{"status_code", "headers", "cookies",
                                                 "body",        "proto",   "elapsed"};
constexpr std::string_view kRootHint =
    "a query starts with status_code, headers, cookies, body, proto or elapsed, or is a regular "
    "expression with a group such as 'token=(.*);'";

bool is_root(std::string_view name) {
    return std::find(kRoots.begin(), kRoots.end(), name) != kRoots.end();
}

bool is_one_value(std::string_view root) {
    return root == "status_code" || root == "proto" || root == "elapsed";
}

// Whether the author meant a path: `root…` or `function(…`.
bool looks_like_path(std::string_view text) {
    const std::size_t length = name_length(text);
    const std::string_view name = text.substr(0, length);
    const char next = length < text.size() ? text[length] : '\0';
    return (is_root(name) && (next == '\0' || next == '.' || next == '[')) ||
           (next == '(' && find_path_function(name) != nullptr);
}

// A group such as "(.*)" or "(\d+)", which no path contains.
bool has_unmistakable_group(std::string_view text) {
    constexpr std::array<std::string_view, 4> kStarts{"(.", "(\\", "([^", "(?:"};
    return std::any_of(kStarts.begin(), kStarts.end(), [text](std::string_view start) {
        const std::size_t at = text.find(start);
        return at != std::string_view::npos && text.find(')', at) != std::string_view::npos;
    });
}

bool has_group(std::string_view text) {
    const std::size_t open = text.find('(');
    return open != std::string_view::npos && text.find(')', open) != std::string_view::npos;
}

bool is_class(const CompileError& error, std::string_view error_class) {
    return std::string_view(error.what).starts_with(error_class);
}

void look_at(Compiled& query, std::string_view member) {
    const bool is_everything = member.empty();
    query.looks_at_status |= is_everything || member == "status_code";
    query.looks_at_body |= is_everything || member == "body";
    query.looks_at_headers |= is_everything || member == "headers" || member == "cookies";
}

// The cheap forms of a path: what they need is reached without building a document.
void classify_chain(Compiled& query, const std::vector<JmesPath::Step>& steps) {
    const std::string& root = steps.front().name;
    const bool is_pair = steps.size() == 2 && !steps[1].is_index;
    if (root == "body") {
        query.kind = steps.size() == 1 ? Kind::Body : Kind::BodyChain;
        query.steps.assign(steps.begin() + 1, steps.end());
    } else if (steps.size() == 1 && root == "status_code") {
        query.kind = Kind::Status;
    } else if (steps.size() == 1 && root == "proto") {
        query.kind = Kind::Proto;
    } else if (steps.size() == 1 && root == "elapsed") {
        query.kind = Kind::Elapsed;
    } else if (is_pair && root == "headers") {
        query.kind = Kind::Header;
        query.name = steps[1].name;
    } else if (is_pair && root == "cookies") {
        query.kind = Kind::Cookie;
        query.name = steps[1].name;
    }
}

// A path whose members all exist. Empty: success; else what is wrong with the first.
std::optional<CompileError> compile_path(Compiled& query, const JmesPath& path) {
    const std::vector<std::string_view> members = root_members(path.root());
    for (const std::string_view member : members) {
        if (!member.empty() && !is_root(member)) {
            const std::string hint = base::did_you_mean(member, kRoots);
            return CompileError{fmt::format("'{}' is no part of a response{}{}; {}", member,
                                            hint.empty() ? "" : ", ", hint, kRootHint),
                                0};
        }
    }
    for (const std::string_view member : members) {
        look_at(query, member);
    }
    query.kind = Kind::Path;
    query.path = path;
    if (const auto* steps = path.as_chain(); steps != nullptr && !steps->front().is_index) {
        const std::string& root = steps->front().name;
        if (steps->size() > 1 && is_one_value(root)) {
            // It would be null for ever.
            return CompileError{fmt::format("'{}' is one value, nothing is below it", root), 0};
        }
        classify_chain(query, *steps);
    }
    return std::nullopt;
}

std::optional<CompileError> compile_regex(Compiled& query, std::string_view text) {
    auto pattern = Pattern::compile(text);
    if (auto* error = std::get_if<CompileError>(&pattern)) {
        return std::move(*error);
    }
    query.pattern = std::move(std::get<Pattern>(pattern));
    if (query.pattern->group_count() == 0) {
        return CompileError{"the regular expression has no group to take the value from", 0};
    }
    query.kind = Kind::Regex;
    query.looks_at_body = true;
    return std::nullopt;
}

std::optional<CompileError> compile_path_or_regex(Compiled& query, std::string_view text) {
    auto path = JmesPath::compile(quote_hyphenated_names(text));
    const auto* path_error = std::get_if<CompileError>(&path);
    std::optional<CompileError> error =
        path_error != nullptr ? *path_error : compile_path(query, std::get<JmesPath>(path));
    if (!error) {
        return std::nullopt;
    }
    // An unknown function or a wrong argument is a mistake in a path, not a pattern.
    const bool is_syntax = path_error == nullptr || is_class(*path_error, "syntax");
    const bool is_regex =
        has_unmistakable_group(text) || (is_syntax && has_group(text) && !looks_like_path(text));
    if (is_regex) {
        return compile_regex(query, text);
    }
    if (path_error == nullptr || !is_syntax) {
        return error;
    }
    if (!looks_like_path(text)) {
        return CompileError{fmt::format("{}; {}", error->what, kRootHint), error->offset};
    }
    const bool has_hyphen = text.find('-') != std::string_view::npos;
    return CompileError{
        error->what +
            (has_hyphen ? "; a name with a hyphen needs quotes: body.\"content-id\"" : ""),
        error->offset};
}

}  // namespace

std::variant<Query, CompileError> Query::compile(std::string_view text,
                                                 const SlotResolver& slot_of) {
    auto compiled = std::make_shared<Compiled>();
    compiled->source = text;
    std::optional<CompileError> error;
    if (JsonPath::is_meant(base::trim(text))) {
        auto path = JsonPath::compile(base::trim(text));
        if (auto* path_error = std::get_if<CompileError>(&path)) {
            return std::move(*path_error);
        }
        compiled->json_path = std::move(std::get<JsonPath>(path));
        compiled->kind = Kind::JsonPath;
        compiled->looks_at_body = true;
    } else if (has_reference(text)) {
        auto parsed = expr::Template::compile(text, slot_of);
        if (auto* template_error = std::get_if<CompileError>(&parsed)) {
            return std::move(*template_error);
        }
        compiled->text = std::move(std::get<expr::Template>(parsed));
        compiled->kind = Kind::Text;
    } else {
        error = compile_path_or_regex(*compiled, base::trim(text));
    }
    if (error) {
        return std::move(*error);
    }
    Query query;
    query.compiled_ = std::move(compiled);
    return query;
}

Query::Query() : compiled_(std::make_shared<const Compiled>()) {}
Query::Query(const Query&) = default;
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(const Query&) = default;
Query& Query::operator=(Query&&) noexcept = default;
Query::~Query() = default;

bool Query::looks_at_status() const {
    return compiled_->looks_at_status;
}
bool Query::looks_at_body() const {
    return compiled_->looks_at_body;
}
bool Query::looks_at_headers() const {
    return compiled_->looks_at_headers;
}
bool Query::may_give_several() const {
    return compiled_->kind == Kind::JsonPath && !compiled_->json_path->is_single();
}
const std::string& Query::source() const {
    return compiled_->source;
}

}  // namespace boom::expr
