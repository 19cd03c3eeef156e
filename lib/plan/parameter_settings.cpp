// `parameters_setting` of a case: in which order rows are picked, and what happens at the end.

#include "base/suggest.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 7> kSettingKeys = {
    "pick_order", "strategies", "limit", "at_end", "on_eof", "split", "share"};
constexpr std::array<std::string_view, 6> kStrategyKeys = {"name",   "pick_order", "limit",
                                                           "at_end", "on_eof",     "split"};
// Of older files of HttpRunner: read by none of its versions.
constexpr std::array<std::string_view, 4> kLegacyKeys = {"strategy", "parameterIterator",
                                                         "iterators", "randomOrder"};

constexpr std::array kOrders{
    std::pair{std::string_view("sequential"), PickOrder::Sequential},
    std::pair{std::string_view("random"), PickOrder::Random},
    std::pair{std::string_view("unique"), PickOrder::Unique},
};
constexpr std::array kEnds{
    std::pair{std::string_view("recycle"), AtEnd::Recycle},
    std::pair{std::string_view("stop"), AtEnd::Stop},
    std::pair{std::string_view("stop-user"), AtEnd::Stop},
    std::pair{std::string_view("error"), AtEnd::Error},
};

using RowShare = Parameters::RowShare;
constexpr std::array kShares{
    std::pair{std::string_view("case"), RowShare::Case},
    std::pair{std::string_view("user"), RowShare::User},
    std::pair{std::string_view("all"), RowShare::All},
};

template <typename Choice, std::size_t kSize>
std::optional<Choice> read_choice(const YamlNode* node, std::string_view name,
                                  const std::array<std::pair<std::string_view, Choice>, kSize>& all,
                                  Mistakes& mistakes) {
    const std::optional<std::string> text = read_text(node, name, mistakes);
    if (!text) {
        return std::nullopt;
    }
    std::vector<std::string_view> known;
    for (const auto& [word, choice] : all) {
        if (word == *text) {
            return choice;
        }
        known.push_back(word);
    }
    std::string words;
    for (const std::string_view word : known) {
        words += (words.empty() ? "" : ", ") + std::string(word);
    }
    mistakes.add(*node, fmt::format("'{}' must be one of {}, not '{}'", name, words, *text),
                 base::did_you_mean(*text, known));
    return std::nullopt;
}

std::optional<AtEnd> read_end(const YamlNode& node, Mistakes& mistakes) {
    const YamlNode* at_end = node.find("at_end");
    const YamlNode* on_eof = node.find("on_eof");
    if (at_end != nullptr && on_eof != nullptr) {
        mistakes.add(*on_eof, "'at_end' and 'on_eof' are the same");
    }
    return read_choice(at_end != nullptr ? at_end : on_eof, "at_end", kEnds, mistakes);
}

std::optional<std::int64_t> read_limit(const YamlNode& node, Mistakes& mistakes) {
    const YamlNode* limit = node.find("limit");
    const std::optional<std::int64_t> number = read_integer(limit, "limit", mistakes);
    if (number && *number < 0) {
        mistakes.add(*limit, "'limit' must be 0 or more");
    }
    return number && *number > 0 ? number : std::nullopt;  // as the reference: 0 is none
}

void set_order(ParameterSource& source, std::optional<PickOrder> order) {
    if (order) {
        source.order = *order;
        if (*order == PickOrder::Unique) {
            source.split = ParameterSource::Split::ByWorker;
            source.at_end = AtEnd::Stop;
        }
    }
}

void set_split(ParameterSource& source, const YamlNode& node, Mistakes& mistakes) {
    if (const auto split = read_flag(node.find("split"), "split", mistakes)) {
        if (!*split && source.order == PickOrder::Unique) {
            mistakes.add(*node.find("split"), "unique rows are always split");
        }
        source.split = *split ? ParameterSource::Split::ByWorker : ParameterSource::Split::Whole;
    }
}

}  // namespace

