#include "base/duration.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace boom::base {
namespace {

struct Unit {
    std::string_view name;
    double ns;
};
// Longest first per initial letter: "ms" must be tried before "m".
constexpr std::array<Unit, 7> kUnits{{{"ms", 1e6},
                                      {"us", 1e3},
                                      {"ns", 1.0},
                                      {"h", 3600e9},
                                      {"m", 60e9},
                                      {"s", 1e9},
                                      {"d", 86400e9}}};
constexpr double kMaxNs = 10.0 * 365 * 86400 * 1e9;

const Unit* match_unit(std::string_view text) {
    for (const Unit& unit : kUnits) {
        if (text.substr(0, unit.name.size()) == unit.name) {
            return &unit;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    text = trim(text);
    if (text.empty()) {
        return std::nullopt;
    }
    double total_ns = 0;
    bool has_unit = false;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                  std::chars_format::fixed);
        if (error != std::errc{} || !std::isfinite(number) || number < 0 || std::signbit(number)) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const Unit* unit = match_unit(text);
        if (unit == nullptr) {
            // A bare number is seconds, but only when it stands alone.
            if (!text.empty() || has_unit) {
                return std::nullopt;
            }
            total_ns = number * 1e9;
            break;
        }
        text.remove_prefix(unit->name.size());
        has_unit = true;
        total_ns += number * unit->ns;
    }
    if (total_ns > kMaxNs) {
        return std::nullopt;
    }
    return Duration(std::llround(total_ns));
}

std::string format_duration(Duration d) {
    std::int64_t ns = d.count();
    if (ns == 0) {
        return "0s";
    }
    std::string text;
    const auto take = [&](std::int64_t size, std::string_view name) {
        if (ns >= size) {
            text += fmt::format("{}{}", ns / size, name);
            ns %= size;
        }
    };
    take(3'600'000'000'000, "h");
    take(60'000'000'000, "m");
    take(1'000'000'000, "s");
    take(1'000'000, "ms");
    take(1'000, "us");
    take(1, "ns");
    return text;
}

}  // namespace boom::base
