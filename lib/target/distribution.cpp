#include "target/distribution.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace boom::target {
namespace {

// Uniform in (0, 1]: safe for a logarithm.
double positive_unit(base::Rng& rng) {
    return 1 - rng.unit();
}

double standard_normal(base::Rng& rng) {
    const double radius = std::sqrt(-2 * std::log(positive_unit(rng)));
    return radius * std::cos(2 * std::numbers::pi * rng.unit());
}

std::optional<double> seconds(std::string_view text) {
    const auto duration = base::parse_duration(text);
    return duration ? std::optional(base::to_seconds(*duration)) : std::nullopt;
}

}  // namespace

std::optional<Distribution> Distribution::parse(std::string_view text) {
    // What follows the name: durations ('d') and plain numbers ('n').
    struct Row {
        std::string_view name;
        Law law;
        std::string_view arguments;
    };
    constexpr std::array<Row, 7> kRows{{{"fixed", Law::Fixed, "d"},
                                        {"uniform", Law::Uniform, "dd"},
                                        {"exponential", Law::Exponential, "d"},
                                        {"normal", Law::Normal, "dd"},
                                        {"lognormal", Law::LogNormal, "dn"},
                                        {"pareto", Law::Pareto, "dn"},
                                        {"two", Law::Two, "ddn"}}};
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto* const row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& candidate) {
        return candidate.name == text.substr(0, colon);
    });
    if (row == kRows.end() || colon == text.size()) {
        return std::nullopt;
    }
    const auto words = base::split_text(text.substr(colon + 1), ',');
    if (words.size() != row->arguments.size()) {
        return std::nullopt;
    }
    Distribution result;
    result.law_ = row->law;
    const std::array<double*, 3> places{&result.first_s_, &result.second_, &result.share_};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto value =
            row->arguments[i] == 'd' ? seconds(words[i]) : base::parse_real(words[i]);
        if (!value || !(*value >= 0)) {
            return std::nullopt;
        }
        *places[i] = *value;
    }
    const bool is_sound = (result.law_ != Law::Uniform || result.second_ >= result.first_s_) &&
                          (result.law_ != Law::Pareto || result.second_ > 0) && result.share_ <= 1;
    return is_sound ? std::optional(result) : std::nullopt;
}

double Distribution::draw_seconds(base::Rng& rng) const {
    switch (law_) {
        case Law::Fixed:
            return first_s_;
        case Law::Uniform:
            return first_s_ + (second_ - first_s_) * rng.unit();
        case Law::Exponential:
            return -first_s_ * std::log(positive_unit(rng));
        case Law::Normal:
            return std::max(0.0, first_s_ + second_ * standard_normal(rng));
        case Law::LogNormal:
            return first_s_ * std::exp(second_ * standard_normal(rng));
        case Law::Pareto:
            return first_s_ * std::pow(positive_unit(rng), -1 / second_);
        case Law::Two:
            return rng.unit() < share_ ? second_ : first_s_;
    }
    return 0;
}

base::Duration Distribution::draw(base::Rng& rng) const {
    return base::from_seconds(std::min(draw_seconds(rng), base::to_seconds(kMaxDelay)));
}

}  // namespace boom::target