void CaseCompiler::read_parameter_settings(const YamlNode& node) {
    YamlNode known = node;
    for (std::size_t i = known.keys.size(); i-- > 0;) {
        if (std::find(kLegacyKeys.begin(), kLegacyKeys.end(), known.keys[i].text) !=
            kLegacyKeys.end()) {
            warn(fmt::format("'parameters_setting.{}' has no effect", known.keys[i].text));
            known.keys.erase(known.keys.begin() + static_cast<std::ptrdiff_t>(i));
            known.items.erase(known.items.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
    if (!check_map(known, "parameters_setting", {kSettingKeys, {}}, mistakes_)) {
        return;
    }
    const auto order = read_choice(node.find("pick_order"), "pick_order", kOrders, mistakes_);
    const std::optional<AtEnd> at_end = read_end(node, mistakes_);
    case_.parameters.limit = read_limit(node, mistakes_);
    case_.parameters.at_end = at_end.value_or(AtEnd::Recycle);
    for (ParameterSource& source : case_.parameters.sources) {
        set_order(source, order);
        source.at_end = at_end.value_or(source.at_end);
        set_split(source, known, mistakes_);
    }
    const YamlNode* strategies = node.find("strategies");
    if (is_map(strategies, "strategies", mistakes_)) {
        for (std::size_t i = 0; i < strategies->keys.size(); ++i) {
            read_parameter_strategy(strategies->keys[i], strategies->items[i]);
        }
    }
    read_row_share(known);
}

void CaseCompiler::read_row_share(const YamlNode& settings) {
    Parameters& parameters = case_.parameters;
    const YamlNode* share = settings.find("share");
    parameters.share = read_choice(share, "share", kShares, mistakes_).value_or(RowShare::Case);
    const bool has_unique = std::any_of(
        parameters.sources.begin(), parameters.sources.end(),
        [](const ParameterSource& source) { return source.order == PickOrder::Unique; });
    if (parameters.share != RowShare::Case && has_unique) {
        mistakes_.add(*share, "unique rows go out once in the whole fleet, whoever shares them",
                      "leave out 'share', or the order 'unique'");
    }
    if (parameters.share == RowShare::User) {
        parameters.walked = scope_.define_hidden();
    }
}

void CaseCompiler::read_parameter_strategy(const YamlNode& key, const YamlNode& node) {
    std::vector<ParameterSource>& sources = case_.parameters.sources;
    const auto source =
        std::find_if(sources.begin(), sources.end(),
                     [&key](const ParameterSource& one) { return one.key == key.text; });
    if (source == sources.end()) {
        std::vector<std::string_view> known;
        for (const ParameterSource& one : sources) {
            known.push_back(one.key);
        }
        if (mistakes_.count() == 0) {
            mistakes_.add(key, fmt::format("no parameters are named '{}'", key.text),
                          base::did_you_mean(key.text, known));
        }
        return;
    }
    if (!check_map(node, "the strategy", {kStrategyKeys, {}}, mistakes_)) {
        return;
    }
    const auto order = read_choice(node.find("pick_order"), "pick_order", kOrders, mistakes_);
    if (order && *order != PickOrder::Unique && source->order == PickOrder::Unique) {
        source->split = ParameterSource::Split::Whole;
    }
    set_order(*source, order);
    const std::optional<AtEnd> at_end = read_end(node, mistakes_);
    if (at_end && source->order == PickOrder::Sequential) {
        case_.parameters.at_end = *at_end;
    }
    source->at_end = at_end.value_or(source->at_end);
    set_split(*source, node, mistakes_);
    if (const auto limit = read_limit(node, mistakes_)) {
        source->keep_first(*limit);
    }
}

void ParameterSource::keep_first(std::int64_t rows) {
    const std::int64_t kept = std::min(rows, row_count());
    if (large != nullptr) {
        large_rows = kept;
    } else {
        cells.resize(static_cast<std::size_t>(kept) * slots.size());
    }
}

void ParameterSource::copy_row(std::int64_t row, std::vector<expr::Value>& to) const {
    const auto index = static_cast<std::size_t>(row);
    if (large == nullptr) {
        for (std::size_t column = 0; column < slots.size(); ++column) {
            to[static_cast<std::size_t>(slots[column])] = cells[index * slots.size() + column];
        }
        return;
    }
    thread_local std::vector<std::string> fields;  // keeps its memory from row to row
    large->read(index, fields);
    for (std::size_t column = 0; column < slots.size(); ++column) {
        to[static_cast<std::size_t>(slots[column])] = expr::Value(fields[columns[column]]);
    }
}

}  // namespace boom::plan
