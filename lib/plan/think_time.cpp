#include "base/suggest.hpp"
#include "plan/case_compiler.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace boom::plan {
namespace {

constexpr std::array<std::string_view, 3> kKeys = {"strategy", "setting", "limit"};
constexpr std::array<std::string_view, 2> kRangeKeys = {"min_percentage", "max_percentage"};
constexpr std::array<std::string_view, 4> kStrategies = {"default", "random_percentage", "multiply",
                                                         "ignore"};
constexpr double kDefaultMinRatio = 0.5;
constexpr double kDefaultMaxRatio = 1.5;

void read_range(const YamlNode* setting, ThinkTime& think_time, Mistakes& mistakes) {
    think_time.min_ratio = kDefaultMinRatio;
    think_time.max_ratio = kDefaultMaxRatio;
    if (setting == nullptr || !check_map(*setting, "setting", {kRangeKeys, {}}, mistakes)) {
        return;
    }
    think_time.min_ratio = read_number(setting->find("min_percentage"), "min_percentage", mistakes)
                               .value_or(kDefaultMinRatio);
    think_time.max_ratio = read_number(setting->find("max_percentage"), "max_percentage", mistakes)
                               .value_or(kDefaultMaxRatio);
    if (think_time.min_ratio < 0 || think_time.min_ratio > think_time.max_ratio) {
        mistakes.add(*setting, "'min_percentage' must be between 0 and 'max_percentage'");
    }
}

}  // namespace

ThinkTime read_think_strategy(const YamlNode& node, Mistakes& mistakes) {
    ThinkTime think_time;
    if (!check_map(node, "think_time", {kKeys, {}}, mistakes)) {
        return think_time;
    }
    const YamlNode* setting = node.find("setting");
    const std::string strategy =
        read_text(node.find("strategy"), "strategy", mistakes).value_or("default");
    if (strategy == "random_percentage") {
        think_time.strategy = ThinkStrategy::RandomPercentage;
        read_range(setting, think_time, mistakes);
    } else if (strategy == "multiply") {
        think_time.strategy = ThinkStrategy::Multiply;
        const double factor = read_number(setting, "setting", mistakes).value_or(1);
        think_time.min_ratio = factor > 0 ? factor : 1;
        think_time.max_ratio = think_time.min_ratio;
    } else if (strategy == "ignore") {
        think_time.strategy = ThinkStrategy::Ignore;
    } else if (strategy != "default") {
        mistakes.add(*node.find("strategy"), fmt::format("unknown strategy '{}'", strategy),
                     base::did_you_mean(strategy, kStrategies));
    }
    think_time.limit = read_duration(node.find("limit"), "limit", mistakes);
    if (think_time.limit == base::Duration::zero()) {
        think_time.limit.reset();
    }
    return think_time;
}

}  // namespace boom::plan
