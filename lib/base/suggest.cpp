#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace boom::base {
namespace {

// Insertions, deletions, substitutions and swaps of neighbours, each 1 (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitute = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitute});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}

// How many letters of one are in the other too, each counted as often as it is in both.
std::size_t shared_letters(std::string_view a, std::string_view b) {
    std::string rest(b);
    return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&rest](char c) {
        const std::size_t at = rest.find(c);
        if (at == std::string::npos) {
            return false;
        }
        rest.erase(at, 1);
        return true;
    }));
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    std::size_t best_shared = 0;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(name, candidate);
        const std::size_t shared = shared_letters(name, candidate);
        const bool is_nearer = distance < best_distance ||
                               (!best.empty() && distance == best_distance && shared > best_shared);
        if (is_nearer && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
            best_shared = shared;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known) {
    const std::string_view best = nearest_name(name, known);
    return best.empty() ? std::string() : fmt::format("did you mean '{}'?", best);
}

}  // namespace boom::base
