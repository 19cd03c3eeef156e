// `workers: auto`, a list of ids, {only: …} or {ratio: {…}} as one text for load.
#include "plan/reader.hpp"

#include <fmt/format.h>

namespace boom::plan {
namespace {

std::string names_text(const YamlNode& node, Mistakes& mistakes) {
    if (!node.is_list()) {
        return read_text(&node, "only", mistakes).value_or("");
    }
    std::string text;
    for (const YamlNode& item : node.items) {
        text += (text.empty() ? "" : ",") + read_text(&item, "workers", mistakes).value_or("");
    }
    return text;
}

}  // namespace

std::string worker_choice_text(const YamlNode& node, Mistakes& mistakes) {
    if (node.is_list()) {
        return "only=" + names_text(node, mistakes);
    }
    if (!node.is_map()) {
        return read_text(&node, "workers", mistakes).value_or("");
    }
    const YamlNode* only = node.find("only");
    const YamlNode* ratio = node.find("ratio");
    if (node.keys.size() != 1 || (only == nullptr && ratio == nullptr)) {
        mistakes.add(node, "'workers' must be auto, a list of ids, {only: …} or {ratio: {…}}");
        return {};
    }
    if (only != nullptr) {
        return "only=" + names_text(*only, mistakes);
    }
    std::string text = "ratio=";
    if (is_map(ratio, "ratio", mistakes)) {
        for (std::size_t i = 0; i < ratio->keys.size(); ++i) {
            text += fmt::format("{}{}:{}", i == 0 ? "" : ",", ratio->keys[i].text,
                                read_text(&ratio->items[i], "ratio", mistakes).value_or(""));
        }
    }
    return text;
}

}  // namespace boom::plan
