#include "expr/extract.hpp"

#include "expr/pattern.hpp"

#include <fmt/format.h>

#include <utility>

namespace boom::expr {

std::variant<Extract, CompileError> Extract::make(Query subject, ExtractOptions options) {
    Extract extract;
    if (!options.regex.empty()) {
        auto pattern = Pattern::compile(options.regex);
        if (auto* error = std::get_if<CompileError>(&pattern)) {
            return std::move(*error);
        }
        auto& compiled = std::get<Pattern>(pattern);
        const auto groups = static_cast<std::int64_t>(compiled.group_count());
        if (options.group < 0 || options.group > groups) {
            return CompileError{fmt::format("the regular expression has {} groups, no group {}",
                                            groups, options.group),
                                0};
        }
        extract.pattern_ = std::make_shared<const Pattern>(std::move(compiled));
    }
    if (options.match.value_or(1) < -1) {
        return CompileError{"'match' is 1 or more, 0 for one by chance or -1 for all", 0};
    }
    if (options.match && extract.pattern_ == nullptr && !subject.may_give_several()) {
        return CompileError{"'match' needs 'regex', or a JSONPath that may match several", 0};
    }
    extract.subject_ = std::move(subject);
    extract.options_ = std::move(options);
    return extract;
}

Value Extract::match_in(const std::string& text, CallContext& context) const {
    const std::int64_t match = options_.match.value_or(1);
    return pick(
        pattern_->all_of_group(text, static_cast<std::size_t>(options_.group),
                               match > 0 ? static_cast<std::size_t>(match) : std::string::npos),
        match, context);
}

Value Extract::pick(List found, std::int64_t match, CallContext& context) {
    if (match < 0) {
        return found.empty() ? Value() : Value(std::move(found));
    }
    if (match == 0) {
        return found.empty() ? Value() : found[context.rng.below(found.size())];
    }
    const auto index = static_cast<std::size_t>(match) - 1;
    return index < found.size() ? std::move(found[index]) : Value();
}

std::optional<Value> Extract::find(ResponseReader& response, Slots slots,
                                   CallContext& context) const {
    std::optional<Value> value = response.search(subject_, slots, context);
    if (value && pattern_ != nullptr) {
        value = match_in(value->is_null() ? std::string() : value->text(), context);
    } else if (value && options_.match && !value->is_null()) {
        value = pick(std::move(value->as_list()), *options_.match, context);
    }
    if (!value || !value->is_null()) {
        return value;
    }
    switch (options_.missing) {
        case ExtractOptions::Missing::Null:
            break;
        case ExtractOptions::Missing::Default:
            return options_.fallback;
        case ExtractOptions::Missing::Fail:
            context.error = "nothing was found";
            return std::nullopt;
    }
    return value;
}

}  // namespace boom::expr
