#include "web/assets.hpp"

#include "page/assets.hpp"

#include <algorithm>

namespace boom::web {

const Asset* find_asset(std::string_view name) {
    const auto* found = std::find_if(page::kAssets.begin(), page::kAssets.end(),
                                     [&](const Asset& asset) { return asset.name == name; });
    return found == page::kAssets.end() ? nullptr : found;
}

}  // namespace boom::web
