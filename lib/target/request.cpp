#include "target/request.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace boom::target {
namespace {

// Further ones are left out: they are grouped by name in quadratic time.
constexpr std::size_t kMaxParameters = 1000;

}  // namespace

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (base::equals_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

Fields parse_form(std::string_view text) {
    Fields result;
    if (text.empty()) {
        return result;
    }
    for (const std::string_view part : base::split_text(text, '&')) {
        const std::size_t equals = part.find('=');
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
        if (result.size() == kMaxParameters) {
            break;
        }
        if (!part.empty()) {
            result.emplace_back(base::percent_decode(part.substr(0, equals), base::PlusSign::Space),
                                base::percent_decode(value, base::PlusSign::Space));
        }
    }
    return result;
}

Fields Request::parameters() const {
    return parse_form(query);
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    if (query.empty()) {
        return std::nullopt;
    }
    for (auto& [key, value] : parameters()) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> Request::number(std::string_view name, std::int64_t fallback) const {
    const auto text = parameter(name);
    if (!text) {
        return fallback;
    }
    const auto value = base::parse_integer(*text);
    return value && *value >= 0 ? value : std::nullopt;
}

}  // namespace boom::target
