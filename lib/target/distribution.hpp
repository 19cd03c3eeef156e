#pragma once
// Delays drawn at random from a law with a name, so that what a load generator measures can be
// compared with it. A value; one thread.

#include "base/rng.hpp"
#include "base/units.hpp"

#include <optional>
#include <string_view>

namespace boom::target {

class Distribution {
public:
    static constexpr base::Duration kMaxDelay = std::chrono::hours(1);

    // "fixed:20ms", "uniform:10ms,50ms", "exponential:20ms" (mean), "normal:20ms,5ms" (mean and
    // deviation, never below 0), "lognormal:20ms,0.5" (median and deviation of the logarithm),
    // "pareto:10ms,2" (least and exponent), "two:10ms,200ms,0.05" (the second with that share).
    [[nodiscard]] static std::optional<Distribution> parse(std::string_view text);

    // At most kMaxDelay.
    [[nodiscard]] base::Duration draw(base::Rng& rng) const;

private:
    enum class Law { Fixed, Uniform, Exponential, Normal, LogNormal, Pareto, Two };
    [[nodiscard]] double draw_seconds(base::Rng& rng) const;

    Law law_ = Law::Fixed;
    double first_s_ = 0;
    double second_ = 0;  // seconds or a shape, as the law says
    double share_ = 0;
};

}  // namespace boom::target
