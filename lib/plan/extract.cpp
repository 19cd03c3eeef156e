// `extract` of a step: a query, or a map with more about it.

#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 6> kKeys = {"from",  "regex",   "group",
                                                   "match", "default", "required"};

expr::ExtractOptions read_options(const YamlNode& node, Mistakes& mistakes) {
    using Missing = expr::ExtractOptions::Missing;
    expr::ExtractOptions options;
    options.regex = read_text(node.find("regex"), "regex", mistakes).value_or("");
    options.group = read_integer(node.find("group"), "group", mistakes).value_or(1);
    options.match = read_integer(node.find("match"), "match", mistakes);
    if (options.regex.empty() && node.find("group") != nullptr) {
        mistakes.add(node, "'group' needs 'regex'");
    }
    const YamlNode* fallback = node.find("default");
    if (read_flag(node.find("required"), "required", mistakes).value_or(false)) {
        options.missing = Missing::Fail;
        if (fallback != nullptr) {
            mistakes.add(*fallback, "'default' and 'required' exclude each other");
        }
    } else if (fallback != nullptr) {
        options.missing = Missing::Default;
        options.fallback = value_of(*fallback);
    }
    return options;
}

}  // namespace

std::optional<expr::Extract> CaseCompiler::read_one_extract(const YamlNode& node) {
    const YamlNode* from = &node;
    expr::ExtractOptions options;
    if (node.is_map()) {
        static_cast<void>(check_map(node, "the extract", {kKeys, {}}, mistakes_));
        options = read_options(node, mistakes_);
        from = node.find("from");
    }
    YamlNode body;
    body.kind = YamlNode::Kind::Scalar;
    body.text = "body";
    if (from == nullptr && !options.regex.empty()) {
        from = &body;
    }
    if (from == nullptr || !read_text(from, "from", mistakes_)) {
        if (from == nullptr) {
            mistakes_.add(node, "an extract needs 'from' or 'regex'");
        }
        return std::nullopt;
    }
    auto query = expr::Query::compile(from->text, scope_.resolver());
    if (const auto* error = std::get_if<expr::CompileError>(&query)) {
        scope_.explain(*from, *error);
        return std::nullopt;
    }
    auto made = expr::Extract::make(std::move(std::get<expr::Query>(query)), std::move(options));
    if (const auto* error = std::get_if<expr::CompileError>(&made)) {
        mistakes_.add(node, error->what);
        return std::nullopt;
    }
    return std::move(std::get<expr::Extract>(made));
}

void CaseCompiler::read_extract(const YamlNode& node, RequestStep& step) {
    if (!is_map(&node, "extract", mistakes_)) {
        return;
    }
    // All are compiled before any is defined: they do not see each other.
    std::vector<std::pair<std::string, expr::Extract>> extracts;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
        if (auto extract = read_one_extract(node.items[i])) {
            extracts.emplace_back(node.keys[i].text, std::move(*extract));
        }
    }
    static_cast<void>(read_variables(&node, mistakes_));
    for (auto& [name, extract] : extracts) {
        step.needs_body = step.needs_body || extract.subject().looks_at_body();
        step.needs_headers = step.needs_headers || extract.subject().looks_at_headers();
        step.extracts.push_back({scope_.define_extracted(name), std::move(extract)});
    }
}

}  // namespace boom::plan
